//! Renders what the staff look up, as it is when it is sent. A replica is read only if it holds the answer's row already.

use chrono::{DateTime, NaiveDate, Utc};
use futures::FutureExt;
use shared::{
    domain::{
        agenda::{VISITS_PER_PART, day_span, month_span, week_span},
        ids::ChatId,
        message::MessageKind,
        search::SearchTerms,
        staff_answer::StaffAnswer,
    },
    store::{
        DatabaseTransaction, DbErr, agenda, outbox::DueMessage, replica::Fresh, search, venue_stats,
    },
};

use super::error::RenderError;
use crate::{
    app::App,
    texts::{AgendaPart, Form, Rendered, SpanStats},
};

/// Most bookings that are found.
const FOUND: u32 = 10;
/// Most services whose stars are shown of a span.
const SERVICES: u32 = 10;

/// The text of an answer to the message `to`, or of the agenda that comes by itself.
///
/// # Errors
/// [`RenderError::Database`] may be retried. The others are faults of the row.
pub(super) async fn staff_answer(
    app: &App,
    (chat, message): (ChatId, &DueMessage),
    (to, answer): (Option<i64>, &StaffAnswer),
    now: DateTime<Utc>,
) -> Result<Rendered, RenderError> {
    if message.kind == MessageKind::StaffAnswer && app.venue.staff_chat.get() != Some(chat) {
        return Err(RenderError::Moot("other_staff_chat"));
    }
    let texts = app.texts.venue();
    let fresh = Fresh::Message(message.id);
    let rendered = match answer {
        StaffAnswer::Help => texts.staff_help(),
        StaffAnswer::HowToFind => texts.how_to_find(),
        StaffAnswer::Replayed(replayed) => texts.replayed(replayed),
        StaffAnswer::TableApplied(applied) => texts.table_applied(applied),
        StaffAnswer::Agenda { day, part, parts } => {
            day_agenda(app, &fresh, (*day, *part, *parts), now).await?
        }
        StaffAnswer::Found { words } => {
            let terms = SearchTerms::parse(words).ok_or(RenderError::Missing("words"))?;
            let found = app.reads.read(&fresh, |tx| {
                let terms = terms.clone();
                async move { search::find(tx, &terms, now, FOUND).await }.boxed()
            });
            texts.found(words, &found.await?, now)
        }
        StaffAnswer::Stats { day } => {
            let spans = week_span(app.venue.zone, *day).zip(month_span(app.venue.zone, *day));
            let (week, month) = spans.ok_or(RenderError::Missing("day"))?;
            let read = app.reads.read(&fresh, |tx| {
                async move { Ok((stats(tx, week).await?, stats(tx, month).await?)) }.boxed()
            });
            let (week, month) = read.await?;
            texts.stats(&week, &month)
        }
    };
    Ok(match to {
        Some(telegram_message_id) => {
            Rendered { form: Form::ReplyTo { telegram_message_id }, ..rendered }
        }
        None => rendered,
    })
}

async fn day_agenda(
    app: &App,
    fresh: &Fresh,
    (day, part, parts): (NaiveDate, u32, u32),
    now: DateTime<Utc>,
) -> Result<Rendered, RenderError> {
    let span = day_span(app.venue.zone, day).ok_or(RenderError::Missing("day"))?;
    let offset = part.saturating_mul(VISITS_PER_PART);
    let read = app.reads.read(fresh, |tx| {
        async move {
            let visits = agenda::visits_in(tx, span, VISITS_PER_PART, offset).await?;
            Ok((visits, agenda::count_in(tx, span).await?))
        }
        .boxed()
    });
    let (listed, visits) = read.await?;
    if part > 0 && listed.is_empty() {
        return Err(RenderError::Moot("nothing_left"));
    }
    Ok(app.texts.venue().agenda(AgendaPart { day, part, parts, visits }, &listed, now))
}

async fn stats(
    tx: &DatabaseTransaction,
    span: shared::domain::agenda::Span,
) -> Result<SpanStats, DbErr> {
    let counts = venue_stats::count(tx, span).await?;
    Ok(SpanStats { counts, stars: venue_stats::stars(tx, span, SERVICES).await? })
}
