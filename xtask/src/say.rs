//! What a step prints: what it does, how long it is likely to take, and how long it took.

use std::io::Write;
use std::time::{Duration, Instant};

/// A step that has begun. Call [`Step::done`] at its end.
pub struct Step {
    start: Instant,
}

/// Prints what begins and starts its clock.
pub fn step(what: &str) -> Step {
    println!("\n== {what}");
    flush();
    Step {
        start: Instant::now(),
    }
}

impl Step {
    /// Prints how long the step took.
    pub fn done(self) {
        println!("   took {}", duration(self.start.elapsed()));
        flush();
    }
}

/// Standard output is a file or a pipe as often as a terminal; a reader sees each line at once all the same.
pub fn flush() {
    // A closed pipe is no reason to stop a build.
    let _ = std::io::stdout().flush();
}

/// A duration as one reads it: `850 ms`, `12.3 s`, `3 min 05 s`.
fn duration(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(850)), "850 ms");
        assert_eq!(duration(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }
}
