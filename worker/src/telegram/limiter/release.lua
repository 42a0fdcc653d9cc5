-- Releases a permit. The message has arrived: its permit counts for one more second, and the chat's next
-- permit is at least one interval from now.
-- KEYS: permits, chat. ARGV: the permit's name; microseconds: a second, chat interval.
local t = redis.call("time")
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
redis.call("zadd", KEYS[1], "XX", string.format("%.0f", now + tonumber(ARGV[2])), ARGV[1])
local free = now + tonumber(ARGV[3])
if tonumber(redis.call("get", KEYS[2]) or "0") < free then
    local ttl = math.ceil(tonumber(ARGV[3]) / 1000) + 1000
    redis.call("set", KEYS[2], string.format("%.0f", free), "PX", ttl)
end
return 1
