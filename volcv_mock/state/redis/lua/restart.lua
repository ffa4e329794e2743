-- ARGV: scope, channel. Every counter at zero, the clock at real time, no rules, no latency of its own.
local scope = ARGV[1]
local c = sk(scope, 'c')
touch(scope)
call('HDEL', c, 'calls', 'latency', 'file')
call('HSET', c, 'era', call('INCR', k('eras')), 'offset', '0', 'frozen', '')
call('DEL', sk(scope, 'turns'))
clear_rules(scope)
local told = {'clock', scope, call('HINCRBY', c, 'moves', 1), '0', ''}
call('PUBLISH', ARGV[2], table.concat(told, '\n'))
return mirror(scope)
