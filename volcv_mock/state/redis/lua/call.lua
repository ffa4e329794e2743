-- ARGV: id. The same of one call, or nothing.
local packed = call('HGET', k('j'), ARGV[1])
if not packed then return false end
return {packed, call('HGET', k('jc'), ARGV[1]) or '', call('HGET', k('jr'), ARGV[1]) or '', call('HGET', k('jm'), ARGV[1]) or ''}
