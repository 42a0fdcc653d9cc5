//! Writes log lines, several of them with one system call: a call for each line would be the most expensive
//! part of a webhook after its response.

use std::{
    cell::RefCell,
    io::{self, Write},
    sync::OnceLock,
};

use tracing_subscriber::fmt::MakeWriter;

/// Most bytes handed over with one call, so long as no line is longer: what a pipe takes whole, even
/// where several processes write into it (`PIPE_BUF` of Linux).
const WHOLE: usize = 4096;

type Sink = Box<dyn Fn(&[u8]) + Send + Sync>;

static SINK: OnceLock<Sink> = OnceLock::new();

thread_local! {
    /// The lines of [`together`], if this thread is in one.
    static HELD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Runs `work` and writes its log lines at the end, in one piece if they fit.
pub fn together<T>(work: impl FnOnce() -> T) -> T {
    let _hold = Hold::start();
    work()
}

/// Writes the lines when dropped, also after a panic.
struct Hold {
    /// Not so within another one, which hands over.
    first: bool,
}

impl Hold {
    fn start() -> Self {
        let first = HELD.with_borrow_mut(|held| {
            let first = held.is_none();
            held.get_or_insert_default();
            first
        });
        Self { first }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.first {
            let lines = HELD.with_borrow_mut(Option::take).unwrap_or_default();
            hand_over(&lines);
        }
    }
}

fn hand_over(lines: &[u8]) {
    if let (Some(sink), false) = (SINK.get(), lines.is_empty()) {
        sink(lines);
    }
}

/// Sends all lines into `sink` from now on; unless that was settled before.
pub(super) fn lines_into<W>(sink: W) -> Lines
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // A failure to write the log cannot be logged.
    let _ = SINK.set(Box::new(move |lines| drop(sink.make_writer().write_all(lines))));
    Lines
}

/// The writer of each line, for `tracing-subscriber`, which hands it whole lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines;

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        HELD.with_borrow_mut(|held| match held {
            Some(held) => {
                if held.len() + line.len() > WHOLE {
                    hand_over(held);
                    held.clear();
                }
                held.extend_from_slice(line);
            }
            None => hand_over(line),
        });
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Notes each call.
    #[derive(Clone, Default)]
    struct Calls(Arc<Mutex<Vec<String>>>);

    impl Write for Calls {
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().push(String::from_utf8(lines.to_vec()).unwrap());
            Ok(lines.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_logged_together_go_out_in_few_calls_each_whole_and_in_order() {
        let calls = Calls::default();
        let sink = calls.clone();
        let mut lines = lines_into(move || sink.clone());
        let taken = || std::mem::take(&mut *calls.0.lock().unwrap());

        lines.write_all(b"alone\n").unwrap();
        together(|| {
            lines.write_all(b"a\n").unwrap();
            together(|| lines.write_all(b"b\n").unwrap());
            assert_eq!(taken(), ["alone\n"], "held");
        });
        assert_eq!(taken(), ["a\nb\n"]);

        let line = "x".repeat(999) + "\n";
        together(|| (0..10).for_each(|_| lines.write_all(line.as_bytes()).unwrap()));
        assert_eq!(taken(), [line.repeat(4), line.repeat(4), line.repeat(2)]);

        let panic = std::panic::catch_unwind(|| {
            together(|| {
                Lines.write_all(b"last words\n").unwrap();
                panic!("as intended");
            });
        });
        assert!(panic.is_err());
        lines.write_all(b"after\n").unwrap();
        assert_eq!(taken(), ["last words\n", "after\n"]);
    }
}
