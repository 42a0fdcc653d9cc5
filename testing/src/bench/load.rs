//! A cheap load generator: prepared bytes on raw keep-alive connections, one request at a time on
//! each.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use chrono::TimeDelta;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::table::percentile;
use crate::harness::{bukza, fleet::BUKZA_SECRET};

/// When to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    Elapsed(Duration),
    Requests(u64),
}

/// The result of a load.
#[derive(Debug)]
pub(super) struct Report {
    pub per_second: f64,
    /// Latencies in milliseconds.
    pub p50: f64,
    pub p99: f64,
}

/// Posts bookings with distinct codes over this many connections.
///
/// # Errors
/// When an answer is not 200.
pub(super) async fn run(
    address: SocketAddr,
    connections: usize,
    until: Until,
) -> anyhow::Result<Report> {
    let started = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(connection(address, until, started, Arc::clone(&next))))
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let seconds = started.elapsed().as_secs_f64();
    latencies.sort_by(f64::total_cmp);
    let (p50, p99) = (percentile(&latencies, 50.0), percentile(&latencies, 99.0));
    Ok(Report { per_second: latencies.len() as f64 / seconds, p50, p99 })
}

async fn connection(
    address: SocketAddr,
    until: Until,
    started: Instant,
    next: Arc<AtomicU64>,
) -> anyhow::Result<Vec<f64>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let template = Template::new();
    let mut latencies = Vec::with_capacity(1 << 16);
    let mut request = Vec::with_capacity(2048);
    let mut answer = vec![0; 4096];
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let over = match until {
            Until::Elapsed(duration) => started.elapsed() >= duration,
            Until::Requests(count) => number >= count,
        };
        if over {
            return Ok(latencies);
        }
        template.write(number, &mut request);
        let sent = Instant::now();
        stream.write_all(&request).await?;
        read_answer(&mut stream, &mut answer).await?;
        latencies.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
}

/// Reads one whole response, which must be 200.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> anyhow::Result<()> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        ensure!(read > 0, "the connection was closed");
        filled += read;
        let text = &buffer[..filled];
        if let Some(head) = text.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head_text = std::str::from_utf8(&text[..head])?;
            if !head_text.starts_with("HTTP/1.1 200") {
                bail!("answered {}", String::from_utf8_lossy(text));
            }
            let length: usize = head_text
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .and_then(|(_, value)| value.trim().parse().ok())
                .context("an answer without content-length")?;
            if filled >= head + 4 + length {
                return Ok(());
            }
        }
    }
}

/// The production payload as bytes, with a future day and gaps for the booking's number.
struct Template {
    pieces: Vec<String>,
}

/// Placeholder of seven digits in the template.
const MARK: &str = "NNNNNNN";

impl Template {
    fn new() -> Self {
        // Far enough that no message falls due during the bench, and near enough that the reminders have
        // their jobs in Redis.
        let day = bukza::now() + TimeDelta::days(2);
        let body = bukza::PRODUCTION
            .replace("C6UDS3", &format!("B{MARK}"))
            .replace("27.12.2025", &day.format("%d.%m.%Y").to_string())
            .replace("2025-12-27", &day.format("%Y-%m-%d").to_string());
        let text = format!(
            "POST /webhook/bukza?message=newrega&phone=%2B7999{MARK}&name=%D0%90%D0%BB%D0%B8%D0%BD%D0%B0 HTTP/1.1\r\n\
             Host: bench\r\nX-Webhook-Secret: {BUKZA_SECRET}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { pieces: text.split(MARK).map(str::to_owned).collect() }
    }

    fn write(&self, number: u64, request: &mut Vec<u8>) {
        request.clear();
        let digits = format!("{number:07}");
        for (index, piece) in self.pieces.iter().enumerate() {
            if index > 0 {
                request.extend_from_slice(digits.as_bytes());
            }
            request.extend_from_slice(piece.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_its_own_code_and_phone_and_the_right_length() {
        let mut request = Vec::new();
        Template::new().write(42, &mut request);
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("phone=%2B79990000042&") && body.contains("\"B0000042\""));
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
    }
}
