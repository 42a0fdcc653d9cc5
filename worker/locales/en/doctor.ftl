# The words of `worker doctor`, in the venue's language. Errors of other programs stand in them as they came.

## What is checked

about-settings = settings
about-deletion = deletion
about-time-zone = time zone
about-postgres = postgres
about-pg-clock = pg clock
about-schema = schema
about-work = work
about-statuses = statuses
about-first-way = first way
about-second-way = second way
about-venue-file = venue file
about-zone-data = zone data
about-visits = visits
about-redis = redis
about-redis-clock = redis clock
about-redis-safety = redis safety
about-bot = bot
about-webhook = webhook
about-staff-chat = staff chat
about-bukza-table = bukza table
about-presentation = presentation
about-certificate = certificate
about-disk = disk
about-backup = backup
about-backup-disk = backup disk

checks-failed = { $n } of { $of } checks failed
does-not-answer = does not answer: { $error }
try-again = try again
install-again = install the release again

## Settings

settings-mend = mend .env
settings-mend-file = mend the venue's file (venue.example.toml explains it)
settings-mend-both = mend .env and the venue's file (venue.example.toml explains it)
file-none = none: the settings and the built-in texts hold everywhere
file-install = install the release again
file-read = { $path }: { $resources } resources, { $texts } texts
file-read-texts = { $path }: { $resources } resources, { $texts } texts ({ $own })
file-broken = { $found }; not used:{ $broken }
file-more = and { $n } more
file-mend = mend these texts and restart the workers, which read the file at their start: until then the built-in ones are used
settings-of-both = of worker and ingest: no fault
settings-of-worker = of worker: no fault (BUKZA_WEBHOOK_SECRET is ingest's own)
settings-of-ingest = of worker: no fault; ingest would miss { $names }
settings-of-ingest-set = set them where ingest runs, if they are not set there
forget-key-missing = FORGET_KEY is not set: requests on their way when a client is deleted bring data back
forget-key-set = set it: openssl rand -hex 32 (docs/privacy.md)

## The machine and the backups

clocks-apart = its clock and this machine's are { $ms } ms apart
clocks-keep-time = have both machines keep time (systemd-timesyncd, chrony)
zone-now = { $zone }: { $time } there now (rules of { $rules })
zone-set = set TIMEZONE to the venue's city unless its clocks really show that
disk-unreadable = can't be looked at: { $error }
disk-df = use df
disk-free = { $free } of { $whole } GiB are free where this runs
disk-make-room = make room: old backups, logs, images; the databases' disks have their own df
backup-age = { $name }, { $n } h old
backup-none = there is none
backup-run = run deploy/backup (docs/operations.md), and look why its timer did not
backup-unreadable = { $folder } can't be looked into: { $error }
backup-elsewhere = run doctor where backups are, as who may read them, with --backups FOLDER

## PostgreSQL

postgres-connections = version { $version }, { $used } of { $most } connections in use
postgres-read-only = version { $version }, { $used } of { $most } connections in use, read-only
postgres-primary = DATABASE_URL is to be the primary
postgres-raise = raise max_connections, or lower DATABASE_POOL or the number of programs
postgres-silent = does not answer: nobody listens there, or it is starting, or full
postgres-start = start PostgreSQL, or mend DATABASE_URL (host, port, password, database)
postgres-log = look at PostgreSQL's log
schema-current = current: { $name }
schema-newer = of a newer version that this one can work with: { $names }
schema-behind = lacks { $names }
schema-migrate = run `migrate`
schema-ahead = was migrated by a newer version: { $names }
schema-ahead-start = start that version's programs, or restore this one's database
work-found = { $planned } messages planned, { $due } due and not sent (the oldest for { $oldest } s), { $dead } dead letters, { $refused } refused requests
work-overdue = see the workers' logs: Telegram, its limits, or no worker runs
work-look = look: `worker dead list`, `worker rejected list`
statuses-none = no status yet: no request of the last 30 days had one
statuses-well = { $n } in 30 days: `worker statuses`
statuses-one = «{ $words }» ({ $n }, last { $code })
statuses-more = and { $n } more
statuses-doubtful = look like cancellations, but the bookings stand: { $statuses }
statuses-doubtful-name = if they are off, name the words in CANCELLED_STATUSES (docs/bukza.md); all: `worker statuses`

## Redis

redis-start = start Redis, or mend REDIS_URL (host, port, password)
redis-memory = version { $version }, { $used } MiB in use of { $most }
redis-no-limit = version { $version }, { $used } MiB in use, without a limit
redis-set-limit = set maxmemory, so that a backlog can't take the machine's memory
redis-raise-limit = raise maxmemory, or see why jobs pile up
redis-safe = a log on the disk, and nothing is evicted
redis-evicts = maxmemory-policy is { $policy }: a full Redis throws jobs away
redis-evicts-set = set maxmemory-policy noeviction
redis-no-log = appendonly is off: accepted webhooks are lost if Redis dies
redis-no-log-set = set appendonly yes, appendfsync always
redis-log-of-system = appendfsync is no: half a minute of accepted webhooks is lost in a power cut
redis-log-of-system-set = set appendfsync always, or everysec
redis-log-each-second = appendfsync is everysec: a second of accepted webhooks is lost in a power cut
redis-log-each-second-set = set appendfsync always, unless that is meant
redis-log-fails = the last write to its log failed
redis-log-fails-see = look at Redis' disk and its own log

## Telegram

telegram-silent = Telegram does not answer
bot-unreachable = can't be reached: { $error }
bot-token-wrong = Telegram knows no such token
bot-mend-url = mend TELEGRAM_PROXY or TELEGRAM_API_URL
bot-mend = mend BOT_TOKEN (@BotFather has it); if Telegram can't be reached: the network, TELEGRAM_PROXY, or a second way in TELEGRAM_API_URL
way-answers = { $way } answers
way-away = { $way }: { $error }
way-away-other = { $way }: { $error }; { $other }
way-first-is-used = the first way is used
way-second-is-used = the second way is used
way-wrong = { $way } can be connected to, but does not answer well: { $error }
way-mend-route = see that this server may connect to it (firewall, DNS, a block by the provider); or name another way in TELEGRAM_API_URL, then `deploy/bridge restart`
way-mend-proxy = see that the proxy runs, lets this server in (user, password) and reaches Telegram; or name another way in TELEGRAM_API_URL, then `deploy/bridge restart`
way-mend-server = mend what answers there, or take it out of TELEGRAM_API_URL, then `deploy/bridge restart`: what may have arrived by this way is not sent by the other one
bot-nameless = a bot without a name
presentation-well = descriptions, commands and the menu button are as they should be
presentation-differs = Telegram shows something else: { $parts }
presentation-start = start a worker, which sets them
part-description = description
part-short-description = short description
part-commands-of-all = commands of all chats
part-commands = commands
part-commands-of-staff = commands of the staff's chat
part-menu-button = menu button
part-in = { $part } ({ $language })
staff-none = none: SUPPORT_CHANNEL_ID is not set, and no link bound one
staff-bind = run `worker bind` and open its link in Telegram
staff-bound = a link bound { $place }: { $reason }
staff-named = SUPPORT_CHANNEL_ID names { $place }: { $reason }
staff-see-id = see that SUPPORT_CHANNEL_ID is the chat's id (a group's begins with -100), and add the bot to the chat; or run `worker bind` and open its link in Telegram
staff-see-topic = see that the topic is there and open: its link in Telegram ends with its number
staff-well = { $kind }, the bot may write there
staff-no-member = { $kind }: the bot is not a member
staff-add = add the bot to the chat (unban it first, if it was removed)
staff-no-writing = { $kind }: the bot may not write there
staff-administrator = make the bot an administrator of the group
staff-no-posting = { $kind }: the bot may not post there
staff-administrator-of-channel = make the bot an administrator of the channel who may post messages
staff-closed-topic = { $kind } with topics: cards wait while its general topic is closed
webhook-none = none, updates are fetched
webhook-beside-polling = one at { $host } is registered, though TELEGRAM_MODE is polling
webhook-take-away = start a worker, which takes it away
webhook-elsewhere = Telegram knows one at { $host } instead of { $url }
webhook-register = start a worker, which registers it; does another program use this token?
webhook-narrowed = { $url }: another program has narrowed the updates, { $kinds } do not come
webhook-waits = { $url }, { $n } updates wait
webhook-trouble = { $url }, { $n } updates wait, Telegram's last trouble: { $error }
webhook-see = see that ingest runs and nginx lets Telegram in (certificate, port 443)

## The certificate of the public address

certificate-right = of { $host }: right
certificate-until = of { $host }: valid until { $day }, { $n } days are left
certificate-ends = of { $host } ends soon: { $day }, { $n } days are left
certificate-ended = of { $host } ended on { $day }: Bukza's and Telegram's requests are lost
certificate-early = of { $host } is valid only from { $day } on, by this machine's clock
certificate-other-name = shown at { $host } is for another name: { $names }
certificate-untrusted = of { $host } is trusted by nobody: { $error }
certificate-unseen = { $host } can't be connected to from here: { $error }
certificate-renew = see why it was not renewed (`docker compose logs certbot`, or `journalctl -u certbot`), then renew it: `docker compose exec certbot certbot renew --webroot --webroot-path /var/www/acme`, or `certbot renew`; nginx loads it by `deploy/bridge restart`
certificate-get = get one of Let's Encrypt for this name, whose file is fullchain.pem (docs/docker.md, docs/systemd.md), or mend WEBHOOK_HOST
certificate-see = see that nginx runs, port 443 is open and the name leads here; a server that can't reach its own address may be well: open the address in a browser

# Rules of the zone, and visits to come
zones-none = rules of { $ours }; the system has none to compare: no { $path }
zones-unknown = of an unknown version
zones-same = rules of { $ours }; the system's ({ $system }) are the same for a year
zones-differ = from { $at } on clocks differ in { $zone }: { $program } by this program ({ $ours }), { $shown } by the system ({ $system })
zones-update-program = update this program, then `worker replan` (docs/operations.md)
zones-update-system = update the system's tzdata: its rules are older
zones-update-older = the newer is right: update this program, then `worker replan` (docs/operations.md), or the system's tzdata
zones-unreadable = { $path } can't be read: { $error }
zones-install = install the system's tzdata again
visits-at-their-times = { $visits } to come, at their times on the venue's clocks
visits-shifted = the zone's rules have changed: of { $visits } to come { $written } have another instant than their time on the venue's clocks, { $shown } that were sent with an offset are shown at another hour than before
visits-replan = look, then move them: `worker replan` (docs/operations.md)

# Bukza's own table

table-read = { $rows } reservations of the next 14 days are read
table-empty = it is read; there is no reservation in the next 14 days, so its columns could not be checked
table-lacks = { $rows } reservations of the next 14 days are read, without a column for { $fields }
table-left-out = { $rows } reservations of the next 14 days are read, { $left } can't be used ({ $faults })
table-absent = no column for { $fields }; there are { $there }
table-refused = Bukza refuses the credentials (HTTP { $status })
table-trouble = { $error }
table-silent = Bukza does not answer in time
table-add-columns = add the columns to the table in Bukza, or name them in venue.toml under [bukza.columns] (docs/bukza.md)
table-mend-rows = look at these rows in Bukza: each needs a code, a status in words, and times such as 27.12.2025 12:00
table-mend-account = check BUKZA_API_EMAIL and BUKZA_API_PASSWORD, and that this account may see the table BUKZA_TABLE_ID
table-mend-token = the session has ended: set a new BUKZA_API_TOKEN, or BUKZA_API_EMAIL and BUKZA_API_PASSWORD instead
table-mend-form = check BUKZA_API_URL and BUKZA_TABLE_ID; if they are right, Bukza has changed its API: bookings go on by web requests, update this program
table-mend-way = try again later; if it stays so, check this server's way to Bukza (DNS, firewall) and BUKZA_API_URL
