//! Levels of detail: how large a cell is and what is written in it.

use super::shape::Shape;

/// What stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The rank and its coordinates, some to a line.
    Coordinates {
        /// Coordinates on one line.
        per_line: i32,
    },
    /// The rank.
    Rank,
    /// The colour alone.
    Colour,
}

/// The measures of one level, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// What stands in a cell.
    pub detail: Detail,
    /// Least width of a cell.
    pub min_width: i32,
    /// Most width of a cell.
    pub max_width: i32,
    /// Height of a cell.
    pub height: i32,
    /// Radius of a cell's corners.
    pub radius: i32,
    /// Space between cells.
    pub gap: i32,
    /// Space around the cells of a node.
    pub pad: i32,
    /// Height of a node's name; zero without one.
    pub header: i32,
    /// Space between nodes.
    pub node_gap: i32,
    /// Cells of a node's row at least, where the node has so many.
    pub least_columns: u64,
    /// Height of the picture up to which the level is taken.
    pub max_height: i32,
    /// Width of a cell that is zoomed to.
    pub zoomed_width: i32,
    /// Height of a rack's name; zero without one.
    pub rack_header: i32,
    /// Space around the nodes of a rack.
    pub rack_pad: i32,
    /// Space between racks.
    pub rack_gap: i32,
}

/// Width of a character of the small text in a cell, 11 px high.
const CHAR: i32 = 6;

/// Most cells that carry text.
const MOST_LABELLED: u64 = 256;

/// A picture up to this height is taken in at a glance.
const GLANCE: i32 = 760;

/// Height of a rank's line with the space around it, and of each line of coordinates.
pub(super) const RANK_LINE: i32 = 40;
/// Height of each line of coordinates.
pub(super) const COORDINATE_LINE: i32 = 14;

const RANKS: Level = Level {
    detail: Detail::Rank,
    min_width: 32,
    max_width: 44,
    height: 24,
    radius: 4,
    gap: 3,
    pad: 8,
    header: 18,
    node_gap: 8,
    least_columns: 4,
    max_height: GLANCE,
    zoomed_width: 44,
    rack_header: 20,
    rack_pad: 8,
    rack_gap: 12,
};

/// Cells of less height are tiny: they are drawn as pixels, and have no line around them. As paths
/// a window full of larger ones is drawn within a frame, of smaller ones not.
const TINY: i32 = 12;

/// Cells of less height are too small to be seen one by one: their nodes are drawn instead.
const UNSEEN: i32 = 3;

/// Levels without text in the cells, the most detailed first: width and height of a cell, gap,
/// space in a node, height of its name, space between nodes.
const COLOURS: [Level; 8] = [
    colours([14, 14, 2, 6, 16, 6], GLANCE),
    colours([10, 10, 2, 4, 15, 5], GLANCE),
    colours([6, 6, 1, 3, 0, 4], GLANCE),
    colours([4, 4, 1, 2, 0, 3], GLANCE),
    colours([3, 3, 1, 1, 0, 2], GLANCE),
    colours([2, 2, 0, 0, 0, 1], GLANCE),
    colours([1, 2, 0, 0, 0, 1], GLANCE),
    colours([1, 1, 0, 0, 0, 1], i32::MAX),
];

const fn colours([width, height, gap, pad, header, node_gap]: [i32; 6], max_height: i32) -> Level {
    let is_named = header > 0;
    let widest = if is_named { width + width / 2 } else { width };
    Level {
        detail: Detail::Colour,
        min_width: width,
        max_width: widest,
        height,
        radius: if height < TINY { 0 } else { 2 },
        gap,
        pad,
        header,
        node_gap,
        least_columns: 1,
        max_height,
        zoomed_width: widest,
        rack_header: if is_named { 18 } else { 0 },
        rack_pad: if is_named { 6 } else { node_gap },
        rack_gap: if is_named { 10 } else { 2 * node_gap },
    }
}

impl Level {
    /// The levels that a cluster may be drawn at, the most detailed first; levels of like detail
    /// together. The last one fits whatever height it takes.
    pub fn candidates(shape: &Shape) -> Vec<Vec<Level>> {
        let mut all = Vec::new();
        if shape.drawn_gpus() <= MOST_LABELLED {
            // One coordinate on a line makes narrower cells, so that a node may fit in one row.
            let lines = [2, 1].map(|per_line| Level::with_coordinates(shape, per_line));
            all.push(lines.to_vec());
            all.push(vec![RANKS]);
        }
        all.extend(COLOURS.map(|level| vec![level]));
        all
    }

    /// Every level, the most detailed first: what a reader zooms through.
    pub fn all(shape: &Shape) -> Vec<Level> {
        let mut all = vec![Level::with_coordinates(shape, 2), RANKS];
        all.extend(COLOURS);
        all
    }

    /// Whether cells are so small that they are drawn as pixels.
    pub fn is_tiny(&self) -> bool {
        self.height < TINY
    }

    /// Whether cells are too small to be seen one by one, so that nodes are drawn.
    pub fn draws_nodes(&self) -> bool {
        self.height < UNSEEN
    }

    fn with_coordinates(shape: &Shape, per_line: i32) -> Level {
        let on_line = shape.coordinates.min(per_line);
        // Between two coordinates stands " · ".
        let chars = on_line * shape.coordinate_chars + (on_line - 1).max(0) * 3;
        let lines = (shape.coordinates + per_line - 1) / per_line;
        let min_width = (chars * CHAR + 8).max(54);
        Level {
            detail: Detail::Coordinates { per_line },
            min_width,
            max_width: min_width.max(104),
            height: RANK_LINE + lines * COORDINATE_LINE,
            radius: 6,
            gap: 8,
            pad: 12,
            header: 22,
            node_gap: 10,
            least_columns: 4,
            max_height: GLANCE,
            zoomed_width: min_width.max(72),
            rack_header: 22,
            rack_pad: 10,
            rack_gap: 14,
        }
    }
}
