-- ARGV: scope, digest of the file, most rules, then (text, spec) of each rule. Once per content, not once per process.
local scope, c = ARGV[1], sk(ARGV[1], 'c')
if call('HGET', c, 'file') == ARGV[2] then return 0 end
touch(scope)
for _, id in ipairs(call('ZRANGE', sk(scope, 'order'), 0, -1)) do
  local kept = call('HGET', sk(scope, 'rules'), id)
  if kept and string.match(kept, '^.-\n(.-)\n') == '1' then remove_rule(scope, id) end
end
for i = 4, #ARGV, 2 do
  if call('HLEN', sk(scope, 'rules')) < tonumber(ARGV[3]) then add_rule(scope, ARGV[i], ARGV[i + 1], '1') end
end
call('HSET', c, 'file', ARGV[2])
call('HDEL', c, 'latency')
changed(scope)
return 1
