-- ARGV: scope, key, ticket.
return call('SREM', sk(ARGV[1], 't|' .. ARGV[2]), ARGV[3])
