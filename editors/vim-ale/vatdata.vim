" Tells ALE of the server of vatdata. Put this file into ~/.vim/after/plugin/, where it is read after ALE.

function! s:Root(buffer) abort
  for l:name in ['vatdata-lint.toml', 'pyproject.toml', 'kinds.lock']
    let l:found = ale#path#FindNearestFile(a:buffer, l:name)
    if !empty(l:found)
      return fnamemodify(l:found, ':h')
    endif
  endfor
  return fnamemodify(bufname(a:buffer), ':p:h')
endfunction

call ale#Set('python_vatdata_executable', 'vatdata-lsp')
call ale#linter#Define('python', {
\   'name': 'vatdata',
\   'lsp': 'stdio',
\   'executable': {buffer -> ale#Var(buffer, 'python_vatdata_executable')},
\   'command': '%e',
\   'project_root': function('s:Root'),
\})
