//! What libFuzzer calls: a text that it has made is checked, and a new one is made of an old one.

use crate::check::check;
use crate::damage::{Random, damage, golden_links};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use meshplan::core::Report;
use std::hint::black_box;

fuzz_target!(|bytes: &[u8]| {
    if let Some(config) = check(&String::from_utf8_lossy(bytes)) {
        black_box(Report::of(&config));
    }
});

// Half of the texts as libFuzzer makes them, byte by byte; half as links are damaged on their way,
// which begins with the golden links.
fuzz_mutator!(|bytes: &mut [u8], size: usize, most: usize, seed: u32| {
    let mut random = Random::new(seed.into());
    if random.below(2) == 0 {
        return fuzzer_mutate(bytes, size, most);
    }
    let links = golden_links();
    let text = match random.below(16) {
        0 => random.of(&links).into(),
        _ => String::from_utf8_lossy(&bytes[..size]),
    };
    let text = damage(&text, &links, &mut random);
    let size = text.len().min(most);
    bytes[..size].copy_from_slice(&text.as_bytes()[..size]);
    size
});
