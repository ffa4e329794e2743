-- Every script begins with these lines. KEYS[1] is the prefix of all keys of one mock: "{volcv:NAME}:".
-- Keys are made here, which a Cluster accepts because the prefix has a hash tag. "|" occurs in no name of a scope.
local P = KEYS[1]
local call = redis.call
local function k(name) return P .. name end
local function sk(scope, name) return P .. 's|' .. scope .. '|' .. name end
local function exact(number) return string.format('%.17g', number) end

local function touch(scope)
  local tick = call('INCR', k('tick'))
  call('ZADD', k('scopes'), tick, scope)
  return tick
end

local function changed(scope)
  return call('HINCRBY', sk(scope, 'c'), 'rev', 1)
end

-- What a process mirrors of a scope: rules' revision, the clock's, offset, frozen moment, latency, epoch.
local function mirror(scope)
  local f = call('HMGET', sk(scope, 'c'), 'rev', 'moves', 'offset', 'frozen', 'latency')
  return {f[1] or '0', f[2] or '0', f[3] or '0', f[4] or '', f[5] or '', call('HGET', k('meta'), 'epoch') or ''}
end

local function remove_rule(scope, id)
  if call('HDEL', sk(scope, 'rules'), id) == 0 then return 0 end
  call('ZREM', sk(scope, 'order'), id)
  call('HDEL', sk(scope, 'n'), id .. ':s', id .. ':p', id .. ':r', id .. ':f')
  return 1
end

local function clear_rules(scope)
  call('DEL', sk(scope, 'rules'), sk(scope, 'order'), sk(scope, 'n'), sk(scope, 'twins'))
  changed(scope)
end

-- A rule as it is kept: number among equal rules, whether it is of the file, its JSON.
local function add_rule(scope, text, spec, of_file)
  local n = call('HINCRBY', sk(scope, 'c'), 'added', 1)
  local twin = call('HINCRBY', sk(scope, 'twins'), text, 1)
  local id = 'rule-' .. n
  call('HSET', sk(scope, 'rules'), id, twin .. '\n' .. of_file .. '\n' .. spec)
  call('ZADD', sk(scope, 'order'), n, id)
  return {id, twin}
end

-- Journal: j packed entry, jm "arrival\nsize\nscope\nthumbnails", jc closing, jr attempt before, jl by the arrival of a
-- call whose end is not written the call that retries it; thumbnails th, thn.
local function release_thumbnail(name)
  if call('HINCRBY', k('thn'), name, -1) > 0 then return end
  call('HINCRBY', k('jn'), 'bytes', -call('HSTRLEN', k('th'), name))
  call('HDEL', k('thn'), name)
  call('HDEL', k('th'), name)
end

local function drop_call(id)
  local meta = call('HGET', k('jm'), id)
  if not meta then return 0 end
  local arrival, size, scope, names = string.match(meta, '^(.-)\n(.-)\n(.-)\n(.*)$')
  call('HDEL', k('jl'), arrival)
  for _, key in ipairs({'j', 'jm', 'jc', 'jr'}) do call('HDEL', k(key), id) end
  call('ZREM', k('jz'), id)
  call('ZREM', sk(scope, 'jz'), id)
  call('HINCRBY', k('jn'), 'bytes', -tonumber(size))
  for name in string.gmatch(names, '[^,]+') do release_thumbnail(name) end
  return 1
end

-- Pictures: p "digest\nexpires\nscope", pb bytes by digest, pbn how many pictures have them, pe scope of evicted ones.
local function drop_picture(id)
  local kept = call('HGET', k('p'), id)
  if not kept then return end
  local digest, scope = string.match(kept, '^(.-)\n.-\n(.*)$')
  call('HDEL', k('p'), id)
  call('ZREM', k('pz'), id)
  call('SREM', sk(scope, 'p'), id)
  local freed = tonumber(call('HGET', k('pn'), 'each') or '0')
  if call('HINCRBY', k('pbn'), digest, -1) <= 0 then
    freed = freed + call('HSTRLEN', k('pb'), digest)
    call('HDEL', k('pb'), digest)
    call('HDEL', k('pbn'), digest)
  end
  call('HINCRBY', k('pn'), 'bytes', -freed)
  return scope
end

-- Tasks: t record and tv its version by "scope|id", tz their order, ti their inputs' digests, tb bytes, tbn holders.
local function release_inputs(name)
  local digests = call('HGET', k('ti'), name)
  if not digests then return end
  for digest in string.gmatch(digests, '[^,]+') do
    if call('HINCRBY', k('tbn'), digest, -1) <= 0 then
      call('HINCRBY', k('tn'), 'bytes', -call('HSTRLEN', k('tb'), digest))
      call('HDEL', k('tb'), digest)
      call('HDEL', k('tbn'), digest)
    end
  end
  call('HDEL', k('ti'), name)
end
