-- ARGV: scope, then of each candidate in order: id, "1" when its random draw lets it fire, skip, times or -1, steps.
-- Of a step: 0 not due, 1 due, 2 due without an injection. {id that fires or "", step, evaluated..., "!" spent...}.
local scope = ARGV[1]
local n, rules = sk(scope, 'n'), sk(scope, 'rules')
local found = {'', 0}
for i = 2, #ARGV, 5 do
  local id, skip, times, steps = ARGV[i], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), ARGV[i + 4]
  if call('HEXISTS', rules, id) == 1 then
    local f = call('HMGET', n, id .. ':s', id .. ':p', id .. ':r')
    local skipped, at, rounds = tonumber(f[1] or '0'), tonumber(f[2] or '0'), tonumber(f[3] or '0')
    local step = string.sub(steps, at + 1, at + 1)
    if times >= 0 and rounds >= times then
      found[#found + 1] = '!' .. id
    elseif step ~= '0' then
      found[#found + 1] = id
      if skipped < skip then
        call('HINCRBY', n, id .. ':s', 1)
      elseif ARGV[i + 1] == '1' then
        if at + 1 == #steps then
          call('HSET', n, id .. ':p', 0, id .. ':r', rounds + 1)
        else
          call('HSET', n, id .. ':p', at + 1)
        end
        if step == '1' then
          call('HINCRBY', n, id .. ':f', 1)
          found[1], found[2] = id, at
          return found
        end
      end
    end
  end
end
return found
