-- ARGV: scope, text, spec, most rules. {id, number among equal rules, revision}, or {"", how many there are, 0}.
local scope = ARGV[1]
touch(scope)
local kept = call('HLEN', sk(scope, 'rules'))
if kept >= tonumber(ARGV[4]) then return {'', kept, 0} end
local added = add_rule(scope, ARGV[2], ARGV[3], '0')
added[3] = changed(scope)
return added
