### Что говорит `worker setup` в терминале, по-русски. Простой текст, без разметки. Ключи здесь и в en/setup.ftl одни и те же.

setup-welcome =
    Настроим бота. Понадобятся две вещи: ключ бота и домен, который ведёт на этот сервер.
    Остальное уже предложено: нажимайте Enter. Пока вы не согласитесь, ничего не записывается.
setup-missing = не хватает ответа: { $flag }
setup-hidden = Ввод не показывается. Ключ выдаёт @BotFather, команда /newbot.
setup-choose = ↑ ↓ выбрать, Enter подтвердить
setup-yes-no = Д/н
setup-no-yes = д/Н
setup-yes = да
setup-no = нет
setup-type-yes-or-no = Ответьте «д» или «н».
setup-stopped = остановлено, ничего не записано
setup-anyway = Всё равно продолжить?

setup-token = Ключ бота:
setup-token-form = Это не похоже на ключ бота. Он выглядит так: 123456:AA…
setup-token-wrong = Телеграм не знает такого ключа. Скопируйте его у @BotFather ещё раз, целиком.
setup-telegram-away = Телеграм не отвечает ({ $reason }), ключ не проверен. Если он закрыт для сервера, задайте TELEGRAM_PROXY: --set TELEGRAM_PROXY=socks5h://…
setup-bot = ✓ Бот @{ $bot }
setup-keep-bot = Оставить этого бота?
setup-token-in-file = ключ лежит в файле, который называет BOT_TOKEN_FILE: замените его там

setup-domain = Домен (например, bot.example.com):
setup-domain-form = Нужно имя вида bot.example.com, без пути. Сертификат для HTTPS выдаётся на имя.
setup-domain-here = ✓ { $domain } ведёт на этот сервер
setup-domain-elsewhere = ! { $domain } ведёт на { $addresses }, это не адрес этого сервера. Если сервер за NAT или прокси, так и должно быть. Если нет, поправьте запись A у регистратора домена.
setup-domain-unknown = ! У { $domain } пока нет адреса. Добавьте у регистратора домена запись A с адресом этого сервера; она начинает действовать не сразу.
setup-ports-taken = ! Заняты порты: { $ports }. Если их держит не этот бот, остановите ту программу: ss -ltnp покажет какую.

setup-zone = Который час в заведении?
setup-zone-other = другой пояс…
setup-zone-name = Часовой пояс, например Asia/Yekaterinburg:
setup-zone-form = Такого часового пояса нет. Пример: Asia/Yekaterinburg

setup-refused = .env не записан, в настройках ошибки:
setup-new = Добавится в { $files }: { $names }
setup-replaced = Изменится в { $files }: { $names }
setup-write = Записать { $files }?
setup-written = ✓ .env записан, читать его можете только вы
setup-written-units = ✓ Записано в { $folder }: файлы с секретами читает только root, .env читают программы
setup-unchanged = ✓ В .env менять нечего
setup-nothing-written = Ничего не записано.

setup-bukza-title = Вставьте в Bukza (раздел «Шаблоны и интеграции», веб-запрос):
setup-bukza-url = Адрес (URL)
setup-bukza-method = Метод
setup-bukza-header = Заголовок
setup-bukza-body = Тело
setup-bukza-replace = Каждые фигурные скобки с русскими словами замените через меню вставки параметра; отметки вокруг строки fields вставьте через меню вставки структуры.
setup-bukza-triggers = Потом два триггера, «заказ создан» и «заказ изменён», один раз для каждой брони. Подробно: docs/ru/bukza.md

setup-next =
    То же лежит в файле bukza.txt: в нём секрет, никому его не пересылайте.

    Дальше:
      deploy/bridge start           запустить; первый сертификат получится сам
      deploy/bridge worker bind     ссылка, которая привяжет чат сотрудников
      deploy/bridge check           пробная запись через Bukza-адрес, и обратно

    Адрес, телефон и ссылки для отзывов, которые увидят клиенты, впишите в .env, потом deploy/bridge restart.

setup-next-units =
    То же лежит в файле { $folder }/bukza.txt: в нём секрет, никому его не пересылайте.

    Дальше, от имени root в папке выпуска:
setup-after-units =
    Потом nginx, сертификат и резервные копии, как в docs/systemd.md, и

      deploy/bridge worker bind     ссылка, которая привяжет чат сотрудников
      deploy/bridge check           пробная запись через Bukza-адрес, и обратно

    Адрес, телефон и ссылки для отзывов, которые увидят клиенты, впишите в { $folder }/.env, потом deploy/bridge restart.

setup-check-ok = ✓ { $what }
setup-check-fail = ✗ { $what }
setup-check-settings = Настройки с ошибкой: { $reason }
setup-check-polling = Телеграм: бот забирает сообщения сам
setup-check-webhook = Телеграм шлёт сообщения на { $address }
setup-check-webhook-none = Телеграму адрес не назван. Запустите бота: deploy/bridge start
setup-check-webhook-elsewhere = Телеграм шлёт сообщения на { $address }, а не сюда. Не работает ли этот бот где-то ещё?
setup-check-webhook-error = Телеграм не может доставить сообщения: { $reason }. Проверьте сертификат и порт 443
setup-check-telegram-away = Телеграм не отвечает: { $reason }
setup-check-no-secret = Секрет Bukza здесь неизвестен: --secret-file или BUKZA_WEBHOOK_SECRET
setup-check-accepted = Пробная запись { $code } принята по адресу { $address }
setup-check-secret = { $address } не принял секрет (401). Совпадает ли он с BUKZA_WEBHOOK_SECRET? После замены нужен deploy/bridge restart
setup-check-refused = { $address } ответил { $status } вместо 200. Посмотрите deploy/bridge doctor
setup-check-unreachable = { $address } не отвечает ({ $reason }). Проверьте домен, сертификат и работает ли бот: deploy/bridge doctor
setup-check-database = База данных не отвечает: { $reason }
setup-check-card = Карточка { $code } пришла в чат сотрудников
setup-check-no-staff = Запись { $code } принята в работу. Чат сотрудников ещё не привязан: deploy/bridge worker bind
setup-check-waiting = Запись { $code } за минуту не дошла до чата сотрудников. Работает ли worker? deploy/bridge doctor
setup-check-back = Запись { $code } отменена, от неё ничего не осталось впереди
setup-check-not-back = Запись { $code } не удалось отменить. Она без клиента и никому не помешает
setup-check-failed = Есть что исправить: см. ✗
setup-check-service = Проверка связи
