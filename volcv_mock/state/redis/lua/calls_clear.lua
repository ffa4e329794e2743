-- ARGV: scope or *. How many calls were removed.
local every = ARGV[1] == '*'
local removed = 0
for _, id in ipairs(call('ZRANGE', every and k('jz') or sk(ARGV[1], 'jz'), 0, -1)) do removed = removed + drop_call(id) end
for _, attempt in ipairs(call('ZRANGE', k('atz'), 0, -1)) do
  if every or string.sub(attempt, 1, #ARGV[1] + 1) == ARGV[1] .. '|' then
    call('HDEL', k('at'), attempt)
    call('ZREM', k('atz'), attempt)
  end
end
return removed
