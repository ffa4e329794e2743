-- ARGV: scope or *.
local every = ARGV[1] == '*'
for _, id in ipairs(every and call('ZRANGE', k('pz'), 0, -1) or call('SMEMBERS', sk(ARGV[1], 'p'))) do
  drop_picture(id)
  call('HDEL', k('pr'), id)
end
for _, id in ipairs(call('ZRANGE', k('pez'), 0, -1)) do
  if every or call('HGET', k('pe'), id) == ARGV[1] then
    call('HDEL', k('pe'), id)
    call('HDEL', k('pr'), id)
    call('ZREM', k('pez'), id)
  end
end
return 1
