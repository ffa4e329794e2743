-- ARGV: scope, latency as JSON.
touch(ARGV[1])
call('HSET', sk(ARGV[1], 'c'), 'latency', ARGV[2])
return 1
