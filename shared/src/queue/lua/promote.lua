-- Moves due jobs from the scheduled set to the active list, at most ARGV[2] of them.
-- apalis moves all due jobs with one unpack(), which always fails at 8,000. This script leaves it only
-- a few: where no more than ARGV[4] are due, and each by ARGV[3], its next fetch moves them with the same write
-- that takes one. Ids without data (cancelled meanwhile) are dropped.
-- KEYS: scheduled, active, data. ARGV: up to which second, how many, apalis's second, how many are left to it.
-- Returns how many were moved, and how many wait for a fetch.
local due = redis.call("zrangebyscore", KEYS[1], "-inf", ARGV[1], "withscores", "limit", 0, tonumber(ARGV[2]))
if #due == 0 then
    return {0, redis.call("llen", KEYS[2])}
end
local ids = {}
for i = 1, #due, 2 do
    ids[#ids + 1] = due[i]
end
local data = redis.call("hmget", KEYS[3], unpack(ids))
local known = {}
for i, id in ipairs(ids) do
    if data[i] then
        known[#known + 1] = id
    end
end
local latest = tonumber(due[#due])
if #known == #ids and #ids <= tonumber(ARGV[4]) and latest <= tonumber(ARGV[3]) then
    return {0, redis.call("llen", KEYS[2]) + #ids}
end
redis.call("zrem", KEYS[1], unpack(ids))
if #known > 0 then
    redis.call("rpush", KEYS[2], unpack(known))
end
return {#ids, redis.call("llen", KEYS[2])}
