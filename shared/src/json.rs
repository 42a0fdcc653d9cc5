//! Describes a JSON error without quoting the text, which may hold a client's data. serde's own message
//! quotes the unexpected value.

use serde_json::error::Category;

/// The kind of error, with line and column.
#[must_use]
pub fn fault(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Io => "unreadable",
        Category::Syntax => "not JSON",
        Category::Data => "JSON of another form",
        Category::Eof => "cut off",
    };
    format!("{what}, at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_of_the_text_is_repeated() {
        let error = serde_json::from_str::<u32>("\"+79990000001\"").unwrap_err();
        assert!(error.to_string().contains("+7999"), "serde's own words quote it: {error}");
        assert_eq!(super::fault(&error), "JSON of another form, at line 1 column 14");
    }
}
