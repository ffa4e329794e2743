-- ARGV: id, "1" to count a read. {verdict, bytes}.
local kept = call('HGET', k('p'), ARGV[1])
if not kept then return {call('HEXISTS', k('pe'), ARGV[1]) == 1 and 'evicted' or 'unknown', ''} end
if ARGV[2] == '1' then call('HINCRBY', k('pr'), ARGV[1], 1) end
return {'found', call('HGET', k('pb'), string.match(kept, '^(.-)\n')) or ''}
