-- Silences a chat after a 429, and the whole bot where the limit may be the bot's: for a short while after the
-- 429 of a private chat, in full if another private chat is silenced already. Nothing longer is shortened.
-- KEYS: freeze, the chat's silence, the private chat that was silenced last. ARGV: microseconds of silence, and
-- of the bot's at most; the chat, empty for a group. Returns whether the bot pauses, too.
local t = redis.call("time")
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local wait = tonumber(ARGV[1])
local function extend(key, wait)
    local value = now + wait
    if tonumber(redis.call("get", key) or "0") < value then
        local ttl = math.ceil(wait / 1000) + 1000
        redis.call("set", key, string.format("%.0f", value), "PX", string.format("%.0f", ttl))
    end
end

extend(KEYS[2], wait)
if ARGV[3] == "" then
    return 0
end
local last = redis.call("get", KEYS[3])
if last and last ~= ARGV[3] then
    extend(KEYS[1], wait)
else
    extend(KEYS[1], math.min(wait, tonumber(ARGV[2])))
end
redis.call("set", KEYS[3], ARGV[3], "PX", string.format("%.0f", math.ceil(wait / 1000) + 1000))
return 1
