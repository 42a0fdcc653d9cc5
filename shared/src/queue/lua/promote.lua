-- Moves due jobs from the scheduled set to the active list, at most ARGV[2] of them.
-- apalis moves all due jobs with one unpack(), which always fails at 8,000. This script leaves it only
-- a few. Ids without data (cancelled meanwhile) are dropped.
-- KEYS: scheduled, active, data. ARGV: up to which second, how many.
-- Returns how many were moved, and how many the active list holds.
local ids = redis.call("zrangebyscore", KEYS[1], "-inf", ARGV[1], "limit", 0, tonumber(ARGV[2]))
if #ids == 0 then
    return {0, redis.call("llen", KEYS[2])}
end
redis.call("zrem", KEYS[1], unpack(ids))
local data = redis.call("hmget", KEYS[3], unpack(ids))
local known = {}
for i, id in ipairs(ids) do
    if data[i] then
        known[#known + 1] = id
    end
end
if #known > 0 then
    redis.call("rpush", KEYS[2], unpack(known))
end
return {#ids, redis.call("llen", KEYS[2])}
