-- nvim --headless -l session.lua BANK REPORT: open the file, look at the finding, apply the quick fix, write what was seen.
local bank, report = arg[1], arg[2]
local seen = { version = tostring(vim.version()) }

local function save_and_quit()
  vim.fn.writefile({ vim.json.encode(seen) }, report)
  vim.cmd('qall!')
end

local function wait(what, condition)
  if not vim.wait(30000, condition, 20) then
    seen.error = 'waited in vain for ' .. what
    save_and_quit()
  end
end

vim.lsp.enable('vatdata')
vim.cmd('filetype plugin on')
vim.cmd.edit(bank)
local buffer = vim.api.nvim_get_current_buf()
wait('the finding', function() return #vim.diagnostic.get(buffer) > 0 end)
seen.diagnostics = vim.tbl_map(function(d)
  return { lnum = d.lnum, col = d.col, end_lnum = d.end_lnum, end_col = d.end_col, code = d.code, severity = d.severity, source = d.source }
end, vim.diagnostic.get(buffer))

local client = vim.lsp.get_clients({ bufnr = buffer, name = 'vatdata' })[1]
seen.root = client.root_dir
seen.pulls = client:supports_method('textDocument/diagnostic')

local place = seen.diagnostics[1]
vim.api.nvim_win_set_cursor(0, { place.lnum + 1, place.col })
local hover = vim.lsp.buf_request_sync(buffer, 'textDocument/hover', vim.lsp.util.make_position_params(0, client.offset_encoding), 30000)
seen.hover = hover[client.id].result.contents.value
vim.lsp.codelens.refresh({ bufnr = buffer })
wait('a lens', function() return #vim.lsp.codelens.get(buffer) > 0 end)
seen.lenses = vim.tbl_map(function(lens) return lens.command and lens.command.title end, vim.lsp.codelens.get(buffer))

-- As a user does: vim.lsp.buf.code_action, and a choice from the list.
vim.ui.select = function(items, options, choose)
  local titles = vim.tbl_map(options.format_item or tostring, items)
  seen.offered = titles
  for index, title in ipairs(titles) do
    if title:find('Move it above', 1, true) then
      return choose(items[index], index)
    end
  end
  choose(nil)
end
vim.lsp.buf.code_action()
wait('the finding to go', function() return #vim.diagnostic.get(buffer) == 0 end)
seen.after = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
save_and_quit()
