//! The same core on a command line, for scripts, CI and for checking a link in a review.

#[cfg(not(target_arch = "wasm32"))]
#[path = "cli/mod.rs"]
mod cli;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os().skip(1))
}

/// The browser has the page instead.
#[cfg(target_arch = "wasm32")]
fn main() {}
