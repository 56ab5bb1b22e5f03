//! A picture as plain data: shapes and words with their looks. The page and a file draw the same.

use super::colours::Colour;
use crate::core::decimal::trimmed;

/// A picture: what is drawn first lies below.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scene {
    /// Width, CSS pixels.
    pub width: f64,
    /// Height, CSS pixels.
    pub height: f64,
    /// What is drawn.
    pub marks: Vec<Mark>,
}

/// A piece of a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// Shapes of one look, as the data of one SVG path.
    Shape(Style, String),
    /// Words.
    Words(Words),
}

/// How shapes are filled and outlined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// What they are filled with.
    pub fill: Option<Colour>,
    /// What they are outlined with.
    pub stroke: Option<Colour>,
    /// Width of the outline.
    pub width: f64,
    /// How opaque the outline is, 0 to 1.
    pub opacity: f64,
    /// Lengths of dashes and gaps, as SVG writes them; empty for a whole line.
    pub dash: &'static str,
}

/// A line of words.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// Where it begins, is centred or ends.
    pub x: f64,
    /// Its base line.
    pub y: f64,
    /// What it says.
    pub text: String,
    /// Height of the letters, CSS pixels.
    pub size: f64,
    /// Whether it is bold.
    pub bold: bool,
    /// Which part of it stands at `x`.
    pub anchor: Anchor,
    /// The colour.
    pub colour: Colour,
}

/// Which part of a line of words stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Style {
    /// Filled, without an outline.
    pub const fn filled(fill: Colour) -> Style {
        Style {
            fill: Some(fill),
            stroke: None,
            width: 1.0,
            opacity: 1.0,
            dash: "",
        }
    }

    /// An outline alone.
    pub const fn line(stroke: Colour, width: f64) -> Style {
        Style {
            fill: None,
            stroke: Some(stroke),
            width,
            opacity: 1.0,
            dash: "",
        }
    }

    /// The same with an outline.
    #[must_use]
    pub const fn outlined(self, stroke: Colour, width: f64) -> Style {
        Style {
            stroke: Some(stroke),
            width,
            ..self
        }
    }

    /// The same with a dashed outline.
    #[must_use]
    pub const fn dashed(self, dash: &'static str) -> Style {
        Style { dash, ..self }
    }

    /// The same with a paler outline.
    #[must_use]
    pub const fn pale(self, opacity: f64) -> Style {
        Style { opacity, ..self }
    }
}

impl Words {
    /// A line of words of usual height that begins at a place.
    pub fn new(x: f64, y: f64, text: impl Into<String>, colour: Colour) -> Words {
        Words {
            x,
            y,
            text: text.into(),
            size: 12.0,
            bold: false,
            anchor: Anchor::Start,
            colour,
        }
    }

    /// The same, centred at its place.
    #[must_use]
    pub fn centred(self) -> Words {
        Words {
            anchor: Anchor::Middle,
            ..self
        }
    }

    /// The same, ending at its place.
    #[must_use]
    pub fn ending(self) -> Words {
        Words {
            anchor: Anchor::End,
            ..self
        }
    }

    /// The same in another height.
    #[must_use]
    pub fn sized(self, size: f64) -> Words {
        Words { size, ..self }
    }

    /// The same in bold.
    #[must_use]
    pub fn bold(self) -> Words {
        Words { bold: true, ..self }
    }
}

impl Scene {
    /// Adds shapes of one look; none where there are none.
    pub fn shape(&mut self, style: Style, path: String) {
        if !path.is_empty() {
            self.marks.push(Mark::Shape(style, path));
        }
    }

    /// Adds a line of words.
    pub fn words(&mut self, words: Words) {
        self.marks.push(Mark::Words(words));
    }
}

/// A picture that leaves the page: its name, what it shows in a sentence, and its legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name: `Schedule`.
    pub title: String,
    /// What it shows, in one or two sentences; its accessible name.
    pub summary: String,
    /// What its looks mean.
    pub legend: Vec<Entry>,
    /// The picture.
    pub scene: Scene,
}

/// A look and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The look.
    pub style: Style,
    /// Whether it is hatched, as what lies beyond a limit is.
    pub hatched: bool,
    /// What it means.
    pub text: String,
}

impl Entry {
    /// A look and what it means.
    pub fn new(style: Style, text: impl Into<String>) -> Entry {
        Entry {
            style,
            hatched: false,
            text: text.into(),
        }
    }
}

/// Adds a rectangle to the data of an SVG path; none without an area.
pub fn rectangle(path: &mut String, x: f64, y: f64, width: f64, height: f64) {
    if width <= 0.0 || height <= 0.0 {
        return;
    }
    let (across, down) = (tenth(width), tenth(height));
    for part in [
        "M",
        &tenth(x),
        " ",
        &tenth(y),
        "h",
        &across,
        "v",
        &down,
        "h-",
        &across,
        "z",
    ] {
        path.push_str(part);
    }
}

/// Adds a line to the data of an SVG path.
pub fn stroke(path: &mut String, from: (f64, f64), to: (f64, f64)) {
    for part in [
        "M",
        &tenth(from.0),
        " ",
        &tenth(from.1),
        "L",
        &tenth(to.0),
        " ",
        &tenth(to.1),
    ] {
        path.push_str(part);
    }
}

/// Adds diagonal lines across a rectangle to the data of an SVG path: plain lines and no pattern,
/// which every program draws alike.
pub fn hatch(path: &mut String, x: f64, y: f64, width: f64, height: f64, spacing: f64) {
    if width <= 0.0 || height <= 0.0 || spacing <= 0.0 {
        return;
    }
    // Each line goes down to the left from a point of the top side, drawn on beyond the corner.
    let mut along = spacing / 2.0;
    while along < width + height {
        let (right, top) = if along <= width {
            (along, 0.0)
        } else {
            (width, along - width)
        };
        let (left, bottom) = if along <= height {
            (0.0, along)
        } else {
            (along - height, height)
        };
        stroke(path, (x + right, y + top), (x + left, y + bottom));
        along += spacing;
    }
}

/// A coordinate, to a tenth.
pub fn tenth(x: f64) -> String {
    trimmed(x, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(draw: impl FnOnce(&mut String)) -> String {
        let mut path = String::new();
        draw(&mut path);
        path
    }

    #[test]
    fn a_rectangle_needs_an_area() {
        assert_eq!(
            drawn(|p| rectangle(p, 1.0, 2.5, 10.0, 4.0)),
            "M1 2.5h10v4h-10z"
        );
        assert_eq!(drawn(|p| rectangle(p, 0.0, 0.0, 0.0, 4.0)), "");
    }

    #[test]
    fn hatching_stays_inside_its_rectangle() {
        let path = drawn(|p| hatch(p, 10.0, 20.0, 12.0, 8.0, 4.0));
        let numbers: Vec<f64> = path
            .split(['M', 'L', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().expect("a number"))
            .collect();
        assert_eq!(numbers.len(), 5 * 4);
        for point in numbers.chunks(2) {
            assert!(
                (10.0..=22.0).contains(&point[0]) && (20.0..=28.0).contains(&point[1]),
                "{path}"
            );
        }
        assert_eq!(drawn(|p| hatch(p, 0.0, 0.0, 4.0, 4.0, 0.0)), "");
    }
}
