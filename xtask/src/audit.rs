//! `cargo xtask audit`: where what ships comes from, under which licence, and that it is not there twice.
//!
//! `deny.toml` says what may be. No package of JavaScript ships: those that the tests and the build use
//! (`tools.rs`) are tools, and the built files ask for nothing but each other.

use std::process::Command;

use crate::run::{self, answer};
use crate::tally::Tally;
use crate::tools::CARGO_DENY;
use crate::{dist, install, page, say};

/// What cargo-deny checks without a network.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Checks crates and built files; `advisories` asks for the list of known faults too.
pub fn audit(advisories: bool) -> Result<(), String> {
    let mut tally = Tally::default();
    tally.one("crates", crates(advisories));
    tally.one("packages of JavaScript", no_packages());
    let built = page::tools().and_then(|tools| page::build(&tools));
    let there = built.is_ok();
    tally.one("page build", built);
    if there {
        dist::check(&page::dist(), &mut tally);
    }
    tally.finish()
}

/// The crates, as `deny.toml` says they must be.
fn crates(advisories: bool) -> Result<(), String> {
    let folder = install::program(&CARGO_DENY)?;
    let step = say::step("Crates: licences, sources, versions");
    let network = advisories.then_some("advisories");
    let outcome = run::run(
        run::cargo_tool(CARGO_DENY.program, folder.as_slice())?
            .args(["--locked", "check"])
            .args(CHECKS)
            .args(network),
    );
    step.done();
    outcome
}

/// An error when the repository holds a list of packages.
fn no_packages() -> Result<(), String> {
    let listed = answer(Command::new("git").current_dir(run::root()).arg("ls-files"));
    let listed = listed.ok_or("git cannot list the files of the repository")?;
    let is_list = |name: &&str| {
        let file = name.rsplit('/').next().unwrap_or(name);
        [
            "package.json",
            "package-lock.json",
            "yarn.lock",
            "pnpm-lock.yaml",
        ]
        .contains(&file)
            || name.contains("node_modules/")
    };
    match listed.lines().find(is_list) {
        Some(name) => Err(format!(
            "{name} makes packages of JavaScript a part of Meshplan"
        )),
        None => Ok(()),
    }
}
