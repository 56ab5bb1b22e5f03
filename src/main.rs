//! Mounts the page, nothing else.
fn main() {
    #[cfg(target_arch = "wasm32")]
    meshplan::ui::mount();
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("This is the page. `cargo xtask serve` builds it and serves it.");
}
