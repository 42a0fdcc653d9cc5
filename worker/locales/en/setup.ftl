### What `worker setup` prints on a terminal, in English. Plain text without markup. The keys are those of ru/setup.ftl.

setup-welcome =
    Let us set up the bot. Two things are needed: its token, and a domain that leads to this server.
    All else is proposed: press Enter. Nothing is written until you agree.
setup-missing = an answer is missing: { $flag }
setup-hidden = What you type is not shown. @BotFather has the token, by /newbot.
setup-choose = ↑ ↓ to choose, Enter to confirm
setup-yes-no = Y/n
setup-no-yes = y/N
setup-yes = yes
setup-no = no
setup-type-yes-or-no = Type "y" or "n".
setup-stopped = stopped, nothing was written
setup-anyway = Go on all the same?

setup-token = The bot's token:
setup-token-form = That is no bot's token. One looks like 123456:AA…
setup-token-wrong = Telegram knows no such token. Copy it from @BotFather again, all of it.
setup-telegram-away = Telegram does not answer ({ $reason }), so the token is not checked. If the server can't reach it, set TELEGRAM_PROXY: --set TELEGRAM_PROXY=socks5h://…
setup-bot = ✓ The bot @{ $bot }
setup-keep-bot = Keep this bot?
setup-token-in-file = the token is in the file that BOT_TOKEN_FILE names: replace it there

setup-domain = The domain (such as bot.example.com):
setup-domain-form = A name such as bot.example.com is needed, without a path. The certificate for HTTPS is for a name.
setup-domain-here = ✓ { $domain } leads to this server
setup-domain-elsewhere = ! { $domain } leads to { $addresses }, which is no address of this server. Behind a NAT or a proxy that is right. Otherwise mend the A record at the domain's registrar.
setup-domain-unknown = ! { $domain } has no address yet. At the domain's registrar add an A record with this server's address; it takes a while to work.
setup-ports-taken = ! Ports in use: { $ports }. If it is not this bot that holds them, stop that program: ss -ltnp shows which.

setup-zone = What time is it at the venue?
setup-zone-other = another zone…
setup-zone-name = The time zone, such as Asia/Yekaterinburg:
setup-zone-form = There is no such time zone. An example: Asia/Yekaterinburg

setup-refused = .env was not written, the settings have faults:
setup-new = New in { $files }: { $names }
setup-replaced = Changes in { $files }: { $names }
setup-write = Write { $files }?
setup-written = ✓ .env is written, and only you can read it
setup-written-units = ✓ Written in { $folder }: root alone reads the files with secrets, the programs read .env
setup-unchanged = ✓ .env needs no change
setup-nothing-written = Nothing was written.

setup-bukza-title = Paste into Bukza (Templates and integrations, a web request):
setup-bukza-url = URL
setup-bukza-method = Method
setup-bukza-header = Header
setup-bukza-body = Body
setup-bukza-replace = Replace each pair of braces with words in it by "Insert parameter"; the marks around the line of fields come from "Insert structure".
setup-bukza-triggers = Then two triggers, "order created" and "order changed", once for each reservation. In detail: README.md, 3. Bukza

setup-next =
    The file bukza.txt has the same: it holds the secret, so pass it on to nobody.

    Next:
      deploy/bridge start           starts everything; the first certificate comes by itself
      deploy/bridge worker bind     a link that binds the staff's chat
      deploy/bridge check           a test booking through Bukza's address, and back

    The address, telephone and review links that clients see go into .env, then deploy/bridge restart.

setup-next-units =
    The file { $folder }/bukza.txt has the same: it holds the secret, so pass it on to nobody.

    Next, as root in the folder of the release:
setup-after-units =
    Then nginx, the certificate and the backups, as in docs/systemd.md, and

      deploy/bridge worker bind     a link that binds the staff's chat
      deploy/bridge check           a test booking through Bukza's address, and back

    The address, telephone and review links that clients see go into { $folder }/.env, then deploy/bridge restart.

setup-check-ok = ✓ { $what }
setup-check-fail = ✗ { $what }
setup-check-settings = The settings have a fault: { $reason }
setup-check-polling = Telegram: the bot fetches updates itself
setup-check-webhook = Telegram sends updates to { $address }
setup-check-webhook-none = Telegram knows no address. Start the bot: deploy/bridge start
setup-check-webhook-elsewhere = Telegram sends updates to { $address }, not here. Does this bot run somewhere else?
setup-check-webhook-error = Telegram can't deliver updates: { $reason }. See to the certificate and port 443
setup-check-telegram-away = Telegram does not answer: { $reason }
setup-check-no-secret = Bukza's secret is not known here: --secret-file or BUKZA_WEBHOOK_SECRET
setup-check-accepted = The test booking { $code } was accepted at { $address }
setup-check-secret = { $address } did not accept the secret (401). Is it that of BUKZA_WEBHOOK_SECRET? After a change deploy/bridge restart is needed
setup-check-refused = { $address } answered { $status } instead of 200. See deploy/bridge doctor
setup-check-unreachable = { $address } does not answer ({ $reason }). See to the domain, the certificate and whether the bot runs: deploy/bridge doctor
setup-check-database = The database does not answer: { $reason }
setup-check-card = The card of { $code } came to the staff's chat
setup-check-no-staff = The booking { $code } was applied. No staff's chat is bound yet: deploy/bridge worker bind
setup-check-waiting = The booking { $code } did not reach the staff's chat within a minute. Does worker run? deploy/bridge doctor
setup-check-back = The booking { $code } is cancelled, and nothing of it is ahead
setup-check-not-back = The booking { $code } could not be cancelled. It has no client and disturbs nobody
setup-check-failed = There is something to mend: see ✗
setup-check-service = Test of the connection
