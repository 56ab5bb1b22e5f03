//! The fuzz target of links: whatever a text is, reading it holds what the tests hold of damaged links,
//! and the plan that it opens has a report. `cargo xtask fuzz` builds and runs it.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
#[path = "../../tests/links/check.rs"]
mod check;
#[cfg(fuzzing)]
#[path = "../../tests/links/damage.rs"]
mod damage;
#[cfg(fuzzing)]
mod target;

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("`cargo xtask fuzz` builds this program as it must be built, and runs it.");
    std::process::exit(2);
}
