-- ARGV: scope, id, arrival, closing, attempt, the attempt's JSON. Completes a call; one of that id after a reset stays.
local meta = call('HGET', k('jm'), ARGV[2])
if not meta or string.match(meta, '^(.-)\n') ~= ARGV[3] then return 0 end
call('HSET', k('jc'), ARGV[2], ARGV[4])
local attempt = ARGV[1] .. '|' .. ARGV[5]
local last = call('HGET', k('at'), attempt)
if last and string.match(last, '^(.-)\n') == ARGV[3] then
  call('HSET', k('at'), attempt, ARGV[3] .. '\n' .. ARGV[6])
end
-- The client retried before this end was written: the retry is told it now, marked as told late.
local later = call('HGET', k('jl'), ARGV[3])
if later then
  call('HDEL', k('jl'), ARGV[3])
  if call('HEXISTS', k('jr'), later) == 1 then
    call('HSET', k('jr'), later, ARGV[3] .. '\n' .. string.sub(ARGV[6], 1, -2) .. ',true]')
  end
end
return 1
