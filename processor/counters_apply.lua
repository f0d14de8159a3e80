-- Adds a slice of one partition to the counters, and moves the position behind it, or does neither.
-- KEYS: the position hash, then the key of each group.
-- ARGV: field, expected and next position, a token, the version of the rules under which this was
-- added up (empty: under none), then the groups: kind, expiry in s, number of
-- entries, entries. Answers {"ok"}, {"position", stored}, {"rebuild", token} or {"error", text}.
local position, field, expected, next, token = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local rules = ARGV[5]
local now = tonumber(redis.call('TIME')[1])
local applied = 0

local function counters_exist()
    local cursor = '0'
    repeat
        local page = redis.call('SCAN', cursor, 'MATCH', '{als}:*', 'COUNT', 1000)
        for _, key in ipairs(page[2]) do
            if key ~= position then return true end
        end
        cursor = page[1]
    until cursor == '0'
    return false
end

local function want_rebuild()
    redis.call('HSETNX', position, 'rebuild', token)
    return {'rebuild', redis.call('HGET', position, 'rebuild')}
end

local function call(...)
    redis.call(...)
    applied = applied + 1
end

-- Changes one entry; each kind takes its own number of arguments.
local kinds = {
    H = function(key, at)
        call('HINCRBY', key, ARGV[at], ARGV[at + 1])
        return at + 2
    end,
    Z = function(key, at)
        call('ZINCRBY', key, ARGV[at + 1], ARGV[at])
        return at + 2
    end,
    P = function(key, at)
        call('PFADD', key, ARGV[at])
        return at + 1
    end,
    ['<'] = function(key, at)
        local old = redis.call('HGET', key, ARGV[at])
        if not old or ARGV[at + 1] < old then call('HSET', key, ARGV[at], ARGV[at + 1]) end
        return at + 2
    end,
    ['>'] = function(key, at)
        local old = redis.call('HGET', key, ARGV[at])
        if not old or ARGV[at + 1] > old then call('HSET', key, ARGV[at], ARGV[at + 1]) end
        return at + 2
    end,
}

local function apply()
    local at = 6
    for group = 2, #KEYS do
        local key, kind, expiry, entries = KEYS[group], ARGV[at], ARGV[at + 1], ARGV[at + 2]
        local change = kinds[kind]
        local wanted = expiry == '0' or tonumber(expiry) > now
        at = at + 3
        for _ = 1, tonumber(entries) do
            if wanted then
                at = change(key, at)
            else
                at = at + (kind == 'P' and 1 or 2)
            end
        end
        if wanted and expiry ~= '0' then call('EXPIREAT', key, expiry) end
    end
    redis.call('HSET', position, field, next)
    if rules ~= '' and rules ~= '0' then redis.call('HSET', position, 'rules', rules) end
end

-- Redis itself cannot write now; nothing is wrong with the counters.
local function is_passing(text)
    for _, code in ipairs({'OOM', 'READONLY', 'MISCONF', 'NOREPLICAS', 'BUSY', 'LOADING'}) do
        if string.find(text, code, 1, true) then return true end
    end
    return false
end

local type_now = redis.call('TYPE', position).ok
if type_now ~= 'hash' and type_now ~= 'none' then redis.call('DEL', position) end
local stored = redis.call('HMGET', position, field, 'rebuild', 'rules')
if stored[2] then return {'rebuild', stored[2]} end
if (stored[1] or '') ~= expected then return {'position', stored[1] or ''} end
if rules ~= '' and tonumber(rules) < tonumber(stored[3] or '0') then return {'position', 'rules'} end
if expected == '' and redis.call('EXISTS', position) == 0 and counters_exist() then
    return want_rebuild()
end

local ok, why = pcall(apply)
if ok then return {'ok'} end
local text = type(why) == 'table' and why.err or tostring(why)
if applied == 0 and is_passing(text) then return {'error', text} end
return want_rebuild()
