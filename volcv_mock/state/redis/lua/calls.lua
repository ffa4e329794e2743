-- ARGV: scope or *, first and last rank from the newest. {packed, closing, attempt before, meta} of each, newest first.
local z = ARGV[1] == '*' and k('jz') or sk(ARGV[1], 'jz')
local found = {}
for _, id in ipairs(call('ZREVRANGE', z, ARGV[2], ARGV[3])) do
  local meta = call('HGET', k('jm'), id) or ''
  found[#found + 1] = {call('HGET', k('j'), id) or '', call('HGET', k('jc'), id) or '', call('HGET', k('jr'), id) or '', meta}
end
return found
