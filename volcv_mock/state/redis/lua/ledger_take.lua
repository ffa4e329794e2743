-- ARGV: day, limit. {spent before, 1 when the call may be sent}.
local spent = tonumber(call('HGET', k('ledger'), ARGV[1]) or '0')
if spent + 1 > tonumber(ARGV[2]) then return {spent, 0} end
call('HINCRBY', k('ledger'), ARGV[1], 1)
return {spent, 1}
