-- ARGV: scope, digest, requests remembered, scopes kept. Counts a call.
local scope, digest = ARGV[1], ARGV[2]
local c, tick = sk(scope, 'c'), touch(scope)
local number = call('HINCRBY', c, 'calls', 1)
local era = call('HGET', c, 'era')
if not era then
  era = call('INCR', k('eras'))
  call('HSET', c, 'era', era)
end
local name = era .. '|' .. digest
local before = call('HINCRBY', k('occ'), name, 1) - 1
call('ZADD', k('occz'), tick, name)
local over = call('ZCARD', k('occz')) - tonumber(ARGV[3])
while over > 0 do
  call('HDEL', k('occ'), call('ZPOPMIN', k('occz'))[1])
  over = over - 1
end
if call('ZCARD', k('scopes')) > tonumber(ARGV[4]) then
  for _, idle in ipairs(call('ZRANGE', k('scopes'), 0, 1)) do
    if idle ~= 'default' and idle ~= scope then
      call('ZREM', k('scopes'), idle)
      call('DEL', sk(idle, 'c'), sk(idle, 'rules'), sk(idle, 'order'), sk(idle, 'n'), sk(idle, 'twins'), sk(idle, 'turns'))
      break
    end
  end
end
local found = mirror(scope)
found[7], found[8] = number, before
return found
