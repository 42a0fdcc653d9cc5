//! The lists of words, Russian and English, in lower case and with ё as е.
//! A word with `*` matches every word with that beginning; one without matches only itself.

use super::class::Class as C;

/// The booking as a whole is the booking.
const VISIT: C = C::BOOKING.with(C::VISIT);

/// Participles by their stem: with short and nominative endings.
pub(super) const PARTICIPLES: &[(C, &str)] = &[
    (C::CANCELLED, "отменен отменнен аннулирован анулирован автоотменен"),
    (C::DELETED, "отклонен отозван"),
    (C::CONFIRMED, "подтвержден"),
    (C::RESTORED, "восстановлен возобновлен"),
];

/// Verbs by the stem of their past tense.
pub(super) const PAST_TENSES: &[(C, &str)] = &[
    (C::CANCELS, "отмени аннулирова анулирова"),
    (C::DELETES, "удали отклони отозва"),
    (C::REFUSED, "отказа"),
    (C::RESTORED, "восстанови возобнови"),
];

/// Words by class.
pub(super) const WORDS: &[(C, &str)] = &[
    // Words for cancelling.
    (
        C::CANCELLED,
        "cancelled canceled autocancelled autocanceled annulled otmenen otmenena otmeneno \
         otmeneny",
    ),
    (
        C::DELETED,
        "удален удалена удалено удалены \
         declined rejected deleted voided revoked removed withdrawn",
    ),
    (C::IS_CANCELLED, "отменяется отменяются отменяет отменяют отменяю аннулируется cancels"),
    (C::TO_CANCEL, "отменить удалить аннулировать"),
    (
        C::CANCELLATION,
        "отмена аннуляция аннулирование автоотмена \
         otmena cancellation cancelation cancel void",
    ),
    (C::REFUSAL, "отказ otkaz"),
    (C::REFUSED, "отказан отказана отказано отказаны refused"),
    (C::REMOVED, "снят снята снято сняты"),
    (C::TAKES_PLACE, "состоится состоятся состоялся состоялась состоялось состоялись состоявш*"),
    (
        C::CANCEL_FORM,
        "отмен отмены отмену отмене отменой отмени отмените отменим отменю отменят отменит \
         отменится отменять отменял* отмененн* отказа отказу отказом отказы отказе аннуляции \
         аннуляцию аннулирования аннулированн* \
         cancellations cancelling canceling",
    ),
    // Words that block another, or let it through.
    (
        C::NEGATION,
        "не нет ни без нельзя никогда никак невозможн* \
         not no non nor never without cannot cant dont doesnt didnt isnt wasnt arent werent \
         hasnt havent hadnt wont shouldnt couldnt neither nothing nobody none",
    ),
    (
        C::BE,
        "был была было были быть есть является являются \
         be been being is was were are am has have had got gets",
    ),
    (
        C::FILLER,
        "уже также так все вся весь сам сама сами само лично самостоятельно же автоматически \
         автоматом авто онлайн сейчас теперь сегодня вчера полностью целиком вновь снова \
         опять системой ваш ваша ваше ваши вашу вашей наш наша наше мой моя этот эта это \
         already also fully completely automatically auto now today yesterday the a an online \
         your our my this so just ever again system longer",
    ),
    (C::FILLER.with(C::YET), "еще пока yet"),
    (
        C::MODAL,
        "будет будут буду может могут можно должен должна должно должны надо нужно удалось \
         получилось стоит бы чтобы чтоб \
         will would shall should must may might can could to",
    ),
    (
        C::DOUBT,
        "возможн* невозможн* вероятн* наверн* видимо ли или либо якобы почти спорн* бы \
         запрош* запраш* запрос* просит просят просил* попросил* попросит прошу просьба хочет \
         хотят хотел* хотим хочу желает желают планир* собира* намер* обсужда* обсудить \
         рассматрива* рассмотр* согласов* согласуе* вопрос* сомнен* предполож* предположит* \
         предварит* потенциальн* риск* угроз* подлеж* ошибочн* случайн* ранее раньше прежде \
         request* requested requesting possibl* probabl* maybe perhaps or want wants wanted \
         ask asks asked asking mistakenly accidentally erroneously previously tentativ* \
         nearly almost likely potential",
    ),
    (
        C::TERMS,
        "бесплатн* платн* гибк* доступн* недоступн* разреш* запрещ* допуст* допуска* услов* \
         правил* политик* тариф* срок сроки срока предусмотр* производит* осуществл* требу* \
         штраф* взима* право ожида* действ* дедлайн включена отключена только \
         free flexible available unavailable allowed permitted forbidden policy terms fee \
         fees deadline window anytime period refundable nonrefundable eligible subject \
         pending awaiting waiting protection insurance link option until only",
    ),
    (C::CONDITION, "если иначе случае if unless otherwise"),
    (
        C::PARTLY,
        "частичн* часть части частью половин* несколько некотор* один одна одно одного одной \
         одну две два двое двух трое трех кроме кое \
         partial* partly part some half one two except",
    ),
    (C::MISTAKE, "ошибке ошибка mistake error accident"),
    (
        C::COUNTED,
        "мест* участник* участниц* человек* чел персон* игрок* дет* ребен* взросл* билет* \
         гост* \
         people person persons guests guest seats seat players player tickets ticket",
    ),
    (
        C::PREPOSITION,
        "без с со по после из за до при для от у через ввиду перед про в во вследствие \
         due with without for after by from before because since via at on upon in",
    ),
    (C::CONJUNCTION, "и но а зато and but"),
    (C::OUT_OF, "из from of"),
    (C::OFF, "с со"),
    (
        C::LEAD,
        "поздн* полн* автоматическ* экстренн* срочн* внезапн* ранн* заблаговременн* клиентск* \
         системн* ручн* окончательн* принудительн* вынужденн* своевременн* односторонн* \
         техническ* последн* устн* письменн* подтвержденн* массов* неожиданн* внеплановая \
         late last minute same day full manual automatic administrative early final sudden",
    ),
    (
        C::ACCEPTED,
        "подтверждена принята оформлена произведена выполнена проведена состоялась \
         confirmed accepted completed processed",
    ),
    (C::REASON, "связи день последний последнюю момент"),
    (C::SCHEDULE, "расписан* график* систем* журнал* календар* сетк* schedule calendar"),
    // Subjects of a status.
    (
        VISIT,
        "заказ заказа заказу заказы заказов брон* забронир* запись записи записью записей \
         резерв резерва резервы резервац* визит* посещен* сеанс* сесси* игра игры игру игре \
         квест* тренировк* заняти* мероприят* праздник* событи* процедур* фотосесси* заезд* \
         аренд* встреч* заявк* поездк* экскурси* урок* прием* слот* парени* бани баня баню \
         сауна сауны сауну стрижк* маникюр* педикюр* рождения участи* бронир* съемка съемки \
         съемку \
         order orders booking bookings reservation reservations appointment* visit session \
         game event lesson party trip ride race slot activity experience",
    ),
    (C::BOOKING, "статус массаж массажа услуга услуги услугу прокат* фотосъемк* съемк* status"),
    (
        C::CLIENT,
        "клиент* гость гостя гостем гостю гости гостями гостей гостья гостьей заказчик* \
         покупател* посетител* пользовател* родител* заявител* игроком игроками именинник* \
         команд* компани* участником \
         client* guest guests customer* user users visitor* buyer* player players organizer",
    ),
    (
        C::STAFF,
        "админ* менеджер* оператор* организатор* сотрудник* персонал* мастер* инструктор* \
         тренер* ведущ* владел* директор* площадк* студи* салон* клуб* курьер* водител* \
         актер* \
         admin* manager* operator* staff host hosts owner* venue instructor*",
    ),
    (
        C::HELPER,
        "фотограф фотографа фотографу фотографом аниматор* визажист* гример* ведущ* \
         кейтеринг* \
         photographer* animator* makeup",
    ),
    (
        C::MONEY,
        "оплат* предоплат* постоплат* доплат* недоплат* платеж* карта карты карту картой \
         карте картам счет* деньг* денег денеж* возврат* скидк* сертификат* промокод* промо \
         купон* бонус* кешбэк* кэшбэк* депозит* залог* задат* аванс* штраф* чек чека чеки \
         чеком инвойс* транзакц* операци* перевод перевода переводом списание списания \
         списанию холд* рассрочк* кредит* комисси* подписк* абонемент* средств* сумма суммы \
         сумму банк банка банком банке банки эквайр* эквайер* терминал* касса кассы \
         компенсаци* возмещен* ваучер* баланс* наличн* наценк* надбавк* цена цены стоимост* \
         выплат* \
         payment* prepayment* card cards refund refunds discount* deposit* invoice* \
         transaction* charge charges coupon* voucher* promo* certificate* fee fees penalty \
         bank issuer acquirer subscription* membership* balance cheque check money stripe \
         paypal billing payout* chargeback* gift price credit authorization authorisation \
         preauthorization",
    ),
    (
        C::OBJECT,
        "перенос* перенес* изменен* замен* обмен* продлен* запрос* предложен* приглашен* \
         напоминан* уведомлен* оповещен* смс* рассылк* звон* дозвон* созвон* разговор* \
         сообщен* письм* отзыв отзыва отзывы комментар* замет* отмет* записка записки файл* \
         фото фотографи* видео аккаунт* профил* данные данных дубл* доп допы допуслуг* \
         дополн* опци* торт* пицц* еда еды еду кальян* трансфер* такси доставк* меню декор* \
         шары шаров угощен* напит* парковк* блокиров* разблокиров* ограничен* запрет* лимит* \
         лист список списк* жалоб* претензи* спор споры проверк* верификац* модерац* \
         документ* договор* пропуск* акция акции розыгрыш* подар* обув* ботин* инвентар* \
         полотен* халат* костюм* доступ* код кода коды кодом пин пинкод* ссылк* телефон* \
         номер* почт* адрес* чат бот приложен* анкет* опрос* ответ* ремонт* техработ* тариф* \
         услови* правил* райдер* оборудован* пауз* контрол* контроль чан веник* свеч* цвет* \
         удержания сопровожден* страхов* отсрочк* питан* обед* завтрак* ужин* фуршет* чаепит* \
         кофебрейк* диджей* чаевые украшен* \
         sms email emails mail breakfast lunch dinner meal meals food drinks tip dj \
         reschedul* transfer transfers change changes modification* request requests \
         reminder* notification* message messages call calls review* comment* upgrade* addon* \
         add extra extras option options delivery catering cake photo photos waitlist list \
         block blocks hold holds offer* invitation* proposal* account* profile data \
         duplicate* parking code codes link links phone number document* contract* policy \
         terms insurance alert* survey* subscription* permission* access dispute* complaint*",
    ),
    (
        C::PREDICATE,
        "получен* внесен* внес внесла внесли возвращен* вернул* верну* поступил* прошл* \
         прошел удержан удержана удержано списан списана списано списаны зачтен* сделан* \
         просрочен* истек* оплачен* \
         returned refunded received failed expired",
    ),
    // Payments and confirmations.
    (C::CONFIRMED, "confirmed"),
    (C::PAID, "оплачен* предоплачен* paid prepaid"),
    (C::RESTORED, "восстановление возобновление restored reinstated"),
    (C::PAYMENT, "оплат* предоплат* платеж* аванс* депозит* задат* payment* prepayment* deposit*"),
    (C::CONFIRMATION, "подтвержд* confirmation* approval"),
    (
        C::AWAITING,
        "ожида* ждем ждет ждут жду ждать требу* нужн* необходим* \
         awaiting awaits waiting waits pending requires required needs needed awaited",
    ),
    (C::RECEIVED, "поступ* получен* приш* внес* received"),
    (C::UNCONFIRMED, "неподтвержден* unconfirmed tbc"),
    (
        C::HELD,
        "заблокирован* блокиров* резерв* зарезервирован* брон* забронирован* удержан* держим \
         hold held block blocked reserved booked",
    ),
    (C::UNTIL, "до until till"),
    (
        C::AT_COUNTER,
        "доплат* остат* остаток финальн* окончательн* втор* \
         final remaining remainder balance",
    ),
    // Clients who did not come.
    (
        C::CAME,
        "пришел пришла пришли приход приходил* явил* явк* приехал приехала приехали появил* \
         прибыл прибыла прибыли дошел дошла дошли доехал доехала доехали заехал заехала \
         заехали посетил посетила посетили \
         show showed shown come came arrive arrived appear appeared attend attended turn \
         turned",
    ),
    (C::NO_SHOW, "неявк* неявил* неприход* незаезд* прогул прогулял прогуляла noshow*"),
    (C::IN_TIME, "вовремя началу time"),
    // Time blocked for the venue itself.
    (
        C::OWN_TIME,
        "техничк* техперерыв* техработ* техобслуж* техокн* блокиров* заблокирован* санитарн* \
         санобработ* санчас* сандень служебн* \
         maintenance blocked",
    ),
    (C::UPKEEP, "ремонт уборка клининг профилактика дезинфекция то cleaning repair repairs"),
    (C::TECHNICAL, "техническ* тех сан technical tech"),
    (
        C::OWN_WORK,
        "работ* перерыв* обслуж* брон* запись окно блок день час пауза уборка обработ* осмотр \
         резерв слот простой клининг \
         work works break maintenance booking block slot window day",
    ),
    (
        C::PLACE,
        "зал* комнат* помещен* оборудован* локаци* квест* аттракцион* кабин* студи* трасс* \
         площадк* бассейн* бани печи \
         room* equipment hall",
    ),
    (
        C::DONE,
        "завершен* окончен* законч* снят* отмен* оплачен* пройден* выполнен* \
         completed complete finished over done removed lifted cancelled canceled paid",
    ),
    (C::CLOSED, "закрыт* closed"),
];
