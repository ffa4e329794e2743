-- ARGV: scope, id. The revision, 0 when there is no such rule.
if remove_rule(ARGV[1], ARGV[2]) == 0 then return 0 end
return changed(ARGV[1])
