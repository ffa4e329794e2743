-- ARGV: scopes. How many calls of each are kept.
local found = {}
for _, scope in ipairs(ARGV) do found[#found + 1] = call('ZCARD', sk(scope, 'jz')) end
return found
