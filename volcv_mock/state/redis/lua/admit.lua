-- ARGV: scope, key, arrived, now, requests of the window or '', window in seconds, slots or '', unfinished tasks,
-- ticket, how long a silent process keeps its slots. {verdict, requests in the window, in flight}.
local scope, key = ARGV[1], ARGV[2]
local arrived, now, window = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[6])
local limit, slots, unfinished = tonumber(ARGV[5]), tonumber(ARGV[7]), tonumber(ARGV[8])
local w = sk(scope, 'w|' .. (call('HGET', sk(scope, 'c'), 'era') or '') .. '|' .. key)
local t = sk(scope, 't|' .. key)

local last = call('ZREVRANGE', w, 0, 0, 'WITHSCORES')[2]
if last and tonumber(last) > now then  -- the clock was set back
  call('DEL', w)
  last = nil
end
local counted = last and math.max(arrived, tonumber(last)) or arrived
call('ZREMRANGEBYSCORE', w, '-inf', exact(counted - window))
local requests, flying = call('ZCARD', w), call('SCARD', t) + unfinished

if limit and requests >= limit then return {'rate', requests, flying} end
if slots and flying >= slots then  -- slots of processes that have died are free
  local time = call('TIME')
  local since = tonumber(time[1]) - tonumber(ARGV[10])
  for _, ticket in ipairs(call('SMEMBERS', t)) do
    local seen = call('ZSCORE', k('replicas'), string.match(ticket, '^[^:]*'))
    if not seen or tonumber(seen) < since then call('SREM', t, ticket) end
  end
  flying = call('SCARD', t) + unfinished
  if flying >= slots then return {'concurrency', requests, flying} end
end
if slots then call('SADD', t, ARGV[9]) end
if limit then
  call('ZADD', w, exact(counted), ARGV[9])
  call('EXPIRE', w, 3600)
end
return {'', requests, flying}
