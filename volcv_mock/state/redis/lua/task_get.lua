-- ARGV: names "scope|id". {record, version, digests of the inputs} of those that are kept, else "".
local found = {}
for i, name in ipairs(ARGV) do
  local record = call('HGET', k('t'), name)
  found[i] = record and {record, call('HGET', k('tv'), name), call('HGET', k('ti'), name) or ''} or ''
end
return found
