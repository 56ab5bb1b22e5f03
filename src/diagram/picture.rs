//! The pictures of a plan by name: what the command line, the page and scripts choose from.

use super::batch_flow::batch_figure;
use super::grid::{ColourBy, grid_figure};
use super::matrices::matrices_figure;
use super::scene::Figure;
use super::schedule::schedule_figure;
use super::stage_bars::memory_figure;
use super::stage_strip::layers_figure;
use crate::core::Plan;
use crate::core::schedule::Kind;

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
    pub colour: ColourBy,
    /// Most width of the GPUs, CSS pixels.
    pub width: i32,
}

impl Look {
    /// A look for a file: 16 GPUs in two rows, with their coordinates.
    pub fn coloured(colour: ColourBy) -> Look {
        Look { colour, width: 960 }
    }
}

/// Every picture.
pub const PICTURES: &[Picture] = &[
    Picture {
        name: "grid",
        title: "GPUs",
        draw: |plan, look| grid_figure(plan, look.colour, look.width),
    },
    Picture {
        name: "schedule",
        title: "Schedule of a step",
        draw: |plan, _| schedule_figure(plan, Kind::of(plan)),
    },
    Picture {
        name: "gpipe",
        title: "GPipe’s schedule",
        draw: |plan, _| schedule_figure(plan, Kind::Gpipe),
    },
    Picture {
        name: "memory",
        title: "Memory of each stage",
        draw: |plan, _| Ok(memory_figure(plan)),
    },
    Picture {
        name: "layers",
        title: "Layers of each stage",
        draw: |plan, _| Ok(layers_figure(plan)),
    },
    Picture {
        name: "matrices",
        title: "Matrices of one layer",
        draw: |plan, _| matrices_figure(plan),
    },
    Picture {
        name: "batch",
        title: "Batch of a step",
        draw: |plan, _| batch_figure(plan),
    },
];

/// What the GPUs are coloured by under a name, in any case of letters: `tp`, `memory`.
pub fn colour_named(name: &str) -> Option<ColourBy> {
    let named = |by: &ColourBy| by.word().eq_ignore_ascii_case(name);
    ColourBy::ALL.into_iter().find(named)
}

/// The picture of a name.
pub fn picture_named(name: &str) -> Option<&'static Picture> {
    PICTURES.iter().find(|picture| picture.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_its_name() {
        for by in ColourBy::ALL {
            assert_eq!(colour_named(by.word()), Some(by));
            assert_eq!(colour_named(by.name()), Some(by));
        }
        assert_eq!(colour_named("rank"), None);
    }
}
