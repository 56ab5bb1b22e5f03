//! The details: what the page loads after itself, so that nobody waits for it to see a plan.
//!
//! It knows how foreign text becomes a plan and a plan a text to take away. A plan comes in as a link,
//! so the page and the details share no memory and no types. It must never know Leptos or the page's
//! state, compute a figure, or hold a state between two calls.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod read;
mod takeaway;
