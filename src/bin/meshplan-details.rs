//! The details of a plan: what the page loads after itself, without Leptos.
//!
//! Its exports are compiled into this program alone: a linker keeps whatever is exported, so in
//! the library they would become part of the page's download.
#![cfg_attr(target_arch = "wasm32", no_main)]

#[cfg(target_arch = "wasm32")]
#[path = "../details/mod.rs"]
mod details;

/// It runs in a browser or in Node alone, where it is called and does nothing by itself.
#[cfg(not(target_arch = "wasm32"))]
fn main() {}
