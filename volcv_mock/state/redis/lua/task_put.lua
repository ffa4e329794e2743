-- ARGV: name, version that was read, record, "1" to drop its inputs, channel. 0 when another process was faster.
if call('HGET', k('tv'), ARGV[1]) ~= ARGV[2] then return 0 end
call('HSET', k('t'), ARGV[1], ARGV[3])
call('HINCRBY', k('tv'), ARGV[1], 1)
if ARGV[4] == '1' then release_inputs(ARGV[1]) end
call('PUBLISH', ARGV[5], 'task\n' .. ARGV[1])
return 1
