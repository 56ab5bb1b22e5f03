//! The pictures of a plan by name: what the command line, the page and scripts choose from.

use super::grid::grid_figure;
use super::scene::Figure;
use crate::core::Plan;
use crate::core::mesh::Dim;

/// A picture that a plan may have.
pub struct Picture {
    /// What it is called by: `grid`.
    pub name: &'static str,
    /// What its reader calls it: `GPUs`.
    pub title: &'static str,
    /// Draws it, or says why the plan has no such picture.
    pub draw: Draw,
}

/// What draws a picture.
pub type Draw = fn(&Plan, Look) -> Result<Figure, String>;

/// What a reader chooses of a picture's looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What the GPUs are coloured by.
    pub colour: Dim,
    /// Most width of the GPUs, CSS pixels.
    pub width: i32,
}

impl Look {
    /// A look for a file: 16 GPUs in two rows, with their coordinates.
    pub fn coloured(colour: Dim) -> Look {
        Look { colour, width: 960 }
    }
}

/// Every picture.
pub const PICTURES: &[Picture] = &[Picture {
    name: "grid",
    title: "GPUs",
    draw: |plan, look| grid_figure(plan, look.colour, look.width),
}];

/// What the GPUs can be coloured by, by name.
pub const COLOURS: &[(&str, Dim)] = &[
    ("tp", Dim::Tp),
    ("pp", Dim::Pp),
    ("dp", Dim::Dp),
    ("ep", Dim::Ep),
    ("cp", Dim::Cp),
    ("etp", Dim::Etp),
    ("edp", Dim::Edp),
];

/// What the GPUs are coloured by under a name, in any case of letters.
pub fn colour_named(name: &str) -> Option<Dim> {
    let row = COLOURS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some(row.1)
}

/// The picture of a name.
pub fn picture_named(name: &str) -> Option<&'static Picture> {
    PICTURES.iter().find(|picture| picture.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_has_its_name() {
        for dim in Dim::ALL {
            assert_eq!(colour_named(dim.short()), Some(*dim));
            assert_eq!(colour_named(dim.name()), Some(*dim));
        }
        assert_eq!(colour_named("rank"), None);
    }
}
