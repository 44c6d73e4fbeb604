//! A line on standard error while AWS is asked: which round, which services, how long so far.
//!
//! It comes only when the asking lasts, is drawn by a thread of its own, since the asking blocks, and is gone before
//! anything else is said. What is asked is seen by standing between the engine and the collector; neither knows.

use std::{
    collections::BTreeSet,
    io::Write,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::{JoinHandle, spawn},
    time::{Duration, Instant},
};

use super::terminal;
use crate::{
    case::{Fact, Need},
    collect::Collector,
};

/// How long nobody wonders what is going on.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often the seconds are told.
const TICK: Duration = Duration::from_secs(1);
/// Back to the start of the line, and nothing on it.
const ERASE: &str = "\r\u{1b}[2K";

/// A collector that is watched while it asks.
pub struct Watched<'c> {
    inner: &'c mut dyn Collector,
    line: Option<Line>,
    round: usize,
}

impl<'c> Watched<'c> {
    /// Tells what is asked, where standard error is for it.
    pub fn over(inner: &'c mut dyn Collector) -> Self {
        let width = terminal::width_of_stderr().unwrap_or(80);
        let line = terminal::shows_progress().then(|| Line::begin(std::io::stderr(), width, PATIENCE));
        Self { inner, line, round: 0 }
    }
}

impl Collector for Watched<'_> {
    fn answer(&mut self, needs: &BTreeSet<Need>) -> Vec<(Need, Fact)> {
        self.round += 1;
        if let Some(line) = &self.line {
            line.say(asking(self.round, needs));
        }
        self.inner.answer(needs)
    }

    fn calls(&self) -> usize {
        self.inner.calls()
    }
}

fn asking(round: usize, needs: &BTreeSet<Need>) -> String {
    let services = needs.iter().filter_map(|need| need.action().split(':').next());
    let services: Vec<&str> = services.collect::<BTreeSet<_>>().into_iter().collect();
    let questions = if needs.len() == 1 { "question" } else { "questions" };
    format!("asking AWS, round {round}: {} ({} {questions})", services.join(", "), needs.len())
}

/// The line, until it is dropped.
struct Line {
    said: Option<Sender<String>>,
    drawer: Option<JoinHandle<()>>,
}

impl Line {
    fn begin(mut out: impl Write + Send + 'static, width: usize, patience: Duration) -> Self {
        let (said, heard) = channel();
        let drawer = spawn(move || draw(&heard, &mut out, width, patience));
        Self { said: Some(said), drawer: Some(drawer) }
    }

    fn say(&self, text: String) {
        if let Some(said) = &self.said {
            let _ = said.send(text);
        }
    }
}

impl Drop for Line {
    /// Waits until the line is gone, so that nothing is written beside it.
    fn drop(&mut self) {
        self.said = None;
        if let Some(drawer) = self.drawer.take() {
            let _ = drawer.join();
        }
    }
}

/// Draws what it hears until nobody speaks any more. That the line cannot be written is no reason to stop asking.
fn draw(heard: &Receiver<String>, out: &mut impl Write, width: usize, patience: Duration) {
    let began = Instant::now();
    let (mut text, mut is_shown) = (String::new(), false);
    loop {
        let wait = if is_shown { TICK } else { patience.saturating_sub(began.elapsed()) };
        match heard.recv_timeout(wait) {
            Ok(next) => text = next,
            Err(RecvTimeoutError::Timeout) => is_shown = true,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if is_shown {
            let line: String = format!("{text}, {} s", began.elapsed().as_secs()).chars().take(width - 1).collect();
            let _ = write!(out, "{ERASE}{line}").and_then(|()| out.flush());
        }
    }
    if is_shown {
        let _ = out.write_all(ERASE.as_bytes()).and_then(|()| out.flush());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;
    use crate::collect::Nothing;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Screen {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    struct Slow(Duration);

    impl Collector for Slow {
        fn answer(&mut self, needs: &BTreeSet<Need>) -> Vec<(Need, Fact)> {
            std::thread::sleep(self.0);
            Nothing.answer(needs)
        }

        fn calls(&self) -> usize {
            7
        }
    }

    fn needs() -> BTreeSet<Need> {
        let role = |name: &str| Need::Role { role: name.to_owned() };
        [role("a"), role("b"), Need::TaskDefinition { task_definition: "web:1".to_owned() }].into()
    }

    /// What was seen of two rounds that take so long each.
    fn seen(each: Duration, width: usize, patience: Duration) -> String {
        let screen = Screen::default();
        let mut slow = Slow(each);
        let mut watched =
            Watched { inner: &mut slow, line: Some(Line::begin(screen.clone(), width, patience)), round: 0 };
        assert_eq!(watched.answer(&needs()).len(), 3);
        assert_eq!((watched.answer(&needs()).len(), watched.calls()), (3, 7));
        drop(watched);
        screen.text()
    }

    #[test]
    fn what_lasts_is_told_and_taken_back() {
        let out = seen(Duration::from_millis(300), 80, Duration::from_millis(10));
        let first = format!("{ERASE}asking AWS, round 1: ecs, iam (3 questions), 0 s");
        assert!(out.starts_with(&first) && out.contains("round 2: ecs, iam"), "{out:?}");
        assert!(out.ends_with(ERASE) && !out.contains('\n'), "{out:?}");
    }

    #[test]
    fn what_is_quick_is_not_told() {
        assert_eq!(seen(Duration::ZERO, 80, Duration::from_secs(60)), "");
    }

    #[test]
    fn a_line_never_wraps() {
        let out = seen(Duration::from_millis(300), 20, Duration::from_millis(10));
        assert!(out.split(ERASE).all(|line| line.chars().count() < 20), "{out:?}");
    }
}
