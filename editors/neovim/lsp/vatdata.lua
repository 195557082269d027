-- Neovim 0.11 or newer: a file lsp/vatdata.lua on the runtime path, switched on by vim.lsp.enable('vatdata').

---@type vim.lsp.Config
return {
  cmd = { 'vatdata-lsp' },
  filetypes = { 'python' },
  root_markers = { 'vatdata-lint.toml', 'pyproject.toml', 'kinds.lock', '.git' },
  -- Sent when the server asks; docs/lsp.md lists them.
  settings = { vatdata = vim.empty_dict() },
}
