-- ARGV: scope or *, owner or "". {name, record, version, digests} of each, oldest first.
local found = {}
local function add(name)
  local record = call('HGET', k('t'), name)
  if record then found[#found + 1] = {name, record, call('HGET', k('tv'), name), call('HGET', k('ti'), name) or ''} end
end
if ARGV[2] ~= '' then
  for _, id in ipairs(call('SMEMBERS', sk(ARGV[1], 'own|' .. ARGV[2]))) do add(ARGV[1] .. '|' .. id) end
  return found
end
for _, name in ipairs(call('ZRANGE', k('tz'), 0, -1)) do
  if ARGV[1] == '*' or string.sub(name, 1, #ARGV[1] + 1) == ARGV[1] .. '|' then add(name) end
end
return found
