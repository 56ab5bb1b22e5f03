//! The details of a plan, drawn by a program of their own without Leptos.
#[cfg(target_arch = "wasm32")]
#[path = "../details/mod.rs"]
mod details;

fn main() {}
