### Всё, что бот говорит клиентам и сотрудникам, по-русски. Формат: Project Fluent, разметка: HTML Телеграма.
### Значения в { $… } приходят уже экранированными. Внутри <code> и <a> разметки быть не может. Ключи здесь и в en/bot.ftl одни и те же (это проверяет тест).

## Числа и время

days = { $n ->
    [one] { $n } день
    [few] { $n } дня
   *[other] { $n } дней
}
hours = { $n ->
    [one] { $n } час
    [few] { $n } часа
   *[other] { $n } часов
}
minutes = { $n ->
    [one] { $n } минута
    [few] { $n } минуты
   *[other] { $n } минут
}
# Винительный падеж: «через 1 минуту».
in-minutes = { $n ->
    [one] { $n } минуту
    [few] { $n } минуты
   *[other] { $n } минут
}
people = { $n ->
    [one] { $n } человек
    [few] { $n } человека
   *[other] { $n } человек
}

# Неделя начинается с понедельника (1).
weekday = { $weekday ->
    [1] понедельник
    [2] вторник
    [3] среда
    [4] четверг
    [5] пятница
    [6] суббота
   *[7] воскресенье
}
month = { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
}
date = { weekday }, { $day } { month }
date-with-year = { weekday }, { $day } { month } { $year } года
# Без дня недели, для вопроса об оценке: «визит 27 декабря».
day = { $day } { month }
day-with-year = { $day } { month } { $year } года
date-time = { $date }, { $time }

left-moment = меньше чем через минуту
left-in = через { $span }
left-today = сегодня в { $time }
left-tomorrow = завтра в { $time }

## Строки о записи

line-service = <b>{ $service }</b>
line-when = 📅 { $when }
line-duration = ⏱ { $span }
line-people = 👥 { people }
line-money = 💳 { $money }
line-rest = 💳 Осталось оплатить { $sum }
line-rest-order = 💳 Осталось оплатить за заказ { $sum }
money-order = сумма заказа: { $sum }
money-own = { $sum }
money-prepayment = предоплата { $sum }
money-paid = оплачено { $sum }
money-rest = осталось { $sum }
money-settled = оплачено полностью
line-waits = ⏳ Ждёт подтверждения
line-place = 📍 { $place }
line-code = 🔖 Код записи: <code>{ $code }</code>
line-was = Было: { $was }
line-now = Стало: { $now }
service-unknown = Запись { $code }

## Клиенту о записи

created-title = ✅ <b>Вы записаны</b>
waits-title = ⏳ <b>Запись ждёт подтверждения</b>
created-end = До встречи!
moved-title = 🔁 <b>Запись перенесена</b>
changed-title = 🔁 <b>Запись изменена</b>
cancelled-title = ❌ <b>Запись отменена</b>
cancelled-several-title = ❌ <b>Записи отменены</b>
cancelled-end = Будем рады видеть вас в другой раз.
button-calendar = 📅 В календарь
button-route = 🗺 Как доехать
button-comes = ✅ Приду
button-move = 🕓 Перенести
button-cannot = ✖️ Не смогу
button-sure = Да, не смогу
button-keep = Нет
button-open = Открыть
button-no-reason = Без причины
button-free-times = Свободное время
calendar-caption = 📅 Откройте файл: запись появится в вашем календаре, с адресом и временем.
# Без разметки: её календарь не показывает.
calendar-code = Код записи:
button-book-again = Записаться снова
reminder-title = ⏰ <b>Ждём вас { $left }</b>
reminder-confirmed-title = ⏰ <b>Ждём вас { $left }</b>, вы подтвердили
visit-confirmed = ✅ <b>Вы подтвердили визит</b>, ждём вас!
visit-kept = Хорошо, запись остаётся. Ждём вас!
visit-cancelled = Эта запись отменена.
visit-over = Этот визит уже прошёл.
cannot-sure = ✖️ <b>Точно отменить?</b>
which-visit = Какую запись?
ask-reason =
    Жаль, что не получится.

    Напишите одной строкой, почему, или нажмите «Без причины»: передадим администратору. Пока он не отменит запись, она остаётся.
ask-new-time =
    🕓 <b>Когда вам удобно?</b>

    Напишите одной строкой день и время: передадим администратору. Пока он не перенесёт запись, она остаётся.
ask-complaint = <b>Что пошло не так?</b> Напишите, передадим руководителю.
request-delivered-cancel = 📨 Передали администратору. Когда запись отменят, придёт сообщение.
request-delivered-move = 📨 Передали администратору. Когда запись перенесут, придёт сообщение.
request-delivered-words = 📨 Передали, ответим здесь.
request-delivered-complaint = 📨 Передали руководителю. Спасибо, что рассказали.
request-pending = Передадим администратору.
request-pending-phone = Передадим администратору. Если срочно: { $phone }
request-taken = 👌 Администратор прочитал ваше сообщение.
request-taken-cancel = 👌 Администратор принял просьбу об отмене. Когда запись отменят, придёт сообщение.
request-taken-move = 👌 Администратор принял просьбу о переносе. Когда запись перенесут, придёт сообщение.
call-venue = Об отмене или переносе скажите, пожалуйста, по телефону: { $phone }
call-venue-contacts = Об отмене или переносе скажите, пожалуйста, нам напрямую: /contacts.
booking-title = 📅 <b>Ваша запись</b>
booking-changed-title = 🔁 <b>Запись с тех пор изменилась</b>
line-answer-comes = ✅ Вы подтвердили визит
line-answer-move = 🕓 Вы просили перенести
line-answer-cannot = ✖️ Вы сообщили, что не сможете
feedback-request =
    💬 <b>Как всё прошло?</b>
    { $service }, { $day }

    Оцените визит от 1 до 5: нажмите кнопку или пришлите цифру.
thanks-five = 💛 <b>Спасибо за пятёрку!</b> Нам очень приятно.
thanks-five-links =
    💛 <b>Спасибо за пятёрку!</b> Нам очень приятно.

    Если найдётся минута, оставьте отзыв: так нас найдут другие гости.
thanks-less =
    🙏 <b>Спасибо за оценку!</b>

    Мы учтём её, чтобы в следующий раз было лучше.
rating-again = Поставьте, пожалуйста, оценку одной цифрой от 1 до 5 или нажмите кнопку.
button-review-2gis = Отзыв в 2ГИС
button-review-yandex = Отзыв на Яндекс Картах

## Разговор

greeting =
    👋 <b>Здравствуйте!</b>

    Я пришлю подтверждение записи и напомню о визите. Нажмите кнопку ниже и поделитесь номером, на который вы записываетесь. Или напишите код записи.
ask-contact-typed = Номер нужно отправить кнопкой ниже, печатать его не надо: так я буду знать, что он ваш.
ask-contact-foreign = Это чужой контакт. Отправьте, пожалуйста, свой номер кнопкой ниже.
ask-contact-first = Сначала познакомимся: поделитесь своим номером кнопкой ниже, и я найду ваши записи.
# Номер из собственного контакта клиента, по которому запись не найти: причина, потом что делать.
number-anonymous =
    Это анонимный номер Telegram (+888). На такой номер не записываются, поэтому ваших записей я по нему не найду.

    Напишите сюда код записи из письма о ней, например C6UDS3, или откройте ссылку, которую даст администратор: тогда подтверждение и напоминание придут сюда.
number-not-a-number = В вашем контакте нет телефонного номера, поэтому ваших записей я по нему не найду и напомнить о визите не смогу.
number-unknown = Такого телефонного номера я не знаю, поэтому ваших записей я по нему не найду и напомнить о визите не смогу.
number-call = О записи спросите нас по телефону: { $phone }.
number-write = О записи спросите нас: /contacts.
number-ask-venue = О записи спросите, пожалуйста, у нас напрямую.
number-other-account = Или откройте этот чат из аккаунта Telegram с тем номером, на который записываетесь, и поделитесь им.
ask-digits = 🔢 Напишите последние четыре цифры номера, на который сделана запись.
wrong-digits =
    Не подошло. Проверьте код записи и цифры: код можно написать ещё раз, потом цифры.

    Можно и иначе: попросите у администратора ссылку на запись или поделитесь своим номером, если запись сделана на него.
join-locked = Слишком много попыток. Попробуйте через час. Ссылка на запись, которую даст администратор, откроется и раньше.
dead-link = Эта ссылка больше не действует: по ней уже открыли запись, или запись отменена. Попросите у администратора новую или напишите код записи.
joined =
    ✅ <b>Готово, запись теперь здесь!</b>

    Подтверждение, напоминание и изменения этой записи будут приходить сюда.
registered =
    ✅ <b>Спасибо, номер сохранён!</b>

    Теперь подтверждения и напоминания будут приходить сюда.
known = 👋 <b>Рады видеть вас снова!</b>
list-upcoming = 📅 <b>Предстоящие записи</b>
list-upcoming-none = Предстоящих записей пока нет.
list-past = 🕓 <b>Прошлые записи</b>
list-none = Записей пока нет. Когда появятся, они будут здесь.
list-item = • { $when }: <b>{ $service }</b>
list-item-code = • { $when }: <b>{ $service }</b>, код <code>{ $code }</code>
list-item-waits = ⏳ { $when }: <b>{ $service }</b>, ждёт подтверждения
list-item-code-waits = ⏳ { $when }: <b>{ $service }</b>, код <code>{ $code }</code>, ждёт подтверждения
list-item-cancelled = • { $when }: { $service }, отменена
list-item-rated = • { $when }: <b>{ $service }</b>, ваша оценка { $stars }
list-more = … и ещё { $n }
list-tap = Нажмите на запись, чтобы открыть её.
button-page-next = Дальше →
button-page-back = ← Назад
help =
    ❓ <b>Чем могу помочь</b>

    /bookings: ваши записи
    /address: как нас найти
    /contacts: как с нами связаться
    /settings: напоминания и ваши данные
    /help: эта подсказка
unknown-text = Я понимаю только кнопки и команды.
stale-button = Эта кнопка больше не действует.
address-title = 📍 <b>Как нас найти</b>
address-none = Адрес пока не указан. Уточните его, пожалуйста, когда будете записываться.
contacts-title = ☎️ <b>Как с нами связаться</b>
contacts-none = Контакты пока не указаны.
contacts-phone = Телефон: { $value }
contacts-email = Почта: { $value }
contacts-website = Сайт: { $value }
contacts-instagram = Instagram: { $value }
contacts-hours = Часы работы: { $value }
button-book = Записаться

## Меню и команды

menu-bookings = 📅 Мои записи
menu-address = 📍 Адрес
menu-contacts = ☎️ Контакты
menu-help = ❓ Помощь
button-contact = 📱 Поделиться номером
command-start = Начать
command-bookings = Мои записи
command-help = Помощь
command-address = Адрес
command-contacts = Контакты
command-settings = Настройки

## Настройки клиента

settings-title = ⚙️ <b>Настройки</b>
settings-always = О подтверждении, переносе и отмене записи сообщаем всегда.
reminders-are-on = 🔔 Напоминания о визитах: включены
reminders-are-off = 🔕 Напоминания о визитах: выключены
questions-are-on = ⭐ Вопрос об оценке после визита: включён
questions-are-off = ▫️ Вопрос об оценке после визита: выключен
button-reminders-on = 🔔 Напоминать о визитах
button-reminders-off = 🔕 Не напоминать о визитах
button-questions-on = ⭐ Спрашивать, как всё прошло
button-questions-off = Не спрашивать, как всё прошло
button-forget = 🗑 Удалить мои данные
button-forget-sure = Да, удалить
button-forget-now = Удалить навсегда
button-forget-no = Нет
button-withdraw = ↩️ Отозвать согласие
ask-withdraw =
    ↩️ <b>Отозвать согласие?</b>

    Без согласия данные хранить нельзя: номер, имя и переписка будут удалены. Записи в заведении остаются, но сообщений о них здесь больше не будет.
ask-consent =
    👋 Здравствуйте!

    Чтобы присылать подтверждения и напоминания, нам нужны ваш номер и имя. Прочитайте, пожалуйста, согласие на обработку персональных данных и нажмите «Согласен(на)». После этого появится кнопка, которой можно поделиться номером.
ask-consent-known =
    📄 <b>Согласие на обработку данных</b>

    Мы храним ваш номер и имя, чтобы присылать подтверждения и напоминания. Прочитайте, пожалуйста, согласие и нажмите «Согласен(на)». Отозвать его и удалить данные можно в /settings.
button-consent = ✅ Согласен(на)
button-document = 📄 Согласие
button-policy = 📄 Как мы храним данные
consented = ✅ Спасибо, согласие записано. Отозвать его можно в /settings.
ask-forget =
    🗑 <b>Удалить ваши данные?</b>

    Исчезнут номер, имя и переписка. Записи в заведении остаются, но напоминаний и сообщений о них здесь больше не будет.
ask-forget-again =
    🗑 <b>Точно удалить?</b>

    Вернуть данные будет нельзя.
forgotten =
    ✅ <b>Ваши данные удалены</b>

    Из резервных копий они исчезнут не позднее чем через { $n ->
        [one] { $n } день
        [few] { $n } дня
       *[other] { $n } дней
    }. О данных в самой системе записи спросите, пожалуйста, заведение.

    Если напишете снова, это будет новое знакомство: /start

## Язык, и чем бот представляется в Телеграме

# Названия языков на них самих: одинаковы в обоих файлах.
button-language-ru = Русский
button-language-en = English
language-chosen = Теперь пишу по-русски.
# Без разметки. Описание не длиннее 512 символов, короткое не длиннее 120 (это проверяет тест).
bot-description = Пришлю подтверждение записи и напомню о визите. Здесь можно посмотреть свои записи, попросить перенести или отменить визит, задать вопрос и оценить, как всё прошло.
bot-short-description = Подтверждения записей и напоминания о визитах.

## Карточки для сотрудников

staff-created = 🆕 <b>Новая запись</b> <code>{ $code }</code>
staff-waiting = ⏳ <b>Новая запись, ждёт оплаты или подтверждения</b> <code>{ $code }</code>
staff-created-several = 🆕 <b>{ $n ->
    [one] { $n } новая запись
    [few] { $n } новые записи
   *[other] { $n } новых записей
}</b>
staff-item = • <code>{ $code }</code> { $what }
staff-item-waits = ⏳ <code>{ $code }</code> { $what }, ждёт оплаты или подтверждения
staff-moved = 🔁 <b>Запись изменена</b> <code>{ $code }</code>
staff-cancelled = ❌ <b>Запись отменена</b> <code>{ $code }</code>
staff-cancelled-several = ❌ <b>{ $n ->
    [one] Отменена { $n } запись
    [few] Отменены { $n } записи
   *[other] Отменено { $n } записей
}</b>
staff-rated = { $stars } <b>{ $n } из 5</b> <code>{ $code }</code>
staff-unreachable = 🔕 <b>Клиент не получит сообщений</b> <code>{ $code }</code>
staff-unreachable-why = Бот заблокирован или аккаунт удалён. Позвоните клиенту.
staff-undelivered = 📞 <b>Клиент мог не получить сообщение</b> <code>{ $code }</code>
staff-undelivered-not = Не доставлено: { $what }. Позвоните клиенту.
staff-undelivered-perhaps = Неизвестно, дошло ли: { $what }. Позвоните клиенту.
staff-undelivered-confirmation = подтверждение записи
staff-undelivered-moved = перенос записи
staff-undelivered-cancelled = отмена записи
staff-undelivered-reminder = напоминание о визите
staff-summary = 🗂 <b>Пока чат был закрыт</b>, { $n ->
    [one] накопилась { $n } карточка
    [few] накопились { $n } карточки
   *[other] накопилось { $n } карточек
}:
staff-group-moved = 🔁 <b>У группы новый номер</b>
staff-group-moved-id = Теперь это <code>{ $id }</code>. Карточки уже приходят сюда.
staff-group-moved-what = Попросите того, кто настраивал бота, вписать номер в SUPPORT_CHANNEL_ID.
staff-chat-bound = ✅ <b>Это чат сотрудников</b>
staff-chat-bound-what = Сюда приходят карточки о записях. Ответьте на карточку, и ответ получит её клиент.
staff-chat-left = 🔁 <b>Карточки теперь приходят в чат «{ $title }».</b>
staff-chat-left-for-none = 🔁 <b>Карточки сюда больше не приходят.</b>
staff-chat-link-over = Эта ссылка больше не действует: она работает один раз и в течение часа. Новую даёт команда <code>worker bind</code>.
staff-request-cancel = ✖️ <b>Клиент не сможет прийти и просит отменить</b>
staff-request-move = 🕓 <b>Клиент просит перенести</b>
staff-request-words = 💬 <b>Клиент пишет</b>
staff-request-complaint = ‼️ <b>Клиент недоволен визитом</b>
staff-request-comes = ✅ <b>Клиент всё-таки придёт</b>
staff-request-again = Этого ещё никто не принял.
staff-request-booking = Запись <code>{ $code }</code>
staff-request-cancelled-meanwhile = ❌ Запись с тех пор отменена
staff-request-changed-meanwhile = 🔁 Запись с тех пор изменилась
staff-request-reply = Ответ на это сообщение уйдёт клиенту.
button-take = Принято
button-invite = Пригласить
# Этот текст сотрудник перешлёт клиенту.
invitation-title = Здравствуйте! Вы записаны:
invitation = Подтверждение и напоминание придут в Telegram, если открыть ссылку и нажать «Старт»:
invitation-digits = Бот спросит последние четыре цифры номера, на который сделана запись.
invitation-in-bot = Клиент уже в боте: приглашать не нужно.
invitation-over = Эта запись отменена или уже прошла: приглашать некуда.
staff-joined = 🔗 <b>Клиент открыл запись в боте</b> <code>{ $code }</code>
staff-joined-what = Сообщения о ней теперь получает он.
button-taken-by = ✅ Принято: { $name }
staff-strangers = 💬 <b>Пишут без номера телефона</b>
staff-stranger = • { $name }: { $words }
staff-reply-not-delivered = Не доставлено: клиент закрыл бота или сообщение не отправить. Позвоните клиенту.
staff-reply-perhaps = Неизвестно, дошло ли. Если важно, позвоните клиенту.
staff-reply-no-client = Не отправлено: здесь не один клиент, или его нет в боте. Ответьте на карточку клиента.
staff-rejected = ⚠️ <b>Запрос Bukza не принят</b>
staff-rejected-one = № { $number }, { $when }
staff-rejected-several = № { $first }–{ $last }, { $n ->
    [one] { $n } запрос
    [few] { $n } запроса
   *[other] { $n } запросов
}, последний: { $when }
staff-fault = • <code>{ $field }</code>: { $message }
staff-more = … и ещё { $n }
staff-rejected-end = { $n ->
    [1] Запрос сохранён.
   *[other] Запросы сохранены.
}
staff-was = Было: { $was }
staff-person = 👤 { $name }
staff-no-name = имя не указано
staff-no-phone = телефон не указан или не читается
staff-waits = ⏳ Ждёт оплаты или подтверждения
staff-comment = 💬 { $comment }
staff-field = ▫️ { $name }: { $value }
staff-status = Статус: «{ $words }»
staff-order = Заказ { $order }
staff-order-link = <a href="https://my.bukza.com/#/tables/order/{ $page }">Заказ { $order }</a>
staff-in-bot = ✅ Клиент в боте
staff-not-in-bot = ⚠️ Клиента нет в боте
staff-bot-blocked = 🔕 Клиент закрыл бота

## Заметки для сотрудников

note-waits = ⏳ <b>Запись ждёт оплаты или подтверждения</b> <code>{ $code }</code>
note-waits-why = Клиенту раньше сообщили, что он записан.
note-waits-untold = Клиенту о ней ещё не сообщали.
note-confirmed = ✅ <b>Запись действует</b> <code>{ $code }</code>
note-no-show = 🚫 <b>Клиент не пришёл</b> <code>{ $code }</code>
note-believes = ⚠️ <b>Клиент считает, что записан</b> <code>{ $code }</code>
note-believes-why = Запись больше не клиентская, бот ему об этом не пишет. Позвоните клиенту.
note-stands = ❗️ <b>После отмены пришло: действует</b> <code>{ $code }</code>
note-stands-why = Запись остаётся отменённой. Если она действует, сохраните её ещё раз.
note-phone = 📞 <b>Телефон добавлен</b> <code>{ $code }</code>
note-held-back = ❔ <b>Статус похож на отмену</b> <code>{ $code }</code>
note-held-back-why = Статус «{ $words }», и запись действует. Если это отмена, поставьте другой статус или добавьте этот в CANCELLED_STATUSES.

## Первые запросы, поле за полем

tutor-title = 🎓 <b>Запрос Bukza прочитан</b> <code>{ $code }</code>
tutor-number = Первые запросы: { $n } из { $of }
tutor-reservations = В этом запросе есть и другие брони: { $n }. Здесь показана первая.
tutor-read = <b>Прочитано</b>
tutor-line = • { $field }: { $value }
tutor-name = • { $field }
tutor-time = { $time } (пояс { $zone })
tutor-sum = { $sum }
tutor-status = <b>Статус</b>
tutor-words = «{ $words }»: { $meaning }
tutor-no-status = Не указан: запись действует.
tutor-quoted = «{ $word }»
tutor-other-words = Другие слова в запросе: { $words }. Считается самое строгое.
tutor-stands = запись действует. Клиенту в боте приходят подтверждение, напоминание и вопрос об оценке.
tutor-stands-unknown = такого слова бот не знает, и запись действует. Клиенту в боте приходят подтверждение, напоминание и вопрос об оценке. Если слово значит другое, впишите его в настройки статусов (CANCELLED_STATUSES и соседние).
tutor-restored = отменённая запись снова действует.
tutor-held-back = похоже на отмену, но запись действует. Если это отмена, впишите слово в CANCELLED_STATUSES.
tutor-pending = запись ждёт оплаты или подтверждения. Клиенту пока не пишем.
tutor-cancelled = запись отменена. Клиент узнает об этом, если о записи ему сообщали и визит впереди.
tutor-no-show = клиент не пришёл. Ему не пишем и об оценке не спрашиваем.
tutor-ignored = время самого заведения. Клиенту не пишем.
tutor-unfilled = <b>Пришло пустым</b>
tutor-unread = <b>Не удалось прочитать</b>
tutor-absent = <b>Нет в запросе</b>
tutor-optional = • Можно добавить: { $names }
tutor-unknown = <b>Незнакомые поля</b>
tutor-unused = Боту не нужны: { $names }
tutor-more = { $words } и ещё { $n }
tutor-more-alone = { $n } с необычными именами
tutor-first = Так придут первые десять запросов: проверьте, всё ли на месте. Чего не хватает, добавьте в шаблон веб-запроса.
tutor-last = Это последняя такая карточка: дальше придут только обычные.
tutor-without-phone = без него бот не найдёт клиента сам, останется ссылка-приглашение
tutor-without-service = клиент не увидит, куда записан
tutor-without-status = об отмене бот узнает только из запроса со словом отмены в event или message
tutor-without-name = в карточках будет «имя не указано»
tutor-without-people = не будет в сообщениях
tutor-without-total = не будет в сообщениях
tutor-without-order = по нему собираются вместе брони одного заказа
tutor-without-order-page = в карточках не будет ссылки на заказ
tutor-field-start = Начало
tutor-field-end = Конец
tutor-field-status = Статус
tutor-field-service = Услуга
tutor-field-zone = Зал или зона
tutor-field-phone = Телефон
tutor-field-name = Имя
tutor-field-last-name = Фамилия
tutor-field-people = Число гостей
tutor-field-total = Сумма
tutor-field-prepayment = Нужная предоплата
tutor-field-paid = Оплачено
tutor-field-order = Номер заказа
tutor-field-order-page = Адрес заказа (order_id)
tutor-field-comment = Комментарий

## Что спрашивают сотрудники

staff-urgent = ‼️ <b>Визит { $left }</b>

# Расписание и поиск. $date: «суббота, 27 декабря».
agenda-title = 📅 <b>{ $date }</b>: { $n ->
    [one] { $n } визит
    [few] { $n } визита
   *[other] { $n } визитов
}
agenda-part = (часть { $part } из { $parts })
agenda-none = 📅 { $date }: визитов нет.
found-title = 🔎 По «{ $words }» { $n ->
    [one] найдена { $n } запись
    [few] найдены { $n } записи
   *[other] найдено { $n } записей
}:
found-none = 🔎 По «{ $words }» ничего не найдено. По имени ищутся визиты за последние 90 дней и на год вперёд.
how-to-find = Напишите после команды код записи, последние цифры телефона (от четырёх) или начало имени: <code>/find 4567</code>
staff-help =
    <b>Что можно спросить в этом чате</b>
    /today: визиты сегодня
    /tomorrow: визиты завтра
    /find и код записи, последние цифры телефона (от четырёх) или начало имени: найти запись. По имени ищутся визиты за последние 90 дней и на год вперёд
    /stats: числа за неделю и за месяц

    ✅ клиент придёт, ✖️ не сможет, 🕓 просит перенести, ❓ не ответил, ⏳ ждёт оплаты или подтверждения, 🔕 бот не может написать клиенту, 🚫 не пришёл, ❌ отменена

    Ответ на карточку клиента уйдёт клиенту.
staff-help-agenda = Расписание приходит само в { $time }.
# Без разметки: описания команд в меню.
command-today = Визиты сегодня
command-tomorrow = Визиты завтра
command-find = Найти запись: код, цифры телефона или имя
command-stats = Числа за неделю и за месяц
command-staff-help = Что можно спросить

stats-week = 📊 <b>Визиты этой недели</b>
stats-month = 📊 <b>Визиты этого месяца</b>
stats-bookings = Записей: { $n }
stats-in-bot = Клиент в боте: { $n } ({ $percent } %)
stats-confirmed = ✅ Подтвердили: { $n }
stats-cancelled = ❌ Отменены: { $n }
stats-no-shows = 🚫 Не пришли: { $n }
stats-undelivered = 📞 Не доставлено сообщений: { $n }
stats-stars = ⭐ { $service }: { $average } ({ $n ->
    [one] { $n } оценка
    [few] { $n } оценки
   *[other] { $n } оценок
})
stats-no-service = без услуги
stats-end = Неделя с понедельника; визиты, которые ещё впереди, тоже посчитаны.

button-replay = 🔁 Повторить № { $first }
button-replay-all = 🔁 Повторить все № { $first }–{ $last }
replayed-used = { $n ->
    [1] ✅ Запрос принят. О записи придёт карточка.
   *[other] ✅ Принято запросов: { $n }. О записях придут карточки.
}
replayed-before = { $n ->
    [1] Уже повторён.
   *[other] Уже повторены: { $n }.
}
replayed-refused = { $n ->
    [1] ⚠️ Запрос № { $number } всё ещё не принят:
   *[other] ⚠️ Всё ещё не приняты: { $n }. Первый из них, № { $number }:
}
replayed-gone = Этого запроса больше нет.
replayed-more = Это не все запросы: нажмите ещё раз.

# Что таблица Bukza показывает иначе, чем знает бот.
table-card = 🧾 <b>В таблице Bukza иначе</b>
table-missing = • <code>{ $code }</code> { $what }: у бота записи нет
table-cancelled = • <code>{ $code }</code> { $what }: в таблице отменена
table-stands = • <code>{ $code }</code> { $what }: у бота отменена, в таблице — { $status }
table-moved = • <code>{ $code }</code> { $what }: в таблице — { $to }
table-other-client = • <code>{ $code }</code> { $what }: в таблице другой телефон клиента
table-other-status = • <code>{ $code }</code> { $what }: в таблице — { $status }
table-phone-added = • <code>{ $code }</code> { $what }: в таблице есть телефон, у бота нет
table-not-in-table = • <code>{ $code }</code> { $what }: в таблице её нет
table-card-end = «Применить» — бот примет запись, как она в таблице, и напишет клиенту, как обычно.
table-not-in-table-end = Чего нет в таблице, бот сам не отменяет: проверьте запись в Bukza.
table-means-stands = действует
table-means-pending = ждёт оплаты или подтверждения
table-means-no-show = клиент не пришёл
table-means-ignored = время занято не клиентом
table-means-cancelled = отменена
table-refused = ⚠️ <b>Таблица Bukza не принята</b>
table-refused-why = В ней только { $found } из { $known } записей, которые знает бот: похоже, пришла не вся. Записи не изменены, бот прочитает её ещё раз.
button-table = ✅ Применить { $code }
button-table-all = ✅ Применить все: { $n }
table-applied = { $n ->
    [1] ✅ Применено: { $codes }. О записи придёт карточка.
   *[other] ✅ Применено записей: { $n } ({ $codes }). О них придут карточки.
}
table-applied-before = Уже применено: { $n }.
table-applied-agree = Уже совпадает с таблицей: { $n }.
table-applied-otherwise = В таблице теперь не то, что на этой карточке: { $n }. Смотрите новую карточку.
table-applied-outdated = Не применено: { $n }. Таблица прочитана больше суток назад, с тех пор Bukza её не отдаёт.
table-applied-none = Этих расхождений больше нет.
