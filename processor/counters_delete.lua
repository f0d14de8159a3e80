-- Deletes one batch of counters, as long as the rebuild is still the one with this token.
-- KEYS: the position hash. ARGV: token, cursor. Answers the next cursor, or "" when it is not.
if redis.call('HGET', KEYS[1], 'rebuild') ~= ARGV[1] then return '' end
local page = redis.call('SCAN', ARGV[2], 'MATCH', '{als}:*', 'COUNT', 500)
for _, key in ipairs(page[2]) do
    if key ~= KEYS[1] then redis.call('UNLINK', key) end
end
return page[1]
