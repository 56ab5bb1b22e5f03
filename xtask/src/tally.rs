//! Counts what passed and what failed.

/// How many checks passed and failed, and the names of those that failed.
#[derive(Default)]
pub struct Tally {
    passed: u64,
    failed: u64,
    names: Vec<String>,
}

impl Tally {
    /// Counts one check.
    pub fn one(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(message) => {
                println!("   FAILED: {message}");
                self.failed += 1;
                self.names.push(name.to_owned());
            }
        }
    }

    /// Counts the tests of a suite. A suite that failed without a failed test, or ran none, failed once.
    pub fn many(&mut self, name: &str, counts: Counts, outcome: Result<(), String>) {
        self.passed += counts.passed;
        self.failed += counts.failed;
        if counts.failed > 0 {
            self.names.push(format!("{name} ({} tests)", counts.failed));
        } else if let Err(message) = outcome {
            self.one(name, Err(message));
        } else if counts.passed == 0 {
            self.one(name, Err("no test ran".to_owned()));
        }
    }

    /// Prints the names of what failed, and the counts as the very last line.
    pub fn finish(self) -> Result<(), String> {
        println!();
        if !self.names.is_empty() {
            println!("Failed: {}", self.names.join(", "));
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        // Everything is said; the counts stay the last line.
        if self.failed == 0 {
            Ok(())
        } else {
            Err(String::new())
        }
    }
}

/// The tests of a suite, read from what it prints.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Counts {
    /// How many passed.
    pub passed: u64,
    /// How many failed.
    pub failed: u64,
}

impl Counts {
    /// Adds a line of `cargo test`: `test result: ok. 3 passed; 0 failed; …`. Other lines add nothing.
    pub fn see_rust(&mut self, line: &str) {
        if let Some(rest) = line.trim_start().strip_prefix("test result: ") {
            let rest = rest.split_once(". ").map_or(rest, |(_, rest)| rest);
            self.see_parts(rest.split("; "));
        }
    }

    /// Adds the closing line of the browser tests: `3 passed, 0 failed`. Other lines add nothing.
    pub fn see_browser(&mut self, line: &str) {
        if line.ends_with(" failed") && line.starts_with(|first: char| first.is_ascii_digit()) {
            self.see_parts(line.split(", "));
        }
    }

    fn see_parts<'a>(&mut self, parts: impl Iterator<Item = &'a str>) {
        for part in parts {
            match part
                .split_once(' ')
                .map(|(number, word)| (number.parse::<u64>(), word))
            {
                Some((Ok(number), "passed")) => self.passed += number,
                Some((Ok(number), "failed")) => self.failed += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_cargo_test_are_added_up() {
        let mut counts = Counts::default();
        counts.see_rust("test a::b ... ok");
        counts.see_rust("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s");
        counts.see_rust("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s");
        assert_eq!(
            counts,
            Counts {
                passed: 15,
                failed: 2
            }
        );
    }

    #[test]
    fn the_closing_line_of_the_browser_tests_is_read() {
        let mut counts = Counts::default();
        counts.see_browser("ok the page loads");
        counts.see_browser("4 passed, 1 failed");
        assert_eq!(
            counts,
            Counts {
                passed: 4,
                failed: 1
            }
        );
    }

    #[test]
    fn a_suite_that_broke_or_ran_nothing_failed_once() {
        let mut tally = Tally::default();
        tally.many(
            "native",
            Counts {
                passed: 3,
                failed: 0,
            },
            Err("it did not compile".into()),
        );
        tally.many("browser", Counts::default(), Ok(()));
        tally.many(
            "third",
            Counts {
                passed: 1,
                failed: 2,
            },
            Err("ended".into()),
        );
        assert_eq!((tally.passed, tally.failed), (4, 4));
        assert!(tally.finish().is_err());
    }
}
