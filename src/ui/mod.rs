//! The page: reads a `Report`, writes the `Config` through one function.
use leptos::prelude::*;

/// Mounts the page on `<body>`.
pub fn mount() {
    mount_to_body(|| view! { <h1>"Meshplan"</h1> });
}
