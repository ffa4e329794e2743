-- ARGV: id, digest, bytes or "", expires, scope, budget, bytes of a picture beside its own, evicted ids remembered.
-- 0 when the bytes are needed.
local id, digest, data, scope = ARGV[1], ARGV[2], ARGV[3], ARGV[5]
if data == '' and call('HEXISTS', k('pb'), digest) == 0 then return 0 end
drop_picture(id)
call('HDEL', k('pe'), id)
call('ZREM', k('pez'), id)
local added = tonumber(ARGV[7])
call('HSET', k('pn'), 'each', ARGV[7])
if call('HINCRBY', k('pbn'), digest, 1) == 1 then
  call('HSET', k('pb'), digest, data)
  added = added + #data
end
local seq = call('INCR', k('pseq'))
call('HSET', k('p'), id, digest .. '\n' .. ARGV[4] .. '\n' .. scope)
call('ZADD', k('pz'), seq, id)
call('SADD', sk(scope, 'p'), id)
call('HDEL', k('pr'), id)
local held = call('HINCRBY', k('pn'), 'bytes', added)
while held > tonumber(ARGV[6]) do
  local oldest = call('ZRANGE', k('pz'), 0, 0)[1]
  if not oldest then break end
  local owner = drop_picture(oldest)
  call('HSET', k('pe'), oldest, owner)
  call('ZADD', k('pez'), call('INCR', k('pseq')), oldest)
  if call('ZCARD', k('pez')) > tonumber(ARGV[8]) then
    local gone = call('ZPOPMIN', k('pez'))[1]
    call('HDEL', k('pe'), gone)
    call('HDEL', k('pr'), gone)
  end
  held = tonumber(call('HGET', k('pn'), 'bytes'))
end
return 1
