-- ARGV: name, JPEG. For a thumbnail that this process thought was kept.
if call('HEXISTS', k('thn'), ARGV[1]) == 0 or call('HEXISTS', k('th'), ARGV[1]) == 1 then return 0 end
call('HSET', k('th'), ARGV[1], ARGV[2])
return call('HINCRBY', k('jn'), 'bytes', #ARGV[2])
