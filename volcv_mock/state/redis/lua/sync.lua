-- ARGV: scope.
return mirror(ARGV[1])
