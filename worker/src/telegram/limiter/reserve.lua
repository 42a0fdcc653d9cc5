-- Telegram's limits for the whole fleet: permits in the bot's second, a pace (GCRA) for the bot, one
-- for the chat, and a freeze after a 429. Redis' own clock decides, so that no machine's clock
-- matters.
-- KEYS: bot, freeze, chat, permits, the chat's silence, server errors in a row. ARGV, microseconds: bot interval, chat interval, chat burst, how
-- far ahead a turn may be reserved; how many permits may be taken, the permit's name, how long it is
-- held. Returns {verdict, wait}: 0 granted in `wait`, 1 frozen, 2 chat busy, 3 bot busy, 4 nothing
-- is sent while Telegram answers with server errors.
local t = redis.call("time")
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local function stored(key)
    return tonumber(redis.call("get", key) or "0")
end
local function keep(key, value)
    local ttl = math.ceil((value - now) / 1000) + 1000
    redis.call("set", key, string.format("%.0f", value), "PX", string.format("%.0f", ttl))
end

local freeze = stored(KEYS[2])
if freeze > now then
    return {1, freeze - now}
end
if stored(KEYS[6]) >= tonumber(ARGV[8]) then
    return {4, 0}
end
local silence = stored(KEYS[5])
if silence > now then
    return {2, silence - now}
end
local chat = math.max(stored(KEYS[3]), now)
local chat_free = chat - tonumber(ARGV[3])
if chat_free > now then
    return {2, chat_free - now}
end
redis.call("zremrangebyscore", KEYS[4], "-inf", now)
local taken = redis.call("zcard", KEYS[4])
local permits = tonumber(ARGV[5])
if taken >= permits then
    -- When enough permits expire. A release may free one sooner.
    local last = redis.call("zrange", KEYS[4], taken - permits, taken - permits, "withscores")
    return {3, math.min(tonumber(last[2]) - now, 100000)}
end
local bot = math.max(stored(KEYS[1]), now)
if bot - now > tonumber(ARGV[4]) then
    return {3, bot - now}
end
keep(KEYS[1], bot + tonumber(ARGV[1]))
keep(KEYS[3], math.max(chat, bot) + tonumber(ARGV[2]))
redis.call("zadd", KEYS[4], string.format("%.0f", bot + tonumber(ARGV[7])), ARGV[6])
redis.call("pexpire", KEYS[4], 60000)
return {0, bot - now}
