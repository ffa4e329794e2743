-- ARGV: scope.
touch(ARGV[1])
clear_rules(ARGV[1])
return 1
