//! How a cell is filled.

use crate::diagram::colours::{self, Colour};
use crate::diagram::scene::Style;

/// How a cell is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// One of the hues.
    Hue(u8),
    /// A step of the scale, from few to much.
    Step(u8),
    /// More than the GPU has.
    Over,
    /// No hue: every GPU is a group of its own.
    Alone,
    /// Hollow: the GPU is in no group.
    Unassigned,
    /// There is no such GPU, and the plan needs it.
    Missing,
}

/// The box of a node.
pub const NODE: Style = Style::filled(colours::SUNK).outlined(colours::LINE, 1.0);
/// The box of a rack.
pub const RACK: Style = Style::line(colours::LINE, 1.0);
/// The line around groups that should stay in a node and leave it.
pub const MISPLACED: Style = Style::line(colours::BAD, 2.0).dashed("5 3");

/// Steps of the scale.
pub const STEPS: u8 = 6;

/// Every shade, in the order of [`Paint::paths`](super::paint::Paint::paths).
pub const SHADES: [Shade; 18] = [
    Shade::Hue(0),
    Shade::Hue(1),
    Shade::Hue(2),
    Shade::Hue(3),
    Shade::Hue(4),
    Shade::Hue(5),
    Shade::Hue(6),
    Shade::Hue(7),
    Shade::Alone,
    Shade::Unassigned,
    Shade::Missing,
    Shade::Step(0),
    Shade::Step(1),
    Shade::Step(2),
    Shade::Step(3),
    Shade::Step(4),
    Shade::Step(5),
    Shade::Over,
];

impl Shade {
    /// How its cells look. A pale line around each keeps neighbours of like lightness apart.
    pub fn style(self) -> Style {
        let filled = |table: &[Colour], i: u8| {
            let fill = table.get(usize::from(i)).unwrap_or(&colours::CONTROL);
            Style::filled(*fill).outlined(colours::INK, 1.0).pale(0.3)
        };
        match self {
            Shade::Hue(hue) => filled(&colours::HUES, hue),
            Shade::Step(step) => filled(&colours::STEPS, step),
            Shade::Over => Style::filled(colours::PANEL).outlined(colours::BAD, 2.0),
            Shade::Alone => Style::filled(colours::PANEL).outlined(colours::CONTROL, 1.0),
            Shade::Unassigned => Style::line(colours::CONTROL, 1.0).dashed("3 2"),
            Shade::Missing => Style::line(colours::BAD, 1.0).dashed("2 2"),
        }
    }

    /// The colour of words on it.
    pub fn words(self) -> Colour {
        match self {
            Shade::Hue(hue) => colours::on_hue(usize::from(hue)),
            Shade::Step(4..) => colours::ON_DARK,
            Shade::Step(_) => colours::ON_LIGHT,
            Shade::Over => colours::BAD,
            _ => colours::INK,
        }
    }

    /// The place of the shade in [`SHADES`].
    pub fn index(self) -> u8 {
        match self {
            Shade::Hue(hue) => hue,
            Shade::Alone => 8,
            Shade::Unassigned => 9,
            Shade::Missing => 10,
            Shade::Step(step) => step.saturating_add(11),
            Shade::Over => 17,
        }
    }

    /// The shade at a place in [`SHADES`].
    pub fn at(index: u8) -> Shade {
        let shade = SHADES.get(usize::from(index));
        shade.copied().unwrap_or(Shade::Alone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shade_stands_at_its_place() {
        for (place, shade) in (0_u8..).zip(SHADES) {
            assert_eq!((shade.index(), Shade::at(place)), (place, shade));
        }
        assert_eq!(
            SHADES
                .iter()
                .filter(|s| matches!(s, Shade::Step(_)))
                .count(),
            usize::from(STEPS)
        );
    }
}
