-- Neovim (0.7 and later) as a client, set up as docs/editors.md says: opens FILE and uses each feature.
local file = os.getenv('FILE')
local failed = 0

local function check(name, holds, shown)
  if not holds then failed = failed + 1 end
  io.stdout:write(string.format('%s %s %s\n', holds and 'ok' or 'FAILED', name, holds and '' or vim.inspect(shown)))
end

local function within(condition) return vim.wait(60000, condition, 20) end

vim.cmd('edit ' .. vim.fn.fnameescape(file))
vim.bo.filetype = 'python'
local buffer = vim.api.nvim_get_current_buf()
local clients = vim.lsp.get_clients or vim.lsp.get_active_clients
check('it is started', within(function() return #clients() == 1 end))
local client = clients()[1]
local id = client.id
check('initialize', within(function() return client.initialized end))

local function request(method, params)
  params.textDocument = { uri = vim.uri_from_bufnr(buffer) }
  local answers, why = vim.lsp.buf_request_sync(buffer, method, params, 60000)
  local answer = answers and answers[id]
  return answer and answer.result, answer and answer.err or why
end

-- Neovim 0.7 keeps no codes of diagnostics, so they are told by their text.
local function said(words)
  for _, item in ipairs(vim.diagnostic.get(buffer)) do
    if item.message:find(words, 1, true) then return item end
  end
end

check('diagnostics', within(function() return said('torch.qr') end), vim.diagnostic.get(buffer))
local finding = said('torch.qr') or {}
check('their columns, after an emoji', finding.lnum == 4 and finding.col == 23, finding)

local hover = request('textDocument/hover', { position = { line = 8, character = 18 } })
check('hover', hover and hover.contents.value:find('tf.reduce_sum', 1, true), hover)

local range = { start = { line = 4, character = 23 }, ['end'] = { line = 4, character = 23 } }
local actions = request('textDocument/codeAction', { range = range, context = { diagnostics = {} } })
local fix
for _, action in ipairs(actions or {}) do
  if action.kind == 'quickfix' and action.edit then fix = fix or action end
end
check('a quick fix', fix ~= nil, actions)
if fix then vim.lsp.util.apply_workspace_edit(fix.edit, client.offset_encoding) end
local line = vim.api.nvim_buf_get_lines(buffer, 4, 5, false)[1]
check('the fix in the buffer', line == '    s = "😋"; return torch.linalg.qr(a)', line)
check('no diagnostics after it', within(function() return not said('torch.qr') end), vim.diagnostic.get(buffer))

local lenses = request('textDocument/codeLens', {})
check('lenses', lenses and #lenses > 0, lenses)
local whole = { start = { line = 0, character = 0 }, ['end'] = { line = 12, character = 0 } }
local hints = request('textDocument/inlayHint', { range = whole })
check('hints', hints and hints[1] and hints[1].label:find('float32', 1, true), hints)

vim.cmd('DiptychTwin')
local function shown() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') end
check('the twin beside it', within(function() return shown():find('tf.reduce_sum', 1, true) end), shown())

client.stop()
check('a clean end', within(function() return client.is_stopped() end))
vim.cmd(failed == 0 and 'qall!' or 'cquit!')
