-- Takes an erased user out of the rankings, and refuses from now on what was added up under older
-- rules. Nothing to do where Redis has counted nothing yet, or is to count all anew.
-- KEYS: the position hash, then rankings. ARGV: version of the rules, user (may be absent).
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return 0 end
local stored = tonumber(redis.call('HGET', KEYS[1], 'rules') or '0')
if stored >= tonumber(ARGV[1]) then return 0 end
for i = 2, #KEYS do
    redis.call('ZREM', KEYS[i], ARGV[2])
end
redis.call('HSET', KEYS[1], 'rules', ARGV[1])
return 1
