-- ARGV: scope, act, value or '', real time, channel. Moves a clock and tells every process.
local scope, act, value, real = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local c = sk(scope, 'c')
local f = call('HMGET', c, 'offset', 'frozen')
local offset, frozen = tonumber(f[1] or '0'), tonumber(f[2] or '')
local now = frozen or real + offset
local function jump(seconds)
  if frozen then frozen = frozen + seconds else offset = offset + seconds end
end
if act == 'freeze' then frozen = value or now
elseif act == 'resume' then
  if frozen then offset, frozen = frozen - real, nil end
elseif act == 'advance' then jump(value)
elseif act == 'move_to' then jump(math.max(0, value - now))
else offset, frozen = 0, nil end
touch(scope)
local moves = call('HINCRBY', c, 'moves', 1)
call('HSET', c, 'offset', exact(offset), 'frozen', frozen and exact(frozen) or '')
local told = {'clock', scope, moves, exact(offset), frozen and exact(frozen) or ''}
call('PUBLISH', ARGV[5], table.concat(told, '\n'))
return told
