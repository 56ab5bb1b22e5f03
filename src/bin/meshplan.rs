//! The same core on a command line.
fn main() {}
