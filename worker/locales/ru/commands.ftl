### Что печатают команды `worker` на сервере, по-русски: простой текст, каждый в одну строку. Ключи здесь и в en/commands.ftl
### одни и те же. Виды сообщений, причины и номера печатаются так, как они хранятся.

reason = причина: { $reason }
none = нет
telegram-away = Телеграм: { $error }

## worker message, worker booking

message-none = сообщения { $id } нет
message-line = сообщение { $id }: { $kind } { $recipient }, { $status }
message-recipient = { $recipient ->
    [client] клиенту
    [staff] сотрудникам
   *[other] { $recipient }
}
message-status = { $status ->
    [scheduled] ждёт своего времени
    [sending] отправляется
    [sent] отправлено
    [failed] не отправлено
    [unknown] неизвестно, дошло ли
    [cancelled] отменено
    [expired] опоздало
   *[other] { $status }
}
message-slot = отличие: { $value }
message-version = версия записи: { $value }
message-planned = запланировано: { $value }
message-due = срок: { $value }
message-expires = годится до: { $value }
message-sent = ушло: { $value }
message-job = задание: { $value }, поставлено { $at }
message-attempts = попыток, которые могли дойти: { $value }
message-lease = занято до: { $value }
message-joined = вошло в сообщение: { $value }
message-telegram = номер в Телеграме: { $value }
message-event = из события: { $value }
message-no-chat = чата нет: клиент не в боте

booking-none = записи { $code } нет
booking-code = код: { $fault }
booking-line = запись { $code }: { $status }, версия { $version }
booking-status = { $status ->
    [active] действует
    [cancelled] отменена
    [completed] закончилась
   *[other] { $status }
}
booking-means = значение: { $meaning }, по словам: { $words }
meaning = { $meaning ->
    [stands] действует
    [pending] ждёт
    [cancelled] отменена
    [no_show] не пришёл
    [ignored] своё время
   *[other] { $meaning }
}
booking-times = с { $from } до { $to }
booking-client-in-bot = клиент { $phone }, в боте
booking-client-not-in-bot = клиент { $phone }, не в боте
booking-no-phone = без телефона
booking-rated = оценка: { $stars }
booking-event = последнее событие { $event }, пришло { $at }

## worker dead

dead-none = отложенного сбоя { $id } нет
dead-count = отложено сбоев: { $n }
dead-shown = очередь { $queue }, задание { $job }, попыток: { $n }
dead-queue-unknown = сбой { $id }: эта версия не знает очереди { $queue }
dead-replayed = сбой { $id } снова в очереди
dead-replayed-all = снова в очередях: { $n }

## worker rejected

rejected-none = отклонённого запроса { $id } нет
rejected-line = { $id }  { $received }  ответ { $status }  [{ $cause }]{ $read }: { $faults }
rejected-read = , прочитан { $at }
rejected-count = отклонено запросов: { $n }
rejected-shown = пришёл { $received }, ответ { $status }{ $read }: { $faults }
rejected-cause = причина: { $cause }
rejected-was-replayed = повторён { $at }
rejected-still = запрос всё ещё не годится: { $faults }
rejected-replayed = запрос { $id } в очереди, событий: { $n }

## worker unknown

unknown-line = { $id }  { $kind }  запись { $booking }  срок { $due }: { $reason }
unknown-count = сообщений, которые могли не дойти: { $n }
unknown-no-news = сообщение { $id } уже не новость
unknown-other = сообщение { $id } не из тех, что могли не дойти: { $status }
unknown-resent = отправляется ещё раз: { $n }

## worker export, worker forget

phone-wrong = это не номер телефона: { $phone }
forget-deleted = удалено: аккаунтов { $accounts }, просьб к сотрудникам { $requests }, отклонённых запросов { $refused }, отложенных сбоев { $dead }, заданий во входящих { $inbox }
forget-nameless = больше не привязаны к человеку: записей { $bookings }, сообщений { $messages }
forget-backups = в резервных копиях эти данные остаются до { $n } дней: после восстановления из копии повторите эту команду
forget-no-key = FORGET_KEY не задан: запросы Bukza, которые были в пути, вернут данные, а удалённая запись, которую Bukza отдаст другому клиенту, останется без него

## worker bind, worker unbind

bind-open = Откройте её в Телеграме до { $until } и выберите группу сотрудников: бот войдёт в неё, и карточки будут приходить туда.
bind-topic = Чтобы выбрать тему группы, напишите в ней: { $command }
bind-once = У кого ссылка, тот и выбирает группу. Она действует один раз; `worker unbind` её отзовёт.
unbind-none = ни один чат не был привязан; открытые ссылки отозваны
unbind-done = { $place } больше не чат сотрудников; открытые ссылки отозваны

## worker replan

replan-line = { $code }  { $start } до { $end }  { $from } → { $to }
replan-stays = прислан со смещением: остаётся
replan-differ = из { $n ->
    [one] { $n } визита
   *[other] { $n } визитов
} у { $differ } момент не совпадает с временем на часах заведения ({ $zone }, правила { $rules })
replan-stay = присланы со смещением и остаются, в другой час: { $n }; с --instants будут перенесены и они
replan-unknown = сохранены версией, которая не знала времени на часах заведения, и остаются: { $n }
replan-moved = перенесено визитов: { $visits }, сообщений с новым временем: { $messages }; никому ничего не отправлено
replan-dry = ничего не изменено: --apply перенесёт их, никому ничего не отправляя

## worker statuses

status-none = статусов пока нет: за { $days } дней ни в одном запросе его не было
status-heading-meaning = значение
status-heading-bookings = записей
status-heading-last = последняя
status-heading-at = когда
status-heading-words = статус
status-count = статусов за { $days } дней: { $n }
status-change = ⚠: как это изменить, сказано в docs/ru/bukza.md, «Ваши статусы»
doubt-held-back = слово отмены, которое снимают слова рядом
doubt-looks-cancelled = похоже на отмену
