### What the operator's commands print, in English: plain text, each on one line. The keys here and in ru/commands.ftl are the
### same. Kinds of messages, reasons, causes and numbers are printed as they are stored.

reason = reason: { $reason }
none = none
telegram-away = Telegram: { $error }

## worker message, worker booking

message-none = there is no message { $id }
message-line = message { $id }: { $kind } to { $recipient }, { $status }
message-recipient = { $recipient }
message-status = { $status }
message-slot = slot: { $value }
message-version = booking version: { $value }
message-planned = planned: { $value }
message-due = due: { $value }
message-expires = expires: { $value }
message-sent = sent: { $value }
message-job = job: { $value }, pushed { $at }
message-attempts = tries that may have been a delivery: { $value }
message-lease = lease until: { $value }
message-joined = joined to message: { $value }
message-telegram = Telegram's message: { $value }
message-event = caused by: { $value }
message-no-chat = chat: none: the client is not in the bot

booking-none = there is no booking { $code }
booking-code = the code { $fault }
booking-line = booking { $code }: { $status }, version { $version }
booking-status = { $status }
booking-means = means { $meaning }, by the words: { $words }
meaning = { $meaning }
booking-times = from { $from } to { $to }
booking-client-in-bot = client { $phone }, in the bot
booking-client-not-in-bot = client { $phone }, not in the bot
booking-no-phone = without a phone
booking-rated = rated { $stars }
booking-event = last event { $event }, received { $at }

## worker dead

dead-none = there is no dead letter { $id }
dead-count = { $n ->
    [one] { $n } dead letter
   *[other] { $n } dead letters
}
dead-shown = queue { $queue }, job { $job }, { $n ->
    [one] { $n } try
   *[other] { $n } tries
}
dead-queue-unknown = dead letter { $id }: this version knows no queue { $queue }
dead-replayed = dead letter { $id } is in the queue again
dead-replayed-all = { $n ->
    [one] { $n } dead letter is in its queue again
   *[other] { $n } dead letters are in their queues again
}

## worker rejected

rejected-none = there is no refused request { $id }
rejected-line = { $id }  { $received }  answered { $status }  [{ $cause }]{ $read }: { $faults }
rejected-read = , read { $at }
rejected-count = { $n ->
    [one] { $n } refused request
   *[other] { $n } refused requests
}
rejected-shown = received { $received }, answered { $status }{ $read }: { $faults }
rejected-cause = cause: { $cause }
rejected-was-replayed = replayed { $at }
rejected-still = it can't be used yet: { $faults }
rejected-replayed = request { $id } is in the queue as { $n ->
    [one] { $n } booking event
   *[other] { $n } booking events
}

## worker unknown

unknown-line = { $id }  { $kind }  booking { $booking }  due { $due }: { $reason }
unknown-count = { $n ->
    [one] { $n } message that may not have arrived
   *[other] { $n } messages that may not have arrived
}
unknown-no-news = message { $id } is no news any more
unknown-other = message { $id } is not unknown, but { $status }
unknown-resent = { $n ->
    [one] { $n } message is sent again
   *[other] { $n } messages are sent again
}

## worker export, worker forget

phone-wrong = this is no valid phone number: { $phone }
forget-deleted = deleted: accounts { $accounts }, requests to the staff { $requests }, refused requests { $refused }, dead letters { $dead }, inbox entries { $inbox }
forget-nameless = without their person now: bookings { $bookings }, messages { $messages }
forget-backups = backups hold the data for up to { $n } days: after a restore, repeat this command
forget-no-key = FORGET_KEY is not set: requests of Bukza that were on their way bring data back, and a deleted booking that Bukza gives to another client stays without that client

## worker bind, worker unbind

bind-open = Open it in Telegram until { $until } and choose the staff's group: the bot joins it, and cards come there.
bind-topic = For a topic, write in it instead: { $command }
bind-once = Whoever has the link can choose the group. It works once; `worker unbind` takes it back.
unbind-none = nothing was bound; open links were taken back
unbind-done = { $place } is not the staff's chat any more; open links were taken back

## worker replan

replan-line = { $code }  { $start } to { $end }  { $from } → { $to }
replan-stays = sent with an offset: stays
replan-differ = { $n ->
    [one] { $differ } of { $n } visit has
   *[other] { $differ } of { $n } visits have
} another instant than their time on the venue's clocks ({ $zone }, rules of { $rules })
replan-stay = { $n ->
    [one] { $n } visit was sent with an offset and stays
   *[other] { $n } visits were sent with an offset and stay
}, at another hour: --instants includes them
replan-unknown = { $n ->
    [one] { $n } visit was stored by a version that kept no wall-clock time: it stays
   *[other] { $n } visits were stored by a version that kept no wall-clock time: they stay
}
replan-moved = moved visits: { $visits }, messages with new times: { $messages }; nobody was notified
replan-dry = nothing was changed: --apply moves them, and notifies nobody

## worker statuses

status-none = no status yet: no request of the last { $days } days had one
status-heading-meaning = meaning
status-heading-bookings = bookings
status-heading-last = last booking
status-heading-at = at
status-heading-words = status
status-count = { $n ->
    [one] { $n } status
   *[other] { $n } statuses
} of the last { $days } days
status-change = ⚠: docs/bukza.md, "What a status means", says how to change it
doubt-held-back = a word for a cancellation, held back by what stands beside it
doubt-looks-cancelled = looks like a cancellation
