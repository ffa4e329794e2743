-- ARGV: JSON of the call or "", most kept, then what differed. Counts a comparison.
call('HINCRBY', k('dn'), 'compared', 1)
if ARGV[1] == '' then return 1 end
call('HINCRBY', k('dn'), 'differing', 1)
call('RPUSH', k('d'), ARGV[1])
call('LTRIM', k('d'), -tonumber(ARGV[2]), -1)
for i = 3, #ARGV do call('HINCRBY', k('dc'), ARGV[i], 1) end
return 1
