//! The details of a plan: what the page loads after itself, without Leptos.
//!
//! Its exports are compiled into this program alone: a linker keeps whatever is exported, so in
//! the library they would become part of the page's download.

#[cfg(target_arch = "wasm32")]
#[path = "../details/mod.rs"]
mod details;

fn main() {}
