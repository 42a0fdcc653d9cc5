//! What refused callers are answered stays as it is: each refusal with its status, headers and document is
//! compared with `ingest/golden`.

use http_body_util::BodyExt;
use shared::{bukza::Fault, domain::venue::Locale};

use super::{Problem, Proof};

#[allow(dead_code, reason = "others use the rest")]
#[path = "../../../shared/tests/golden/held.rs"]
mod held;

use held::{every_variant, hold, hold_all_files, listed};

/// The files of `ingest/golden`.
const FILES: &[&str] = &["problems.txt", "problems_ru.txt"];

async fn answer(problem: Problem, locale: Locale) -> String {
    let (head, body) = problem.response(locale).into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut lines = vec![head.status.as_u16().to_string()];
    for (name, value) in &head.headers {
        lines.push(format!("{name}: {}", value.to_str().unwrap()));
    }
    lines.push(String::from_utf8(body.to_vec()).unwrap());
    lines.join("\n")
}

#[tokio::test]
async fn refusals_are_answered_as_the_file_says() {
    let faults = || vec![Fault::new("code", "is missing"), Fault::new("end", "is empty")];
    let problems = every_variant! {
        Problem::Unauthorized(_) =>
            "unauthorized, Bukza" = Problem::Unauthorized(Proof::Bukza),
            "unauthorized, Telegram" = Problem::Unauthorized(Proof::Telegram);
        Problem::NotFound => "not found" = Problem::NotFound;
        Problem::MethodNotAllowed(_) =>
            "method not allowed" = Problem::MethodNotAllowed(Vec::new()),
            "method not understood" = Problem::MethodNotAllowed(faults());
        Problem::Broken => "broken" = Problem::Broken;
        Problem::Slow => "slow" = Problem::Slow;
        Problem::TooLarge { .. } => "too large" = Problem::TooLarge { limit: 64 * 1024 };
        Problem::NotJson(_) => "not JSON" = Problem::NotJson(faults());
        Problem::InvalidFields(_) => "invalid fields" = Problem::InvalidFields(faults());
        Problem::NotStored => "not stored" = Problem::NotStored;
    };
    for (file, locale) in [("problems.txt", Locale::En), ("problems_ru.txt", Locale::Ru)] {
        let mut answers = Vec::new();
        for (name, problem) in problems.clone() {
            answers.push((name, answer(problem, locale).await));
        }
        hold(file, &listed(&answers, String::clone));
    }
    hold_all_files();
}
