-- ARGV: scope, id, arrival, closing, attempt, the attempt's JSON. Completes a call; one of that id after a reset stays.
local meta = call('HGET', k('jm'), ARGV[2])
if not meta or string.match(meta, '^(.-)\n') ~= ARGV[3] then return 0 end
call('HSET', k('jc'), ARGV[2], ARGV[4])
local attempt = ARGV[1] .. '|' .. ARGV[5]
local last = call('HGET', k('at'), attempt)
if last and string.match(last, '^(.-)\n') == ARGV[3] then
  call('HSET', k('at'), attempt, ARGV[3] .. '\n' .. ARGV[6])
end
return 1
