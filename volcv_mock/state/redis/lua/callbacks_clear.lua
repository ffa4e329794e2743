-- ARGV: scope or *. A callback is kept as "scope\nJSON".
if ARGV[1] == '*' then return call('DEL', k('cbj')) end
local kept = {}
for _, each in ipairs(call('LRANGE', k('cbj'), 0, -1)) do
  if string.sub(each, 1, #ARGV[1] + 1) ~= ARGV[1] .. '\n' then kept[#kept + 1] = each end
end
call('DEL', k('cbj'))
for _, each in ipairs(kept) do call('RPUSH', k('cbj'), each) end
return 1
