-- Releases a permit. The message has arrived: its permit counts for one more second, and the chat's next
-- permit is at least one interval from now.
-- KEYS: permits, chat, server errors in a row, the last good answer. ARGV: the permit's name; microseconds: a
-- second, chat interval; what Telegram answered: `well`, `server_error`, anything else.
local t = redis.call("time")
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
redis.call("zadd", KEYS[1], "XX", string.format("%.0f", now + tonumber(ARGV[2])), ARGV[1])
local free = now + tonumber(ARGV[3])
if tonumber(redis.call("get", KEYS[2]) or "0") < free then
    local ttl = math.ceil(tonumber(ARGV[3]) / 1000) + 1000
    redis.call("set", KEYS[2], string.format("%.0f", free), "PX", ttl)
end
if ARGV[4] == "well" then
    redis.call("del", KEYS[3])
    -- A second more or less does not matter, and a write for each message would.
    if tonumber(redis.call("get", KEYS[4]) or "0") < now - 1000000 then
        redis.call("set", KEYS[4], string.format("%.0f", now), "PX", 86400000)
    end
elseif ARGV[4] == "server_error" then
    redis.call("incr", KEYS[3])
    redis.call("pexpire", KEYS[3], 86400000)
end
return 1
