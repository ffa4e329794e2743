-- ARGV: scope, request. The turn of a replayed request, from 0.
touch(ARGV[1])
return call('HINCRBY', sk(ARGV[1], 'turns'), ARGV[2], 1) - 1
