//! Setting up the page in a browser, and following who has it open.

use serde_json::json;

use super::{Client, Result};
use crate::model::PageSettings;

impl Client {
    /// Sets up the page, and returns its address.
    pub async fn set_page(&self, settings: &PageSettings) -> Result<String> {
        self.set("page", settings).await?;
        Ok(format!("{}/play", self.base))
    }

    /// Shows a line above the page's telephones.
    pub async fn set_caption(&self, caption: &str) -> Result<()> {
        self.set("page/caption", &json!(caption)).await
    }

    /// In how many windows the page is open.
    pub async fn viewers(&self) -> Result<usize> {
        self.get("page/viewers").await
    }
}
