# Тексты `worker import`, каждый в одну строку.

import-left-client = клиент { $row } ({ $about }): { $why }
import-left-booking = запись { $row } ({ $about }): { $why }
import-left-message = сообщение { $row }: { $why }

why-no-account = нет аккаунта Телеграма
why-account-twice = тот же аккаунт, что у клиента { $other }, а он новее
why-phone-missing = нет телефона
why-phone-unreadable = телефон не читается
why-phone-twice = тот же телефон, что у клиента { $other }, а он новее
why-phone-of-other = этот телефон здесь уже у другого аккаунта
why-other-phone = у этого аккаунта здесь уже другой телефон
why-deleted = данные этого человека здесь удалены
why-code-missing = нет кода
why-code-unusable = код длиннее 100 знаков или в нём есть невидимые
why-code-twice = тот же код, что у записи { $other }, а она новее
why-status-missing = нет статуса
why-status-unknown = неизвестный статус «{ $word }»
why-start-missing = нет времени
why-start-impossible = такого времени не бывает: «{ $text }»
why-duration-missing = нет длительности
why-duration-impossible = такой длительности не бывает: «{ $text }»
why-booking-phone = перенесена без телефона: ни один не читается
why-rating = перенесена без оценки: «{ $text }» не от 1 до 5
why-kind-missing = нет типа
why-kind-unknown = неизвестный тип «{ $word }»
why-sent-missing = нет времени
why-sent-unreadable = время не читается
why-no-booking = его записи нет, или она не перенесена

import-clients = Клиенты: строк { $rows }, новых { $new }, уже здесь { $known }, не перенесено { $left }
import-bookings = Записи: строк { $rows }, новых { $new }, изменено { $changed }, без изменений { $known }, не перенесено { $left }
import-messages = Сообщения прежнего бота: строк { $rows }, новых { $new }, уже здесь { $known }, не перенесено { $left }
import-planned = Напоминания и вопросы об оценке: запланировано { $planned }, стало ненужным { $cancelled }
import-done = Никому ничего не отправлено. Перенос можно повторять: он добавит то, что изменилось с тех пор.
import-dry-run = Ничего не записано (--dry-run).

import-no-tables = это не база прежнего бота: в ней нет таблиц { $tables }
import-own-database = это база самой программы, а --from называет базу прежнего бота
