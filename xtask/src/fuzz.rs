//! `cargo xtask fuzz`: looks for texts that break the reading of links, on stable Rust.
//!
//! libFuzzer watches which code each text reaches, and goes on with those that reach new code. What it
//! has found so far is kept below the folder of what is built, so the next run goes on from there.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{self, answer};
use crate::say;

/// The program, by its name in `fuzz/Cargo.toml`.
const PROGRAM: &str = "fuzz-links";

/// How long it looks when nobody says how long.
const MINUTES: u64 = 5;

/// What has the compiler count which code runs, as cargo-fuzz has it; all of it is stable. Compared
/// values are told too, so that the fuzzer learns words.
const FLAGS: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Cforce-frame-pointers=yes",
];

/// Looks for some minutes.
pub fn fuzz(minutes: Option<&str>) -> Result<(), String> {
    let minutes = minutes.map_or(Ok(MINUTES), minutes_of)?;
    compiler_of_cpp()?;
    let program = build()?;
    let folder = run::target().join("fuzzing");
    let corpus = folder.join("links");
    fs::create_dir_all(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
    let step = say::step(&format!(
        "Looking for texts that break the reading of links, {minutes} min; `cov` says how much code they reach"
    ));
    let found = folder.join("found-");
    let outcome = run::run(
        Command::new(program)
            .current_dir(run::root())
            .arg(&corpus)
            .arg(format!("-max_total_time={}", minutes * 60))
            .arg(format!("-artifact_prefix={}", found.display()))
            // Longer texts are refused unread. No text may take long, even where all is counted and
            // the machine is busy.
            .args(["-max_len=8300", "-timeout=10", "-print_final_stats=1"]),
    );
    step.done();
    outcome.map_err(|error| {
        format!(
            "{error}\nThe text that broke it is in a file that begins with {}",
            found.display()
        )
    })
}

fn minutes_of(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(minutes) if (1..=10_000).contains(&minutes) => Ok(minutes),
        _ => Err(format!("`{text}` is no number of minutes from 1 to 10000")),
    }
}

/// Makes sure that there is a compiler for the fuzzer itself, which is written in C++.
fn compiler_of_cpp() -> Result<(), String> {
    let named = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    match answer(Command::new(&named).arg("--version")) {
        Some(_) => Ok(()),
        None => Err(format!(
            "the fuzzer itself is built by a C++ compiler, and `{named}` is none that runs here: install one, \
             on Debian `apt-get install g++`, or name one in CXX"
        )),
    }
}

/// Builds the program, and gives its path.
fn build() -> Result<std::path::PathBuf, String> {
    let step = say::step("Building the fuzzer, about 1 minute when nothing is built yet");
    let host = run::compiler("host").ok_or("`rustc -vV` does not say what machine this is")?;
    // With a target, the flags are not those of build scripts and macros.
    run::run(
        run::cargo()
            .args(["build", "--quiet", "--locked", "--package", "fuzz"])
            .args(["--profile", "fuzz", "--target", &host])
            .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}")),
    )?;
    step.done();
    Ok(run::target()
        .join(Path::new(&host))
        .join("fuzz")
        .join(PROGRAM))
}

#[cfg(test)]
mod tests {
    use super::minutes_of;

    #[test]
    fn minutes_are_whole_and_some() {
        assert_eq!(minutes_of("90"), Ok(90));
        assert!(minutes_of("0").is_err());
        assert!(minutes_of("1.5").is_err());
        assert!(minutes_of("an hour").is_err());
    }
}
