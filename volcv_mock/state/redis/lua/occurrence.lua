-- ARGV: scope, digest. How often the request arrived; counts nothing.
local era = call('HGET', sk(ARGV[1], 'c'), 'era') or ''
return tonumber(call('HGET', k('occ'), era .. '|' .. ARGV[2]) or '0')
