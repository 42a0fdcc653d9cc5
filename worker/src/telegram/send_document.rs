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
    fn form(self) -> Result<Form, CallError> {
        let Document { name, kind, content } = self.document;
        let part = Part::text(content).file_name(name).mime_str(kind);
        let form = Form::new()
            .text("chat_id", self.chat.to_string())
            .text("caption", self.caption)
            .text("parse_mode", "HTML")
            .text("disable_notification", self.silent.to_string());
        // Only a MIME type that is none is an error.
        Ok(form.part("document", part.map_err(|_| CallError::NotConnected)?))
    }
}

/// Sends a file.
pub async fn send_document(client: &Client, message: SendDocument) -> SendOutcome {
    let started = Instant::now();
    let call = async {
        let form = message.form()?;
        client.upload::<SentMessage>(NAME, form).await
    };
    let answer = tokio::time::timeout(CALL_TIMEOUT, call).await;
    let outcome = match answer.unwrap_or(Err(CallError::Timeout)) {
        Ok(sent) => SendOutcome::Sent { telegram_message_id: sent.message_id },
        Err(error) => send_outcome(&error),
    };
    metrics::telegram_request(NAME, send_label(&outcome), started.elapsed());
    outcome
}
