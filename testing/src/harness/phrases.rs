//! Parts of `worker/locales/ru/bot.ftl` that identify a message's kind. A test that waits for one
//! fails when the text changes.

pub const GREETING: &str = "поделитесь номером";
pub const REGISTERED: &str = "номер сохранён";
pub const KNOWN: &str = "Рады видеть вас снова";
pub const CONFIRMED: &str = "Вы записаны";
pub const WAITS: &str = "Запись ждёт подтверждения";
pub const MOVED: &str = "Запись перенесена";
pub const CANCELLED: &str = "Запись отменена";
pub const STALE: &str = "больше не действует";
pub const CANCELLED_SEVERAL: &str = "Записи отменены";
pub const REMINDER: &str = "Ждём вас";
pub const FEEDBACK: &str = "Как всё прошло?";
pub const THANKS_FIVE: &str = "Спасибо за пятёрку";
pub const THANKS_LESS: &str = "Спасибо за оценку";
pub const RATE_AGAIN: &str = "оценку одной цифрой";
pub const UPCOMING: &str = "Предстоящие записи";
pub const PAST: &str = "Прошлые записи";
pub const HELP: &str = "Чем могу помочь";
pub const ADDRESS: &str = "Как нас найти";
pub const CONTACTS: &str = "Как с нами связаться";
pub const TYPED_NUMBER: &str = "печатать его не надо";
pub const FOREIGN_CONTACT: &str = "чужой контакт";

pub const SETTINGS: &str = "Настройки";
pub const VISIT_CONFIRMED: &str = "Вы подтвердили визит";
pub const REQUEST_PENDING: &str = "Передадим администратору.";

pub const STAFF_MOVE_REQUEST: &str = "Клиент просит перенести";
pub const STAFF_REPLY_PERHAPS: &str = "Неизвестно, дошло ли.";
/// The button that takes a request.
pub const TAKE: &str = "Принято";
/// The button that makes a link for the client.
pub const INVITE: &str = "Пригласить";
pub const STAFF_INVITATION: &str = "Здравствуйте! Вы записаны:";
pub const STAFF_BOUND: &str = "Это чат сотрудников";
pub const STAFF_LEFT: &str = "Карточки теперь приходят в чат";
/// The card of what Bukza's table shows otherwise, the button that applies all of it, and the answer.
pub const STAFF_TABLE: &str = "В таблице Bukza иначе";
pub const APPLY_ALL: &str = "Применить все";
pub const STAFF_APPLIED: &str = "Применено";
pub const STAFF_CREATED: &str = "Новая запись";
pub const STAFF_CREATED_FEW: &str = "новые записи";
pub const STAFF_CREATED_MANY: &str = "новых записей";
pub const STAFF_CHANGED: &str = "Запись изменена";
pub const STAFF_CANCELLED: &str = "Запись отменена";
pub const STAFF_CANCELLED_FEW: &str = "Отменены ";
pub const STAFF_CANCELLED_MANY: &str = "Отменено ";
pub const STAFF_RATED: &str = "из 5";
pub const STAFF_IN_BOT: &str = "Клиент в боте";
pub const STAFF_NOT_IN_BOT: &str = "Клиента нет в боте";
pub const STAFF_REJECTED: &str = "Запрос Bukza не принят";
pub const STAFF_UNREACHABLE: &str = "Клиент не получит сообщений";
pub const STAFF_UNDELIVERED: &str = "Клиент мог не получить сообщение";
pub const STAFF_SUMMARY: &str = "Пока чат был закрыт";
pub const STAFF_STRANGERS: &str = "Пишут без номера телефона";
/// Beginnings of what the staff get for their commands.
pub const STAFF_ANSWERS: &[&str] =
    &["📅 ", "🔎 По «", "📊 <b>Визиты этой недели", "Что можно спросить в этом чате"];
/// Titles of the cards about Bukza's own table.
pub const STAFF_TABLES: &[&str] = &[STAFF_TABLE, "Таблица Bukza не принята"];
/// Titles of the cards about what clients want.
pub const STAFF_REQUESTS: &[&str] = &[
    "Клиент не сможет прийти и просит отменить",
    STAFF_MOVE_REQUEST,
    "Клиент пишет",
    "Клиент недоволен визитом",
    "Клиент всё-таки придёт",
];
/// Titles of the notes to the staff.
pub const STAFF_NOTES: &[&str] = &[
    "Запись ждёт оплаты или подтверждения",
    "Запись действует",
    "Клиент не пришёл",
    "Клиент считает, что записан",
    "После отмены пришло: действует",
    "Телефон добавлен",
    "Статус похож на отмену",
];

#[cfg(test)]
mod tests {
    #[test]
    fn titles_of_notes_are_those_of_the_texts() {
        let texts = include_str!("../../../worker/locales/ru/bot.ftl");
        for title in
            super::STAFF_NOTES.iter().chain(super::STAFF_REQUESTS).chain(super::STAFF_TABLES)
        {
            assert!(texts.contains(&format!("<b>{title}</b>")), "{title}");
        }
    }
}
