-- ARGV: process, seconds after which a silent process counts as dead, "1" at its end. Takes over the callbacks of dead
-- processes; gives the names of their tasks.
local now = tonumber(call('TIME')[1])
if ARGV[3] == '1' then
  call('ZREM', k('replicas'), ARGV[1])
else
  call('ZADD', k('replicas'), now, ARGV[1])
end
local since = now - tonumber(ARGV[2])
call('ZREMRANGEBYSCORE', k('replicas'), '-inf', since - 60)
local taken = {}
if ARGV[3] ~= '1' and call('EXISTS', k('cb')) == 1 then
  local waiting = call('HGETALL', k('cb'))
  for i = 1, #waiting, 2 do
    local seen = call('ZSCORE', k('replicas'), waiting[i + 1])
    if waiting[i + 1] ~= ARGV[1] and (not seen or tonumber(seen) < since) then
      call('HSET', k('cb'), waiting[i], ARGV[1])
      taken[#taken + 1] = waiting[i]
    end
  end
end
return taken
