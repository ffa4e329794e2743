-- ARGV: scope. {revision, {id, record, skipped, position, rounds, fired}...}.
local scope = ARGV[1]
local found = {call('HGET', sk(scope, 'c'), 'rev') or '0'}
for _, id in ipairs(call('ZRANGE', sk(scope, 'order'), 0, -1)) do
  local n = call('HMGET', sk(scope, 'n'), id .. ':s', id .. ':p', id .. ':r', id .. ':f')
  found[#found + 1] = {id, call('HGET', sk(scope, 'rules'), id), n[1] or '0', n[2] or '0', n[3] or '0', n[4] or '0'}
end
return found
