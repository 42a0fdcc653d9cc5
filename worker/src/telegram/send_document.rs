//! `sendDocument`: a file with a caption, uploaded as a form, and the outcome of the call.

use reqwest::multipart::{Form, Part};
use shared::{
    domain::{ids::ChatId, outcome::SendOutcome},
    telemetry::metrics,
};
use tokio::time::Instant;

use super::{
    answer::CallError,
    client::Client,
    error::{send_label, send_outcome},
    send_message::{CALL_TIMEOUT, SentMessage},
};
use crate::texts::Document;

const NAME: &str = "SendDocument";

/// A file for a chat.
#[derive(Debug, Clone)]
pub struct SendDocument {
    pub chat: ChatId,
    /// HTML, at most 1,024 characters as Telegram counts them.
    pub caption: String,
    pub document: Document,
    /// It arrives without a sound.
    pub silent: bool,
}

impl SendDocument {
    fn form(&self) -> Form {
        let Document { name, kind, content } = &self.document;
        let part = || Part::text(content.clone()).file_name(*name);
        // Only a MIME type that is none is an error: the file then has none.
        let part = part().mime_str(kind).unwrap_or_else(|_| part());
        Form::new()
            .text("chat_id", self.chat.to_string())
            .text("caption", self.caption.clone())
            .text("parse_mode", "HTML")
            .text("disable_notification", self.silent.to_string())
            .part("document", part)
    }
}

/// Sends a file.
pub async fn send_document(client: &Client, message: SendDocument) -> SendOutcome {
    let started = Instant::now();
    let call = client.upload::<SentMessage>(NAME, || message.form());
    let answer = tokio::time::timeout(CALL_TIMEOUT, call).await;
    let outcome = match answer.unwrap_or(Err(CallError::Timeout)) {
        Ok(sent) => SendOutcome::Sent { telegram_message_id: sent.message_id },
        Err(error) => send_outcome(&error),
    };
    metrics::telegram_request(NAME, send_label(&outcome), started.elapsed());
    outcome
}
