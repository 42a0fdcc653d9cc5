-- Deletes finished jobs, at most ARGV[1] of them; apalis keeps them forever.
-- KEYS: the set of finished ids, data, meta prefix. Returns how many were deleted.
local ids = redis.call("spop", KEYS[1], tonumber(ARGV[1]))
if #ids > 0 then
    redis.call("hdel", KEYS[2], unpack(ids))
    for _, id in ipairs(ids) do
        redis.call("del", KEYS[3] .. ":" .. id)
    end
end
return #ids
