-- Telegram's limits for the whole fleet: permits in the bot's second, a pace (GCRA) for the bot, one
-- for the chat, and a freeze after a 429. Redis' own clock decides, so that no machine's clock
-- matters.
-- While bulk waits, two answers may go for each message of bulk. Answers to strangers keep a pace of their
-- own: each of their chats gets the next turn in line.
-- KEYS: bot, freeze, chat, permits, the chat's silence, server errors in a row, bulk's share, strangers, the
-- stranger's turn. ARGV, microseconds: bot interval, chat interval, chat burst, how far ahead a turn may be
-- reserved; how many permits may be taken, the permit's name, how long it is held, how many server errors stop
-- all, whose share (bulk, answers, strangers), strangers' interval.
-- Returns {verdict, wait}: 0 granted in `wait`, 1 frozen, 2 chat busy, 3 bot busy, 4 nothing is sent while
-- Telegram answers with server errors.
local ANSWERS_PER_BULK = 2
-- Bulk that waits calls again within this time after its wait, microseconds.
local CALLS_AGAIN = 200000
local t = redis.call("time")
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local function stored(key)
    return tonumber(redis.call("get", key) or "0")
end
-- Kept until `value`, and a second longer, or `longer` milliseconds.
local function keep(key, value, longer)
    local ttl = math.ceil((value - now) / 1000) + (longer or 1000)
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

local share = ARGV[9]
if share == "strangers" then
    local turn = stored(KEYS[9])
    if turn == 0 then
        turn = math.max(stored(KEYS[8]), now)
        keep(KEYS[8], turn + tonumber(ARGV[10]))
        -- The job that waits for it may start some seconds late.
        keep(KEYS[9], turn, 10000)
    end
    if turn > now then
        return {3, turn - now}
    end
end

-- How many answers may go before the next message of bulk; none stored: no bulk waits.
local left = tonumber(redis.call("get", KEYS[7]) or "-1")
local function share_with_bulk(answers, wait)
    local ttl = string.format("%.0f", math.ceil((wait + CALLS_AGAIN) / 1000))
    redis.call("set", KEYS[7], answers, "PX", ttl)
end
local function busy(wait)
    if share == "bulk" then
        share_with_bulk(math.max(left, 0), wait)
    end
    return {3, wait}
end

redis.call("zremrangebyscore", KEYS[4], "-inf", now)
local taken = redis.call("zcard", KEYS[4])
local permits = tonumber(ARGV[5])
if taken >= permits then
    -- When enough permits expire. A release may free one sooner.
    local last = redis.call("zrange", KEYS[4], taken - permits, taken - permits, "withscores")
    return busy(math.min(tonumber(last[2]) - now, 100000))
end
local bot = math.max(stored(KEYS[1]), now)
local ahead = tonumber(ARGV[4])
if left >= 0 then
    -- A turn that an answer reserves ahead would be bulk's.
    ahead = 0
end
if bot - now > ahead then
    return busy(bot - now)
end
if share ~= "bulk" and left == 0 then
    return busy(tonumber(ARGV[1]))
end
keep(KEYS[1], bot + tonumber(ARGV[1]))
keep(KEYS[3], math.max(chat, bot) + tonumber(ARGV[2]))
redis.call("zadd", KEYS[4], string.format("%.0f", bot + tonumber(ARGV[7])), ARGV[6])
redis.call("pexpire", KEYS[4], 60000)
if share == "strangers" then
    redis.call("del", KEYS[9])
end
if left >= 0 then
    if share == "bulk" then
        share_with_bulk(ANSWERS_PER_BULK, tonumber(ARGV[1]))
    else
        redis.call("set", KEYS[7], left - 1, "KEEPTTL")
    end
end
return {0, bot - now}
