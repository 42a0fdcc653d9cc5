### Everything the bot says to clients and staff, in English. Format: Project Fluent, markup: Telegram's HTML.
### Values in { $… } arrive escaped. Inside <code> and <a> there is no markup. The keys are those of ru/bot.ftl (a test compares them).

## Numbers and time

days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
in-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}

# The week starts on Monday (1).
weekday = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
date = { weekday }, { $day } { month }
date-with-year = { weekday }, { $day } { month } { $year }
day = { $day } { month }
day-with-year = { $day } { month } { $year }
date-time = { $date }, { $time }

left-moment = in less than a minute
left-in = in { $span }
left-today = today at { $time }
left-tomorrow = tomorrow at { $time }

## Lines about a booking

line-service = <b>{ $service }</b>
line-when = 📅 { $when }
line-duration = ⏱ { $span }
line-people = 👥 { people }
line-money = 💳 { $money }
line-rest = 💳 { $sum } to pay
line-rest-order = 💳 { $sum } to pay for the order
money-order = order total: { $sum }
money-own = { $sum }
money-prepayment = { $sum } in advance
money-paid = { $sum } paid
money-rest = { $sum } to pay
money-settled = paid in full
line-waits = ⏳ Waits to be confirmed
line-place = 📍 { $place }
line-code = 🔖 Booking code: <code>{ $code }</code>
line-was = Was: { $was }
line-now = Now: { $now }
service-unknown = Booking { $code }

## To the client about a booking

created-title = ✅ <b>You are booked</b>
waits-title = ⏳ <b>Your booking waits to be confirmed</b>
created-end = See you soon!
moved-title = 🔁 <b>Your booking has moved</b>
changed-title = 🔁 <b>Your booking has changed</b>
cancelled-title = ❌ <b>Your booking is cancelled</b>
cancelled-several-title = ❌ <b>Your bookings are cancelled</b>
cancelled-end = We hope to see you another time.
button-calendar = 📅 Add to calendar
button-route = 🗺 How to get there
button-comes = ✅ I will come
button-move = 🕓 Another time
button-cannot = ✖️ I can't come
button-sure = Yes, I can't come
button-keep = No
button-open = Open
button-no-reason = No reason
button-free-times = Free times
calendar-caption = 📅 Open the file: the booking appears in your calendar, with time and address.
# Without markup: a calendar shows none.
calendar-code = Booking code:
button-book-again = Book again
reminder-title = ⏰ <b>See you { $left }</b>
reminder-confirmed-title = ⏰ <b>See you { $left }</b>, you have confirmed
visit-confirmed = ✅ <b>You have confirmed your visit</b>, see you soon!
visit-kept = Good, the booking stays. See you soon!
visit-cancelled = This booking is cancelled.
visit-over = This visit is over.
cannot-sure = ✖️ <b>Cancel for certain?</b>
which-visit = Which booking?
ask-reason =
    A pity that it does not work out.

    Write in one line why, or press “No reason”: we will pass it on to the staff. Until they cancel the booking, it stays.
ask-new-time =
    🕓 <b>When would it suit you?</b>

    Write day and time in one line: we will pass it on to the staff. Until they move the booking, it stays.
ask-complaint = <b>What went wrong?</b> Write it here, we will pass it on to the manager.
request-delivered-cancel = 📨 The staff have it. You will get a message when the booking is cancelled.
request-delivered-move = 📨 The staff have it. You will get a message when the booking is moved.
request-delivered-words = 📨 The staff have it and will answer here.
request-delivered-complaint = 📨 The manager has it. Thank you for letting us know.
request-pending = We will pass it on to the staff.
request-pending-phone = We will pass it on to the staff. If it is urgent: { $phone }
request-taken = 👌 The staff have read your message.
request-taken-cancel = 👌 The staff have seen that you want to cancel. You will get a message when the booking is cancelled.
request-taken-move = 👌 The staff have seen that you want another time. You will get a message when the booking is moved.
call-venue = To cancel or move a booking please call us: { $phone }
call-venue-contacts = To cancel or move a booking please ask us directly: /contacts.
booking-title = 📅 <b>Your booking</b>
booking-changed-title = 🔁 <b>The booking has changed since</b>
line-answer-comes = ✅ You have confirmed the visit
line-answer-move = 🕓 You have asked for another time
line-answer-cannot = ✖️ You have let us know that you can't come
feedback-request =
    💬 <b>How was it?</b>
    { $service }, { $day }

    Rate your visit from 1 to 5: press a button or send a digit.
thanks-five = 💛 <b>Thank you for the five!</b> It means a lot to us.
thanks-five-links =
    💛 <b>Thank you for the five!</b> It means a lot to us.

    If you have a minute, leave a review: it helps other guests to find us.
thanks-less =
    🙏 <b>Thank you for the rating!</b>

    We will use it to do better next time.
rating-again = Please send one digit from 1 to 5 or press a button.
button-review-2gis = Review on 2GIS
button-review-yandex = Review on Yandex Maps

## The conversation

greeting =
    👋 <b>Hello!</b>

    I confirm bookings and remind you of your visits. Press the button below and share the phone number you book with. Or write the booking's code.
ask-contact-typed = Please send the number with the button below rather than typing it: that tells me that it is yours.
ask-contact-foreign = This is someone else's contact. Please send your own number with the button below.
ask-contact-first = Let us meet first: share your number with the button below, and I will find your bookings.
# The number in the client's own contact, by which no booking can be found: why, then what to do.
number-anonymous =
    This is an anonymous Telegram number (+888). Nobody books with one, so I can't find your bookings by it.

    Write the booking's code from the letter about it here, for example C6UDS3, or open the link that an administrator gives you: then the confirmation and the reminder will come here.
number-not-a-number = There is no phone number in your contact, so I can neither find your bookings by it nor remind you of a visit.
number-unknown = I do not know this phone number, so I can neither find your bookings by it nor remind you of a visit.
number-call = Please ask us about your booking by phone: { $phone }.
number-write = Please ask us about your booking: /contacts.
number-ask-venue = Please ask us about your booking directly.
number-other-account = Or open this chat from the Telegram account with the number that you book with, and share it.
ask-digits = 🔢 Please write the last four digits of the phone number that the booking was made with.
wrong-digits =
    That does not match. Please check the booking's code and the digits: you can write the code once more, then the digits.

    There are other ways: ask an administrator for a link to the booking, or share your own number, if the booking was made with it.
join-locked = Too many attempts. Please try again in an hour. A link to the booking, which an administrator can give you, opens before that.
dead-link = This link no longer works: the booking was opened by it already, or it is cancelled. Please ask an administrator for another one, or write the booking's code.
joined =
    ✅ <b>Done, the booking is here now!</b>

    Its confirmation, reminder and changes will come here.
registered =
    ✅ <b>Thank you, your number is saved!</b>

    Confirmations and reminders will come here from now on.
known = 👋 <b>Good to see you again!</b>
list-upcoming = 📅 <b>Upcoming bookings</b>
list-upcoming-none = No upcoming bookings yet.
list-past = 🕓 <b>Past bookings</b>
list-none = No bookings yet. Once there are any, you will find them here.
list-item = • { $when }: <b>{ $service }</b>
list-item-code = • { $when }: <b>{ $service }</b>, code <code>{ $code }</code>
list-item-waits = ⏳ { $when }: <b>{ $service }</b>, waits to be confirmed
list-item-code-waits = ⏳ { $when }: <b>{ $service }</b>, code <code>{ $code }</code>, waits to be confirmed
list-item-cancelled = • { $when }: { $service }, cancelled
list-item-rated = • { $when }: <b>{ $service }</b>, your rating { $stars }
list-more = … and { $n } more
list-tap = Tap a booking to open it.
button-page-next = Next →
button-page-back = ← Back
help =
    ❓ <b>How I can help</b>

    /bookings: your bookings
    /address: how to find us
    /contacts: how to reach us
    /settings: reminders and your data
    /help: this list
unknown-text = I only understand buttons and commands.
stale-button = This button no longer works.
address-title = 📍 <b>How to find us</b>
address-none = No address is given yet. Please ask for it when you book.
contacts-title = ☎️ <b>How to reach us</b>
contacts-none = No contacts are given yet.
contacts-phone = Phone: { $value }
contacts-email = E-mail: { $value }
contacts-website = Website: { $value }
contacts-instagram = Instagram: { $value }
contacts-hours = Opening hours: { $value }
button-book = Book a visit

## Menu and commands

menu-bookings = 📅 My bookings
menu-address = 📍 Address
menu-contacts = ☎️ Contacts
menu-help = ❓ Help
button-contact = 📱 Share my number
command-start = Start
command-bookings = My bookings
command-help = Help
command-address = Address
command-contacts = Contacts
command-settings = Settings

## A client's settings

settings-title = ⚙️ <b>Settings</b>
settings-always = We always write when a booking is confirmed, moved or cancelled.
reminders-are-on = 🔔 Reminders of visits: on
reminders-are-off = 🔕 Reminders of visits: off
questions-are-on = ⭐ The question about a visit: on
questions-are-off = ▫️ The question about a visit: off
button-reminders-on = 🔔 Remind me of visits
button-reminders-off = 🔕 Don't remind me of visits
button-questions-on = ⭐ Ask me how it went
button-questions-off = Don't ask me how it went
button-forget = 🗑 Delete my data
button-forget-sure = Yes, delete
button-forget-now = Delete for good
button-forget-no = No
button-withdraw = ↩️ Withdraw my consent
ask-withdraw =
    ↩️ <b>Withdraw your consent?</b>

    Without it we may not keep your data: your number, name and messages are deleted. Your bookings at the venue stay, but you get no more messages about them here.
ask-consent =
    👋 Hello!

    To send confirmations and reminders we need your number and name. Please read the consent to the processing of personal data and press “I agree”. Then a button comes that shares your number.
ask-consent-known =
    📄 <b>Consent to the processing of data</b>

    We keep your number and name to send confirmations and reminders. Please read the consent and press “I agree”. You can withdraw it and delete your data in /settings.
button-consent = ✅ I agree
button-document = 📄 The consent
button-policy = 📄 How we keep data
consented = ✅ Thank you, your consent is stored. You can withdraw it in /settings.
ask-forget =
    🗑 <b>Delete your data?</b>

    Your number, name and messages go. Your bookings at the venue stay, but you get no more reminders and messages about them here.
ask-forget-again =
    🗑 <b>Really delete?</b>

    The data can't be brought back.
forgotten =
    ✅ <b>Your data are deleted</b>

    They leave the backups within { $n } days. For the data in the booking system itself please ask the venue.

    If you write again, we start anew: /start

## The language, and how the bot introduces itself in Telegram

# The languages' own names: the same in both files.
button-language-ru = Русский
button-language-en = English
language-chosen = I write in English from now on.
# Without markup. The description has at most 512 characters, the short one 120 (a test checks this).
bot-description = I confirm your booking and remind you of your visit. Here you can see your bookings, request another time or a cancellation, ask a question and rate your visit.
bot-short-description = Booking confirmations and reminders of visits.

## Staff cards

staff-created = 🆕 <b>New booking</b> <code>{ $code }</code>
staff-waiting = ⏳ <b>New booking, waits for payment or confirmation</b> <code>{ $code }</code>
staff-created-several = 🆕 <b>{ $n ->
    [one] { $n } new booking
   *[other] { $n } new bookings
}</b>
staff-item = • <code>{ $code }</code> { $what }
staff-item-waits = ⏳ <code>{ $code }</code> { $what }, waits for payment or confirmation
staff-moved = 🔁 <b>Booking changed</b> <code>{ $code }</code>
staff-cancelled = ❌ <b>Booking cancelled</b> <code>{ $code }</code>
staff-cancelled-several = ❌ <b>{ $n ->
    [one] { $n } booking cancelled
   *[other] { $n } bookings cancelled
}</b>
staff-rated = { $stars } <b>{ $n } of 5</b> <code>{ $code }</code>
staff-unreachable = 🔕 <b>Messages do not reach the client</b> <code>{ $code }</code>
staff-unreachable-why = The bot is blocked or the account is deleted. Please call the client.
staff-undelivered = 📞 <b>The client may not have got a message</b> <code>{ $code }</code>
staff-undelivered-not = Not delivered: { $what }. Please call the client.
staff-undelivered-perhaps = It is unknown whether this was delivered: { $what }. Please call the client.
staff-undelivered-confirmation = the booking's confirmation
staff-undelivered-moved = the booking's new time
staff-undelivered-cancelled = the booking's cancellation
staff-undelivered-reminder = the reminder of the visit
staff-summary = 🗂 <b>While the chat was closed</b>, { $n ->
    [one] { $n } card waited
   *[other] { $n } cards waited
}:
staff-group-moved = 🔁 <b>The group has a new number</b>
staff-group-moved-id = It is <code>{ $id }</code> now. Cards come here already.
staff-group-moved-what = Please have it put into SUPPORT_CHANNEL_ID by whoever set up the bot.
staff-chat-bound = ✅ <b>This is the staff's chat</b>
staff-chat-bound-what = Cards about bookings come here. Reply to a card, and its client gets the reply.
staff-chat-left = 🔁 <b>Cards go to the chat “{ $title }” now.</b>
staff-chat-left-for-none = 🔁 <b>Cards come here no more.</b>
staff-chat-link-over = This link works no more: it works once, and for an hour. The command <code>worker bind</code> gives a new one.
staff-request-cancel = ✖️ <b>The client can't come and wants to cancel</b>
staff-request-move = 🕓 <b>The client wants another time</b>
staff-request-words = 💬 <b>A client writes</b>
staff-request-complaint = ‼️ <b>The client is unhappy with a visit</b>
staff-request-comes = ✅ <b>The client comes after all</b>
staff-request-again = Nobody has taken this yet.
staff-request-booking = Booking <code>{ $code }</code>
staff-request-cancelled-meanwhile = ❌ The booking was cancelled since
staff-request-changed-meanwhile = 🔁 The booking has changed since
staff-request-reply = A reply to this message goes to the client.
button-take = Taken
button-invite = Invite
# One of the staff passes this text on to the client.
invitation-title = Hello! You are booked:
invitation = The confirmation and a reminder will come in Telegram, if you open the link and press “Start”:
invitation-digits = The bot will request the last four digits of the phone number that the booking was made with.
invitation-in-bot = The client is in the bot already: there is nobody to invite.
invitation-over = This booking is cancelled or over: there is nothing to invite to.
staff-joined = 🔗 <b>A client opened the booking in the bot</b> <code>{ $code }</code>
staff-joined-what = Its messages go to this client now.
button-taken-by = ✅ Taken: { $name }
staff-strangers = 💬 <b>Written by accounts without a phone number</b>
staff-stranger = • { $name }: { $words }
staff-reply-not-delivered = Not delivered: the client has closed the bot, or the message can't be sent. Please call the client.
staff-reply-perhaps = It is unknown whether this was delivered. If it matters, please call the client.
staff-reply-no-client = Not sent: this is about several clients, or the client is not in the bot. Please reply to the client's own card.
staff-rejected = ⚠️ <b>Bukza request refused</b>
staff-rejected-one = No. { $number }, { $when }
staff-rejected-several = No. { $first }–{ $last }, { $n ->
    [one] { $n } request
   *[other] { $n } requests
}, the last one: { $when }
staff-fault = • <code>{ $field }</code>: { $message }
staff-more = … and { $n } more
staff-rejected-end = { $n ->
    [1] The request is kept.
   *[other] The requests are kept.
}
staff-was = Was: { $was }
staff-person = 👤 { $name }
staff-no-name = no name given
staff-no-phone = no phone, or an unreadable one
staff-waits = ⏳ Waits for payment or confirmation
staff-comment = 💬 { $comment }
staff-field = ▫️ { $name }: { $value }
staff-status = Status: “{ $words }”
staff-order = Order { $order }
staff-order-link = <a href="https://my.bukza.com/#/tables/order/{ $page }">Order { $order }</a>
staff-in-bot = ✅ The client is in the bot
staff-not-in-bot = ⚠️ The client is not in the bot
staff-bot-blocked = 🔕 The client has blocked the bot

## Notes for the staff

note-waits = ⏳ <b>The booking waits for its payment or confirmation</b> <code>{ $code }</code>
note-waits-why = The client was told before that it is booked.
note-waits-untold = The client was not told of it yet.
note-confirmed = ✅ <b>The booking stands</b> <code>{ $code }</code>
note-no-show = 🚫 <b>The client did not come</b> <code>{ $code }</code>
note-believes = ⚠️ <b>The client believes to be booked</b> <code>{ $code }</code>
note-believes-why = The booking is no client's any more, and the bot does not write to the client about it. Please call.
note-stands = ❗️ <b>“Stands” came after the cancellation</b> <code>{ $code }</code>
note-stands-why = The booking stays cancelled. If it stands, save it once more.
note-phone = 📞 <b>A phone was added</b> <code>{ $code }</code>
note-held-back = ❔ <b>The status looks like a cancellation</b> <code>{ $code }</code>
note-held-back-why = The status is “{ $words }”, and the booking stands. If it is a cancellation, set another status or add this one to CANCELLED_STATUSES.

## The first requests, field by field

tutor-title = 🎓 <b>Bukza request read</b> <code>{ $code }</code>
tutor-number = The first requests: { $n } of { $of }
tutor-reservations = The request has other bookings, too: { $n }. This is the first.
tutor-read = <b>Read</b>
tutor-line = • { $field }: { $value }
tutor-name = • { $field }
tutor-time = { $time } (zone { $zone })
tutor-sum = { $sum }
tutor-status = <b>Status</b>
tutor-words = “{ $words }”: { $meaning }
tutor-no-status = None is given: the booking stands.
tutor-quoted = “{ $word }”
tutor-other-words = Other words in the request: { $words }. The strictest of all counts.
tutor-stands = the booking stands. The client gets the confirmation, the reminder and the question about the visit.
tutor-stands-unknown = the bot does not know this word, and the booking stands. The client gets the confirmation, the reminder and the question about the visit. If the word means something else, add it to the settings of statuses (CANCELLED_STATUSES and its neighbours).
tutor-restored = the cancelled booking stands again.
tutor-held-back = it looks like a cancellation, but the booking stands. If it is one, add the word to CANCELLED_STATUSES.
tutor-pending = the booking waits for a payment or confirmation. The client is not written to yet.
tutor-cancelled = the booking is cancelled. The client learns of it if they knew of the booking and the visit is ahead.
tutor-no-show = the client did not come. They are neither written to nor asked for a rating.
tutor-ignored = the venue's own time. No client is written to.
tutor-unfilled = <b>Empty</b>
tutor-unread = <b>Could not be read</b>
tutor-absent = <b>Not in the request</b>
tutor-optional = • You may add: { $names }
tutor-unknown = <b>Unknown fields</b>
tutor-unused = Not needed: { $names }
tutor-more = { $words } and { $n } more
tutor-more-alone = { $n } with unusual names
tutor-first = The first ten requests are shown like this: check that everything is there. Add what is missing to the template of the web request.
tutor-last = This is the last such card: from now on there are the usual ones only.
tutor-without-phone = without it the bot can't find the client by itself, only an invitation link is left
tutor-without-service = the client will not see what they booked
tutor-without-status = the bot learns of a cancellation only by a request with such a word in event or message
tutor-without-name = cards will say that there is no name
tutor-without-people = not in messages then
tutor-without-total = not in messages then
tutor-without-order = it keeps the bookings of one order together
tutor-without-order-page = cards will not link the order
tutor-field-start = Start
tutor-field-end = End
tutor-field-status = Status
tutor-field-service = Service
tutor-field-zone = Hall or zone
tutor-field-phone = Phone
tutor-field-name = Name
tutor-field-last-name = Last name
tutor-field-people = Guests
tutor-field-total = Total
tutor-field-prepayment = Required prepayment
tutor-field-paid = Paid
tutor-field-order = Order number
tutor-field-order-page = The order's address (order_id)
tutor-field-comment = Comment

## What the staff look up

staff-urgent = ‼️ <b>The visit is { $left }</b>

# The agenda and the search. $date: "Saturday, 27 December".
agenda-title = 📅 <b>{ $date }</b>: { $n ->
    [one] { $n } visit
   *[other] { $n } visits
}
agenda-part = (part { $part } of { $parts })
agenda-none = 📅 { $date }: no visits.
found-title = 🔎 “{ $words }”: { $n ->
    [one] { $n } booking
   *[other] { $n } bookings
}
found-none = 🔎 “{ $words }”: nothing was found. By name, visits of the last 90 days and of the year ahead are searched.
how-to-find = Write a booking’s code, the last digits of a phone (four or more) or the beginning of a name after the command: <code>/find 4567</code>
staff-help =
    <b>What can be looked up in this chat</b>
    /today: today’s visits
    /tomorrow: tomorrow’s visits
    /find with a booking’s code, the last digits of a phone (four or more) or the beginning of a name: find a booking. By name, visits of the last 90 days and of the year ahead are searched
    /stats: the numbers of the week and the month

    ✅ the client comes, ✖️ can’t come, 🕓 wants another time, ❓ has not answered, ⏳ waits to be paid or confirmed, 🔕 the bot can’t write to the client, 🚫 did not come, ❌ cancelled

    A reply to a client’s card goes to the client.
staff-help-agenda = The agenda comes by itself at { $time }.
# Without markup: descriptions of the commands in the menu.
command-today = Today’s visits
command-tomorrow = Tomorrow’s visits
command-find = Find a booking: code, digits of the phone or name
command-stats = The numbers of the week and the month
command-staff-help = What can be looked up

stats-week = 📊 <b>Visits of this week</b>
stats-month = 📊 <b>Visits of this month</b>
stats-bookings = Bookings: { $n }
stats-in-bot = Client in the bot: { $n } ({ $percent }%)
stats-confirmed = ✅ Confirmed: { $n }
stats-cancelled = ❌ Cancelled: { $n }
stats-no-shows = 🚫 Did not come: { $n }
stats-undelivered = 📞 Messages not delivered: { $n }
stats-stars = ⭐ { $service }: { $average } ({ $n ->
    [one] { $n } rating
   *[other] { $n } ratings
})
stats-no-service = without a service
stats-end = The week starts on Monday; visits that are still ahead are counted, too.

button-replay = 🔁 Replay no. { $first }
button-replay-all = 🔁 Replay all, no. { $first }–{ $last }
replayed-used = { $n ->
    [1] ✅ The request was accepted. A card of its booking follows.
   *[other] ✅ { $n } requests were accepted. Cards of their bookings follow.
}
replayed-before = { $n ->
    [1] Replayed already.
   *[other] { $n } were replayed already.
}
replayed-refused = { $n ->
    [1] ⚠️ Request no. { $number } is still refused:
   *[other] ⚠️ { $n } are still refused. The first of them, no. { $number }:
}
replayed-gone = This request is not kept any more.
replayed-more = These are not all: press once more.

# What Bukza's table shows otherwise than the bot knows it.
table-card = 🧾 <b>Bukza's table differs</b>
table-missing = • <code>{ $code }</code> { $what }: the bot has no such booking
table-cancelled = • <code>{ $code }</code> { $what }: cancelled in the table
table-stands = • <code>{ $code }</code> { $what }: cancelled for the bot, in the table { $status }
table-moved = • <code>{ $code }</code> { $what }: in the table { $to }
table-other-client = • <code>{ $code }</code> { $what }: another client's phone in the table
table-other-status = • <code>{ $code }</code> { $what }: in the table { $status }
table-phone-added = • <code>{ $code }</code> { $what }: the table has a phone, the bot has none
table-not-in-table = • <code>{ $code }</code> { $what }: not in the table
table-card-end = “Apply” makes the booking what the table shows; the client is notified as usual.
table-not-in-table-end = The bot cancels nothing that is absent from the table: check the booking in Bukza.
table-means-stands = stands
table-means-pending = awaiting payment or confirmation
table-means-no-show = the client did not come
table-means-ignored = blocked, no client's
table-means-cancelled = cancelled
table-refused = ⚠️ <b>Bukza's table was not accepted</b>
table-refused-why = It has only { $found } of { $known } bookings that the bot knows: it seems to be incomplete. No booking was changed, and the bot will read it again.
button-table = ✅ Apply { $code }
button-table-all = ✅ Apply all: { $n }
table-applied = { $n ->
    [1] ✅ Applied: { $codes }. A card about the booking follows.
   *[other] ✅ Applied: { $n } bookings ({ $codes }). Cards about them follow.
}
table-applied-before = Already applied: { $n }.
table-applied-agree = Agrees with the table already: { $n }.
table-applied-otherwise = The table shows something else than this card by now: { $n }. See the new card.
table-applied-outdated = Not applied: { $n }. The table was read more than a day ago, and Bukza has not given it out since.
table-applied-none = These differences are gone.
