-- ARGV: id. The scope of a picture, kept or evicted, or nothing.
local kept = call('HGET', k('p'), ARGV[1])
if kept then return string.match(kept, '^.-\n.-\n(.*)$') end
return call('HGET', k('pe'), ARGV[1])
