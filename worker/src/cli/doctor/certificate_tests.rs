//! Servers of TLS with certificates of an authority that these tests make. What is wrong, and what to do, in both
//! languages.

use shared::{
    clock::{Clock, SystemClock},
    domain::venue::Locale,
};

use super::{
    super::{Verdict, Wording},
    *,
};
use crate::tls_fixture::{self, Authority};

/// What the doctor finds at a server that shows this certificate, and the wordings in both languages.
async fn found(shows: &Authority, name: &str, days: std::ops::Range<i64>) -> Examined {
    let nobody = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let server = shows.serve(name, days, nobody).await;
    Examined::at(&format!("https://localhost:{}", server.port()), shows).await
}

struct Examined {
    verdict: Verdict,
    /// In English, then in Russian.
    found: [String; 2],
    remedy: [String; 2],
}

impl Examined {
    async fn at(url: &str, trusted: &Authority) -> Self {
        let url = Url::parse(url).unwrap();
        let finding = examine(&url, trusted.roots(), SystemClock.now()).await;
        let wordings = [Locale::En, Locale::Ru].map(Wording::of);
        let both = |words: &Words| wordings.each_ref().map(|wording| wording.text(words));
        Self {
            verdict: finding.verdict,
            found: both(&finding.found),
            remedy: both(&finding.remedy),
        }
    }

    fn is(&self, verdict: Verdict, found: [&str; 2], remedy: [&str; 2]) {
        assert_eq!(self.verdict, verdict, "{:?}", self.found);
        for language in 0..2 {
            assert!(self.found[language].contains(found[language]), "{:?}", self.found);
            let remedy = remedy[language];
            let names = self.remedy[language].contains(remedy);
            assert!(
                names && remedy.is_empty() == self.remedy[language].is_empty(),
                "{:?}",
                self.remedy
            );
        }
    }
}

const RENEW: [&str; 2] = ["certbot renew", "certbot renew"];
const GET: [&str; 2] = ["get one of Let's Encrypt", "получите сертификат Let's Encrypt"];

#[tokio::test]
async fn a_certificate_that_is_right_is_named_with_its_end_and_one_that_ends_soon_is_a_warning() {
    let authority = Authority::new();
    let date = |days| tls_fixture::day(days).format("%Y-%m-%d").to_string();
    let right = found(&authority, "localhost", -1..60).await;
    let until = date(60);
    let (en, ru) = (
        format!("valid until {until}, 59 days"),
        format!("действует до {until}, осталось дней: 59"),
    );
    right.is(Verdict::Ok, [&en, &ru], ["", ""]);
    let ending = found(&authority, "localhost", -80..10).await;
    let end = date(10);
    let (en, ru) =
        (format!("ends soon: {end}, 9 days"), format!("скоро кончится, {end}, осталось дней: 9"));
    ending.is(Verdict::Warn, [&en, &ru], RENEW);
}

#[tokio::test]
async fn a_wrong_certificate_is_a_failure_that_names_what_is_wrong() {
    let authority = Authority::new();
    let date = |days| tls_fixture::day(days).format("%Y-%m-%d").to_string();
    let ended = found(&authority, "localhost", -90..-1).await;
    let (en, ru) = (format!("ended on {}", date(-1)), format!("кончился {}", date(-1)));
    ended.is(Verdict::Fail, [&en, &ru], RENEW);
    let early = found(&authority, "localhost", 2..90).await;
    let (en, ru) = (format!("only from {}", date(2)), format!("только {}", date(2)));
    early.is(Verdict::Fail, [&en, &ru], ["keep time", "сверяют время"]);
    let other = found(&authority, "bot.example.com", -1..60).await;
    other.is(Verdict::Fail, ["another name: bot.example.com", "другое имя, bot.example.com"], GET);
    // Signed by somebody else than those who are trusted.
    let nobody = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let server = Authority::new().serve("localhost", -1..60, nobody).await;
    let url = format!("https://localhost:{}", server.port());
    let foreign = Examined::at(&url, &authority).await;
    foreign.is(Verdict::Fail, ["trusted by nobody: ", "никто не верит, "], GET);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_from_here_is_a_warning() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    // It speaks no TLS; then nobody listens.
    let closing = tokio::spawn(async move { listener.accept().await.map(drop) });
    for _ in 0..2 {
        let away = Examined::at(&url, &Authority::new()).await;
        away.is(
            Verdict::Warn,
            ["localhost can't be connected to from here: ", "к localhost отсюда не подключиться: "],
            ["see that nginx runs", "проверьте, что nginx работает"],
        );
    }
    closing.await.unwrap().unwrap();
}
