-- Ends a rebuild: no positions, no token, so every partition begins at its first record.
-- KEYS: the position hash. ARGV: token.
if redis.call('HGET', KEYS[1], 'rebuild') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
