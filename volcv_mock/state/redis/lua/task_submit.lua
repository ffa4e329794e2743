-- ARGV: scope, id, record, owner, budget, most tasks, process or "" without a callback, then (digest, bytes) of each
-- input. 0 when there is no room.
local name = ARGV[1] .. '|' .. ARGV[2]
local digests, added, seen = {}, 0, {}
for i = 8, #ARGV, 2 do
  digests[#digests + 1] = ARGV[i]
  if not seen[ARGV[i]] and call('HEXISTS', k('tbn'), ARGV[i]) == 0 then added = added + #ARGV[i + 1] end
  seen[ARGV[i]] = true
end
if tonumber(call('HGET', k('tn'), 'bytes') or '0') + added > tonumber(ARGV[5]) then return 0 end
if call('ZCARD', k('tz')) >= tonumber(ARGV[6]) then return 0 end
for i = 8, #ARGV, 2 do
  if call('HINCRBY', k('tbn'), ARGV[i], 1) == 1 then call('HSET', k('tb'), ARGV[i], ARGV[i + 1]) end
end
call('HINCRBY', k('tn'), 'bytes', added)
call('HSET', k('t'), name, ARGV[3])
call('HSET', k('tv'), name, 1)
if #digests > 0 then call('HSET', k('ti'), name, table.concat(digests, ',')) end
call('ZADD', k('tz'), call('INCR', k('tseq')), name)
call('SADD', sk(ARGV[1], 'own|' .. ARGV[4]), ARGV[2])
if ARGV[7] ~= '' then call('HSET', k('cb'), name, ARGV[7]) end
return 1
