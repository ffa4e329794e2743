-- ARGV: scope, owner, ids of tasks that have ended: they need not be looked at again.
for i = 3, #ARGV do call('SREM', sk(ARGV[1], 'own|' .. ARGV[2]), ARGV[i]) end
return 1
