//! What the tests of every picture ask of it.

use super::measure::width_of;
use super::scene::{Anchor, Figure, Mark};

/// Every point and every line of words lies inside the scene, and nothing is missing.
#[track_caller]
pub fn is_sound(figure: &Figure) {
    let scene = &figure.scene;
    assert!(!figure.title.is_empty() && figure.summary.ends_with('.'));
    assert!(scene.width.is_finite() && scene.height.is_finite() && !scene.marks.is_empty());
    let inside = |x: f64, y: f64| {
        (-0.06..=scene.width + 0.06).contains(&x) && (-0.06..=scene.height + 0.06).contains(&y)
    };
    for mark in &scene.marks {
        match mark {
            Mark::Shape(_, path) => {
                for (x, y) in corners(path) {
                    assert!(inside(x, y), "{x} {y} of {path} is outside");
                }
            }
            Mark::Words(words) => {
                let length = width_of(&words.text, words.size, words.bold);
                let start = match words.anchor {
                    Anchor::Start => words.x,
                    Anchor::Middle => words.x - length / 2.0,
                    Anchor::End => words.x - length,
                };
                let (top, bottom) = (words.y - words.size * 0.8, words.y + words.size * 0.2);
                assert!(
                    inside(start, top) && inside(start + length, bottom),
                    "“{}” is outside at {start} {top}",
                    words.text
                );
            }
        }
    }
}

/// All words of a picture, line by line.
pub fn words(figure: &Figure) -> Vec<&str> {
    let marks = figure.scene.marks.iter();
    marks
        .filter_map(|mark| match mark {
            Mark::Words(words) => Some(words.text.as_str()),
            Mark::Shape(..) => None,
        })
        .collect()
}

/// The corners of every rectangle and the ends of every line of a path.
fn corners(path: &str) -> Vec<(f64, f64)> {
    let mut all = Vec::new();
    let (mut x, mut y) = (0.0, 0.0);
    let mut rest = path;
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(|c: char| c.is_ascii_alphabetic());
        let (body, after) = rest[1..].split_at(end.unwrap_or(rest.len() - 1));
        let numbers: Vec<f64> = body
            .split_whitespace()
            .map(|number| number.parse().unwrap_or(f64::NAN))
            .collect();
        match (command, numbers.as_slice()) {
            ('M' | 'L', [a, b]) => (x, y) = (*a, *b),
            ('h', [a]) => x += a,
            ('v', [a]) => y += a,
            ('z', []) => {}
            // No scene holds such a point, so a path that is not understood fails.
            _ => (x, y) = (f64::NAN, f64::NAN),
        }
        all.push((x, y));
        rest = after;
    }
    all
}
