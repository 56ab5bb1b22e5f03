//! `cargo xtask test`: every check of the project, each run even when one before it failed.

use std::process::Command;

use crate::browser::Kind;
use crate::run::{cargo, root, run, stream, target};
use crate::tally::{Counts, Tally};
use crate::tools::WASM_TARGET;
use crate::{browser, dist, install, page, say, server, size};

const PARTS: [&str; 8] = [
    "fmt", "clippy", "native", "api", "browser", "firefox", "dist", "size",
];

/// Runs the parts that are named, or all, and prints the counts.
pub fn test(only: Option<&str>) -> Result<(), String> {
    let chosen: Vec<&str> = match only {
        Some(list) => list.split(',').map(str::trim).collect(),
        None => PARTS.to_vec(),
    };
    if let Some(unknown) = chosen.iter().find(|part| !PARTS.contains(part)) {
        return Err(format!(
            "there is no part `{unknown}`; the parts are {}",
            PARTS.join(",")
        ));
    }
    let wants = |part: &str| chosen.contains(&part);
    let mut tally = Tally::default();

    if (wants("fmt") || wants("clippy"))
        && let Err(message) = install::rust_parts()
    {
        tally.one("Rust toolchain", Err(message));
    }
    if wants("fmt") {
        let step = say::step("Formatting: cargo fmt --check");
        tally.one(
            "fmt",
            run(cargo().args(["fmt", "--all", "--check", "--", "-l"])),
        );
        step.done();
    }
    if wants("clippy") {
        let step = say::step("Clippy on this machine, about 1 minute when nothing is built yet");
        let words = [
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        tally.one("clippy", run(cargo().args(words)));
        step.done();
        let step = say::step("Clippy on wasm32, about 1 minute when nothing is built yet");
        let words = [
            "clippy",
            "--quiet",
            "--package",
            "meshplan",
            "--target",
            WASM_TARGET,
        ];
        let parts = ["--lib", "--bin", "meshplan-page"];
        let others = ["--bin", "meshplan-details", "--bin", "meshplan-api"];
        let lints = ["--", "-D", "warnings"];
        tally.one(
            "clippy on wasm32",
            run(cargo().args(words).args(parts).args(others).args(lints)),
        );
        step.done();
    }
    if wants("native") {
        let step = say::step("Native tests, about 2 minutes when nothing is built yet");
        let mut counts = Counts::default();
        let outcome = stream(
            cargo().args(["test", "--workspace", "--no-fail-fast"]),
            |line| counts.see_rust(line),
        );
        tally.many("native tests", counts, outcome);
        step.done();
    }
    if ["api", "browser", "firefox", "dist", "size"]
        .into_iter()
        .any(wants)
    {
        let built = page::tools().and_then(|tools| page::build(&tools));
        let there = built.is_ok();
        tally.one("page build", built);
        for (part, name, test) in [
            ("api", "API tests", in_node as fn(&mut Tally)),
            ("browser", "browser tests", in_chromium),
            ("firefox", "Firefox tests", in_firefox),
        ] {
            match (wants(part), there) {
                (true, true) => test(&mut tally),
                (true, false) => tally.one(name, Err("there is no page to test".to_owned())),
                _ => {}
            }
        }
        if wants("dist") {
            let step = say::step("What the built files name and ask for");
            dist::check(&page::dist(), &mut tally);
            step.done();
        }
        if wants("size") {
            let step = say::step("Size of the page");
            let tables = if there {
                size::measure(&page::dist())
            } else {
                Err("there is no page to measure".to_owned())
            };
            if let Ok(tables) = &tables {
                tables.iter().for_each(|table| println!("{table}\n"));
            }
            tally.one("size", tables.and_then(|tables| size::verdict(&tables)));
            step.done();
        }
    }
    tally.finish()
}

/// The API's tests in Node, which compare it with the command line.
fn in_node(tally: &mut Tally) {
    let mut counts = Counts::default();
    let step = say::step("The API's tests in Node");
    let built = run(cargo().args(["build", "--quiet", "--bin", "meshplan"]));
    let outcome = built.and_then(|()| {
        let mut command = Command::new("node");
        command.current_dir(root()).arg("tests/api.mjs");
        command.arg(page::dist());
        command.arg(target().join("debug").join("meshplan"));
        stream(&mut command, |line| counts.see_browser(line))
    });
    step.done();
    tally.many("API tests", counts, outcome);
}

fn in_chromium(tally: &mut Tally) {
    in_browser(tally, "browser tests", &browser::CHROMIUM);
}

fn in_firefox(tally: &mut Tally) {
    in_browser(tally, "Firefox tests", &browser::FIREFOX);
}

/// The page's tests in a real browser, against the page as it will be served.
fn in_browser(tally: &mut Tally, name: &str, kind: &'static Kind) {
    let mut counts = Counts::default();
    let outcome = browser::prepare(kind).and_then(|tools| {
        let address = server::start(page::dist(), None)?;
        let step = say::step(&format!("The page's tests in {}", kind.name));
        let outcome = stream(&mut browser::script(&tools, "run.mjs", &address), |line| {
            counts.see_browser(line)
        });
        step.done();
        outcome
    });
    tally.many(name, counts, outcome);
}
