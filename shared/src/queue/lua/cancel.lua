-- Removes waiting jobs from the queue. Jobs that a worker holds are not touched.
-- KEYS: scheduled, active, data, meta prefix. ARGV: job ids. Returns how many were removed.
local cancelled = 0
for _, id in ipairs(ARGV) do
    local found = redis.call("zrem", KEYS[1], id)
    if found == 0 then
        found = redis.call("lrem", KEYS[2], 1, id)
    end
    if found > 0 then
        redis.call("hdel", KEYS[3], id)
        redis.call("del", KEYS[4] .. ":" .. id)
        cancelled = cancelled + 1
    end
end
return cancelled
