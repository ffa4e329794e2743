-- ARGV: scope, most rules, then (text, spec) of each rule. {revision, how many there were, then (id, number among equal
-- rules) of each}; of none when there is no room for all.
local scope = ARGV[1]
touch(scope)
local kept = call('HLEN', sk(scope, 'rules'))
local found = {0, kept}
if kept + (#ARGV - 2) / 2 > tonumber(ARGV[2]) then return found end
for i = 3, #ARGV, 2 do
  local added = add_rule(scope, ARGV[i], ARGV[i + 1], '0')
  found[#found + 1] = added[1]
  found[#found + 1] = added[2]
end
found[1] = changed(scope)
return found
