-- ARGV: name. 1 for the one process that may post the callback of the task.
return call('HDEL', k('cb'), ARGV[1])
