-- ARGV: epoch to use in an empty database, time, then (name, value) of each setting that all processes must share.
-- {epoch, began, names that differ...}.
local meta = k('meta')
local epoch = call('HGET', meta, 'epoch')
if not epoch then
  call('HSET', meta, 'epoch', ARGV[1], 'began', ARGV[2])
  for i = 3, #ARGV, 2 do call('HSET', meta, ARGV[i], ARGV[i + 1]) end
  return {ARGV[1], ARGV[2]}
end
local found = {epoch, call('HGET', meta, 'began') or ''}
for i = 3, #ARGV, 2 do
  local kept = call('HGET', meta, ARGV[i])
  if kept ~= ARGV[i + 1] then
    found[#found + 1] = ARGV[i]
    found[#found + 1] = kept or ''
  end
end
return found
