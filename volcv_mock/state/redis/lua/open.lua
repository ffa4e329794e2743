-- ARGV: scope, id, arrival, packed entry, size, attempt, the attempt's JSON, budget, attempts kept, then (name, JPEG or
-- "") of each thumbnail. Returns the names whose JPEG is missing.
local scope, id, arrival, size = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[5])
drop_call(id)
local seq = call('INCR', k('jseq'))
local names, missing = {}, {}
for i = 10, #ARGV, 2 do
  local name, jpeg = ARGV[i], ARGV[i + 1]
  names[#names + 1] = name
  if call('HINCRBY', k('thn'), name, 1) == 1 then
    if jpeg == '' then
      missing[#missing + 1] = name
    else
      call('HSET', k('th'), name, jpeg)
      call('HINCRBY', k('jn'), 'bytes', #jpeg)
    end
  end
end
call('HSET', k('j'), id, ARGV[4])
call('HSET', k('jm'), id, arrival .. '\n' .. size .. '\n' .. scope .. '\n' .. table.concat(names, ','))
call('ZADD', k('jz'), seq, id)
call('ZADD', sk(scope, 'jz'), seq, id)
local attempt = scope .. '|' .. ARGV[6]
local before = call('HGET', k('at'), attempt) or ''
if before ~= '' then
  call('HSET', k('jr'), id, before)
  if string.sub(before, -5) == 'null]' then call('HSET', k('jl'), string.match(before, '^(.-)\n'), id) end
end
call('HSET', k('at'), attempt, arrival .. '\n' .. ARGV[7])
call('ZADD', k('atz'), seq, attempt)
if call('ZCARD', k('atz')) > tonumber(ARGV[9]) then
  call('HDEL', k('at'), call('ZPOPMIN', k('atz'))[1])
end
local held, budget = call('HINCRBY', k('jn'), 'bytes', size), tonumber(ARGV[8])
while held > budget do
  local oldest = call('ZRANGE', k('jz'), 0, 0)[1]
  if not oldest then break end
  drop_call(oldest)
  call('HINCRBY', k('jn'), 'evicted', 1)
  held = tonumber(call('HGET', k('jn'), 'bytes'))
end
return missing
