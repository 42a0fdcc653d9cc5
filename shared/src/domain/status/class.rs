//! Classes of words: the roles that a word can have in a status. A word may have several.

use std::ops::BitOr;

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Class(u64);

impl Class {
    /// No class, as for most words.
    pub(super) const NONE: Self = Self(0);

    /// Whether the two sets have a class in common.
    pub(super) const fn is(self, any_of: Self) -> bool {
        self.0 & any_of.0 != 0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOr for Class {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl Class { $($(#[$doc])* pub(super) const $name: Self = Self(1 << $bit);)* }
    };
}

classes! {
    /// «не», "not", «без», «нельзя».
    NEGATION = 0;
    /// Forms of быть and to be, which may stand between a negation and its word.
    BE = 1;
    /// Adverbs and articles without meaning, which may separate two words of a pair.
    FILLER = 2;
    /// «ещё», «пока», "yet": not happened so far.
    YET = 3;
    /// "will", «может», "to": the following has not happened.
    MODAL = 4;
    /// Wishes, requests, possibilities and doubts, on either side of a word.
    DOUBT = 5;
    /// The terms of a tariff: «бесплатная отмена», "cancellation policy".
    TERMS = 6;
    /// «если», "otherwise": the whole status is a condition.
    CONDITION = 7;
    /// «частично», «один», "half".
    PARTLY = 8;
    /// «по ошибке», "by mistake".
    MISTAKE = 9;
    /// Payments, cards, refunds, discounts and who handles them.
    MONEY = 10;
    /// Other things that can be cancelled, declined or missing: a move, a reminder, a cake.
    OBJECT = 11;
    /// The booking, by whatever name.
    BOOKING = 12;
    /// Who comes.
    CLIENT = 13;
    /// Who works at the venue.
    STAFF = 14;
    /// Words before a noun for cancelling that leave it one: «поздняя отмена».
    LEAD = 15;
    /// Prepositions: the following word is not the cancelled thing.
    PREPOSITION = 16;
    /// «и», "but": another clause begins.
    CONJUNCTION = 17;
    /// Predicates of money: «возвращена», "received". A clause of its own ends there.
    PREDICATE = 18;

    /// Participles for cancelling any booking: «отменён», "cancelled".
    CANCELLED = 19;
    /// Participles with many other subjects, which count only for a booking or alone: «удалён», "declined".
    DELETED = 20;
    /// «отменил».
    CANCELS = 21;
    /// «удалил»: as `DELETED`.
    DELETES = 22;
    /// «отменяется»: blocked by terms as well.
    IS_CANCELLED = 23;
    /// «отменить».
    TO_CANCEL = 24;
    /// «отмена», "cancellation".
    CANCELLATION = 25;
    /// «отказ».
    REFUSAL = 26;
    /// «отказался», «отказано».
    REFUSED = 27;
    /// «снят».
    REMOVED = 28;
    /// Further forms of these words, which cancel nothing by themselves: «отмены», «отменят».
    CANCEL_FORM = 29;

    /// «подтверждён».
    CONFIRMED = 30;
    /// «оплачен».
    PAID = 31;
    /// «восстановлен».
    RESTORED = 32;
    /// «оплата», «предоплата», "deposit": due before a visit.
    PAYMENT = 33;
    /// «подтверждение».
    CONFIRMATION = 34;
    /// «ожидает», «требует», "awaiting".
    AWAITING = 35;
    /// «поступила», «внесена».
    RECEIVED = 36;
    /// «неподтверждён», "unconfirmed".
    UNCONFIRMED = 37;
    /// Time held for somebody: «заблокировано до оплаты».
    HELD = 38;
    /// «до», "until".
    UNTIL = 39;
    /// Sums due at the venue, or the rest of a sum: «доплата», «остаток».
    AT_COUNTER = 40;

    /// «пришёл» and its like, of a person.
    CAME = 41;
    /// «неявка», "noshow".
    NO_SHOW = 42;
    /// «вовремя».
    IN_TIME = 43;

    /// Time blocked for the venue itself, at the beginning of a status: «техничка», "maintenance".
    OWN_TIME = 44;
    /// «ремонт», «уборка»: the same, if nothing follows.
    UPKEEP = 45;
    /// «техническая»: the same, alone or before `OWN_WORK`.
    TECHNICAL = 46;
    /// «перерыв», «работы», «окно».
    OWN_WORK = 47;
    /// «зала», «оборудования»: objects of repairs.
    PLACE = 48;
    /// «завершён», "finished".
    DONE = 49;
    /// «закрыто», "closed".
    CLOSED = 50;

    /// A count: «2», «24ч».
    NUMBER = 51;
    /// A date or time of day: «12.05», «18:00».
    DATE = 52;
    /// Counted nouns: «места», "guests".
    COUNTED = 53;
    /// «из», "from".
    OUT_OF = 54;
    /// «с», «со».
    OFF = 55;
    /// «расписание», «график»: a booking is removed from it.
    SCHEDULE = 56;
    /// Adjectives, by their ending.
    ADJECTIVE = 57;
    /// «принята», "processed": confirms a cancellation.
    ACCEPTED = 58;
    /// «болезнь», «день», «связи»: beginnings of a reason for a cancellation, after «в», «из-за».
    REASON = 59;
    /// «состоится», behind «не».
    TAKES_PLACE = 60;
    /// People booked beside the venue: «аниматор». They can be cancelled, and can cancel.
    HELPER = 61;
    /// The booking as a whole. `BOOKING` includes services that may be booked beside it: «массаж».
    VISIT = 62;
}

impl Class {
    pub(super) const AGENT: Self = Self::CLIENT.with(Self::STAFF);
    /// Subjects of a status other than the booking.
    pub(super) const GUARD: Self =
        Self::MONEY.with(Self::OBJECT).with(Self::CANCELLATION).with(Self::CANCEL_FORM);
    /// Every word for cancelling.
    pub(super) const CANCEL: Self = Self::CANCELLED
        .with(Self::DELETED)
        .with(Self::CANCELS)
        .with(Self::DELETES)
        .with(Self::IS_CANCELLED)
        .with(Self::TO_CANCEL)
        .with(Self::CANCELLATION)
        .with(Self::REFUSAL)
        .with(Self::REFUSED)
        .with(Self::REMOVED)
        .with(Self::CANCEL_FORM);
}
