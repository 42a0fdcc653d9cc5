# Слова `worker doctor` на языке заведения. Ошибки других программ стоят в них как есть.

## Что проверяется

about-settings = настройки
about-deletion = удаление
about-time-zone = часовой пояс
about-postgres = postgres
about-pg-clock = часы pg
about-schema = схема
about-work = работа
about-statuses = статусы
about-first-way = первый путь
about-second-way = второй путь
about-venue-file = файл заведения
about-zone-data = правила пояса
about-visits = визиты
about-redis = redis
about-redis-clock = часы redis
about-redis-safety = запись redis
about-bot = бот
about-webhook = вебхук
about-staff-chat = чат команды
about-bukza-table = таблица
about-presentation = вид бота
about-certificate = сертификат
about-disk = диск
about-backup = копия
about-backup-disk = диск копий

checks-failed = не прошло проверок: { $n } из { $of }
does-not-answer = не отвечает: { $error }
try-again = попробуйте ещё раз
install-again = установите выпуск заново

## Настройки

settings-mend = исправьте .env
settings-mend-file = исправьте файл заведения (его объясняет venue.example.toml)
settings-mend-both = исправьте .env и файл заведения (его объясняет venue.example.toml)
file-none = нет: везде действуют настройки и встроенные тексты
file-install = установите выпуск заново
file-read = { $path }: помещений и услуг { $resources }, своих текстов { $texts }
file-read-texts = { $path }: помещений и услуг { $resources }, своих текстов { $texts } ({ $own })
file-broken = { $found }; не используются:{ $broken }
file-more = и ещё { $n }
file-mend = исправьте эти тексты и перезапустите: файл читается при запуске, до тех пор работают встроенные
settings-of-both = у worker и ingest ошибок нет
settings-of-worker = у worker ошибок нет (BUKZA_WEBHOOK_SECRET нужен только ingest)
settings-of-ingest = у worker ошибок нет; для ingest не хватает: { $names }
settings-of-ingest-set = задайте их там, где работает ingest, если там их нет
forget-key-missing = FORGET_KEY не задан: запросы, которые шли во время удаления клиента, вернут его данные
forget-key-set = задайте его: openssl rand -hex 32 (docs/privacy.md)

## Машина и резервные копии

clocks-apart = часы там и здесь расходятся на { $ms } мс
clocks-keep-time = пусть обе машины сверяют время (systemd-timesyncd, chrony)
zone-now = { $zone }: там сейчас { $time } (правила { $rules })
zone-set = впишите в TIMEZONE город заведения, если его часы показывают не это
disk-unreadable = не узнать: { $error }
disk-df = посмотрите через df
disk-free = свободно { $free } из { $whole } ГиБ там, где это запущено
disk-make-room = освободите место: старые копии, журналы, образы; диски баз смотрите отдельно через df
backup-age = { $name }, часов назад: { $n }
backup-none = её нет
backup-run = запустите deploy/backup (docs/operations.md) и узнайте, почему не сработал таймер
backup-unreadable = в { $folder } не заглянуть: { $error }
backup-elsewhere = запустите doctor там, где лежат копии, от имени того, кто может их читать, с --backups ПАПКА

## PostgreSQL

postgres-connections = версия { $version }, занято соединений: { $used } из { $most }
postgres-read-only = версия { $version }, занято соединений: { $used } из { $most }, только для чтения
postgres-primary = в DATABASE_URL нужен основной сервер
postgres-raise = увеличьте max_connections, уменьшите DATABASE_POOL или число программ
postgres-silent = не отвечает: там никого нет, он запускается или переполнен
postgres-start = запустите PostgreSQL или исправьте DATABASE_URL (сервер, порт, пароль, база)
postgres-log = посмотрите журнал PostgreSQL
schema-current = как нужно: { $name }
schema-newer = от более новой версии, с которой эта может работать: { $names }
schema-behind = не хватает { $names }
schema-migrate = запустите `migrate`
schema-ahead = её изменила более новая версия: { $names }
schema-ahead-start = запустите программы той версии или восстановите базу этой
work-found = сообщений запланировано: { $planned }, пора отправить: { $due } (самое старое ждёт { $oldest } с), отложено сбоев: { $dead }, отклонено запросов: { $refused }
work-overdue = посмотрите журналы worker: Телеграм, его ограничения, или worker не работает
work-look = посмотрите: `worker dead list`, `worker rejected list`
statuses-none = пока нет: за 30 дней ни в одном запросе не было статуса
statuses-well = за 30 дней: { $n }, список даёт `worker statuses`
statuses-one = «{ $words }» ({ $n }, последняя { $code })
statuses-more = и ещё { $n }
statuses-doubtful = похожи на отмену, но записи действуют: { $statuses }
statuses-doubtful-name = если это отмена, впишите слова в CANCELLED_STATUSES (docs/ru/bukza.md); все слова даёт `worker statuses`

## Redis

redis-start = запустите Redis или исправьте REDIS_URL (сервер, порт, пароль)
redis-memory = версия { $version }, занято { $used } из { $most } МиБ
redis-no-limit = версия { $version }, занято { $used } МиБ, без предела
redis-set-limit = задайте maxmemory, чтобы очередь не заняла всю память машины
redis-raise-limit = увеличьте maxmemory или узнайте, почему копятся задания
redis-safe = журнал на диске, ничего не вытесняется
redis-evicts = maxmemory-policy = { $policy }: полный Redis выбрасывает задания
redis-evicts-set = поставьте maxmemory-policy noeviction
redis-no-log = appendonly выключен: принятые запросы пропадут, если Redis упадёт
redis-no-log-set = поставьте appendonly yes, appendfsync always
redis-log-of-system = appendfsync = no: при отключении питания пропадёт полминуты принятых запросов
redis-log-of-system-set = поставьте appendfsync always или everysec
redis-log-each-second = appendfsync = everysec: при отключении питания пропадёт секунда принятых запросов
redis-log-each-second-set = поставьте appendfsync always, если это не намеренно
redis-log-fails = последняя запись в его журнал не удалась
redis-log-fails-see = посмотрите диск Redis и его журнал

## Telegram

telegram-silent = Телеграм не отвечает
bot-unreachable = нет связи: { $error }
bot-token-wrong = Телеграм не знает такого ключа
bot-mend-url = исправьте TELEGRAM_PROXY или TELEGRAM_API_URL
bot-mend = исправьте BOT_TOKEN (он есть у @BotFather); если до Телеграма не достучаться: сеть, TELEGRAM_PROXY или второй путь в TELEGRAM_API_URL
way-answers = { $way } отвечает
way-away = { $way }: { $error }
way-away-other = { $way }: { $error }; { $other }
way-first-is-used = работает первый путь
way-second-is-used = работает второй путь
way-wrong = к { $way } можно подключиться, но ответ негодный: { $error }
way-mend-route = проверьте, может ли сервер туда подключиться (файрвол, DNS, блокировка провайдера), или назовите другой путь в TELEGRAM_API_URL, затем `deploy/bridge restart`
way-mend-proxy = проверьте, работает ли прокси, пускает ли этот сервер (имя, пароль) и достаёт ли до Телеграма, или назовите другой путь в TELEGRAM_API_URL, затем `deploy/bridge restart`
way-mend-server = исправьте то, что там отвечает, или уберите его из TELEGRAM_API_URL, затем `deploy/bridge restart`: что могло дойти этим путём, другим не отправляется
bot-nameless = бот без имени
presentation-well = описания, команды и кнопка меню такие, как нужно
presentation-differs = Телеграм показывает другое: { $parts }
presentation-start = запустите worker, он их поставит
part-description = описание
part-short-description = короткое описание
part-commands-of-all = команды всех чатов
part-commands = команды
part-commands-of-staff = команды чата сотрудников
part-menu-button = кнопка меню
part-in = { $part } ({ $language })
staff-none = нет: SUPPORT_CHANNEL_ID не задан, и по ссылке чат не привязан
staff-bind = запустите `worker bind` и откройте его ссылку в Телеграме
staff-bound = по ссылке привязан { $place }: { $reason }
staff-named = в SUPPORT_CHANNEL_ID стоит { $place }: { $reason }
staff-see-id = проверьте, что в SUPPORT_CHANNEL_ID номер этого чата (у группы начинается с -100), и добавьте бота в чат; или запустите `worker bind` и откройте его ссылку в Телеграме
staff-see-topic = проверьте, что тема есть и открыта: её номер стоит в конце её ссылки в Телеграме
staff-well = { $kind }, бот может там писать
staff-no-member = { $kind }: бота там нет
staff-add = добавьте бота в чат (если его исключали, сначала разблокируйте)
staff-no-writing = { $kind }: боту нельзя там писать
staff-administrator = сделайте бота администратором группы
staff-no-posting = { $kind }: боту нельзя там публиковать
staff-administrator-of-channel = сделайте бота администратором канала с правом публиковать сообщения
staff-closed-topic = { $kind } с темами: пока общая тема закрыта, карточки ждут
webhook-none = нет, обновления бот забирает сам
webhook-beside-polling = задан { $host }, хотя TELEGRAM_MODE = polling
webhook-take-away = запустите worker, он его уберёт
webhook-elsewhere = у Телеграма записан { $host } вместо { $url }
webhook-register = запустите worker, он его запишет; не пользуется ли этим токеном другая программа?
webhook-narrowed = { $url }: другая программа сузила набор обновлений, не приходят { $kinds }
webhook-waits = { $url }, обновлений ждёт: { $n }
webhook-trouble = { $url }, обновлений ждёт: { $n }, последняя беда Телеграма: { $error }
webhook-see = проверьте, что ingest работает и nginx пускает Телеграм (сертификат, порт 443)

## Сертификат публичного адреса

certificate-right = { $host }: верный
certificate-until = { $host }: действует до { $day }, осталось дней: { $n }
certificate-ends = { $host }: скоро кончится, { $day }, осталось дней: { $n }
certificate-ended = { $host }: кончился { $day }, запросы Bukza и Телеграма пропадают
certificate-early = { $host }: по часам этой машины начнёт действовать только { $day }
certificate-other-name = { $host }: выдан на другое имя, { $names }
certificate-untrusted = { $host }: ему никто не верит, { $error }
certificate-unseen = к { $host } отсюда не подключиться: { $error }
certificate-renew = узнайте, почему он не обновился (`docker compose logs certbot` или `journalctl -u certbot`), и обновите: `docker compose exec certbot certbot renew --webroot --webroot-path /var/www/acme` или `certbot renew`; nginx возьмёт его после `deploy/bridge restart`
certificate-get = получите сертификат Let's Encrypt на это имя, его файл — fullchain.pem (docs/docker.md, docs/systemd.md), или исправьте WEBHOOK_HOST
certificate-see = проверьте, что nginx работает, порт 443 открыт и имя ведёт сюда; если сервер не достаёт до собственного адреса, всё может быть в порядке: откройте адрес в браузере

# Правила часового пояса и будущие визиты
zones-none = правила { $ours }; у системы сравнить не с чем: нет { $path }
zones-unknown = версия неизвестна
zones-same = правила { $ours }; у системы ({ $system }) на год вперёд они те же
zones-differ = с { $at } часы в { $zone } расходятся: { $program } у этой программы ({ $ours }), { $shown } у системы ({ $system })
zones-update-program = обновите эту программу, затем `worker replan` (docs/operations.md)
zones-update-system = обновите tzdata системы: её правила старее
zones-update-older = верны более новые правила: обновите эту программу, затем `worker replan` (docs/operations.md), или tzdata системы
zones-unreadable = { $path } не читается: { $error }
zones-install = установите tzdata системы заново
visits-at-their-times = впереди { $visits }, все в своё время по часам заведения
visits-shifted = правила пояса изменились: из { $visits } впереди у { $written } момент не совпадает с временем на часах заведения, { $shown } с указанным смещением показываются в другой час, чем раньше
visits-replan = посмотрите, затем перенесите их: `worker replan` (docs/operations.md)

# Собственная таблица Bukza

table-read = читается, броней на 14 дней вперёд: { $rows }
table-empty = читается; на 14 дней вперёд броней нет, поэтому столбцы не проверить
table-lacks = читается, броней на 14 дней вперёд: { $rows }; нет столбца для { $fields }
table-left-out = читается, броней на 14 дней вперёд: { $rows }; не годится строк: { $left } ({ $faults })
table-absent = нет столбца для { $fields }; есть { $there }
table-refused = Bukza не пускает (HTTP { $status })
table-trouble = { $error }
table-silent = Bukza не отвечает вовремя
table-add-columns = добавьте столбцы в таблицу в Bukza или назовите их в venue.toml, в [bukza.columns] (docs/ru/bukza.md)
table-mend-rows = посмотрите эти строки в Bukza: у каждой должны быть код, статус словами и время вида 27.12.2025 12:00
table-mend-account = проверьте BUKZA_API_EMAIL и BUKZA_API_PASSWORD и видна ли этой учётной записи таблица BUKZA_TABLE_ID
table-mend-token = сеанс закончился: впишите новый BUKZA_API_TOKEN или вместо него BUKZA_API_EMAIL и BUKZA_API_PASSWORD
table-mend-form = проверьте BUKZA_API_URL и BUKZA_TABLE_ID; если они верны, Bukza изменила своё API: записи и дальше приходят веб-запросами, обновите программу
table-mend-way = попробуйте позже; если не пройдёт, проверьте дорогу от этого сервера до Bukza (DNS, файрвол) и BUKZA_API_URL
