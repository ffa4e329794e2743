-- ARGV: (name, owner)...
for i = 1, #ARGV, 2 do
  local name = ARGV[i]
  local scope, id = string.match(name, '^(.-)|(.*)$')
  release_inputs(name)
  call('HDEL', k('t'), name)
  call('HDEL', k('tv'), name)
  call('HDEL', k('cb'), name)
  call('ZREM', k('tz'), name)
  call('SREM', sk(scope, 'own|' .. ARGV[i + 1]), id)
end
return 1
