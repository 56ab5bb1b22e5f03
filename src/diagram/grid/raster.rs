//! The picture as pixels, where cells are too small for lines and words. Its time goes with the
//! cells and pixels that a window shows, so that a hundred thousand GPUs are drawn within a frame.

use super::layout::Layout;
use super::paint::{LIT, MISPLACED, SHADE};
use super::pixels::{Raster, Rgba, Sides};
use super::shade::{SHADES, Shade};
use crate::diagram::bounds::Bounds;

/// How much of its colour a dimmed cell keeps, of 256.
const DIMMED: u32 = 56;

/// A stripe of a node's box for each shade in it is at least so wide, CSS pixels.
const STRIPE: i32 = 2;

/// The colours of the picture, as the page has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    /// The fill of each shade, or its line where it is hollow.
    pub shades: [Rgba; SHADES.len()],
    /// The ground of the card.
    pub ground: Rgba,
    /// The ground of a node.
    pub node: Rgba,
    /// The line around a node or a rack.
    pub line: Rgba,
    /// What marks a group that should stay in a node and leaves it.
    pub bad: Rgba,
}

/// What is drawn.
pub struct View<'a> {
    /// Where the cells are.
    pub layout: &'a Layout,
    /// The part that is seen.
    pub window: Bounds,
    /// Pixels of the screen to a CSS pixel.
    pub scale: f64,
    /// The cells, as [`Paint::cells`](super::paint::Paint::cells) gives them.
    pub cells: &'a [u8],
    /// Whether cells that are not lit are dimmed.
    pub dims: bool,
    /// The colours.
    pub palette: &'a Palette,
}

/// How a rectangle is filled.
#[derive(Clone, Copy)]
enum Ink {
    Plain(Rgba),
    Chequered(Rgba),
    Hollow(Rgba),
    /// A line around a fill.
    Boxed(Rgba, Rgba),
}

impl Ink {
    /// The same colour on every other pixel.
    fn chequered(self) -> Ink {
        match self {
            Ink::Plain(colour)
            | Ink::Chequered(colour)
            | Ink::Hollow(colour)
            | Ink::Boxed(colour, _) => Ink::Chequered(colour),
        }
    }
}

/// Marks the cells that are lit.
pub fn light(cells: &mut [u8], ranks: impl Iterator<Item = u64>) {
    for rank in ranks {
        let cell = usize::try_from(rank)
            .ok()
            .and_then(|rank| cells.get_mut(rank));
        if let Some(cell) = cell {
            *cell |= LIT;
        }
    }
}

impl Raster {
    /// Draws a view in place of what was drawn before.
    pub fn draw(&mut self, view: &View) {
        let length = |size: i32| -> u32 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let pixels = (f64::from(size) * view.scale).round() as u32;
            pixels.min(16_384)
        };
        self.clear(length(view.window.width), length(view.window.height));
        let inks = Inks::of(view);
        if view.layout.has_racks {
            for rack in 0..view.layout.racks() {
                let bounds = view.layout.rack(rack);
                if bounds.touches(view.window) {
                    self.fill(view, bounds, Ink::Hollow(view.palette.line));
                }
            }
        }
        for node in view.layout.nodes_in(view.window) {
            self.node(view, &inks, node);
        }
    }

    fn node(&mut self, view: &View, inks: &Inks, node: u64) {
        let layout = view.layout;
        let gpus = layout.gpus_per_node;
        let at = |rank: u64| usize::try_from(rank).unwrap_or(usize::MAX);
        let first = at(node.saturating_mul(gpus));
        let last = first.saturating_add(at(gpus));
        let Some(cells) = view.cells.get(first..last) else {
            return;
        };
        let bounds = layout.node(node);
        if layout.level.draws_nodes() {
            self.whole_node(view, inks, bounds, cells);
        } else {
            self.fill(view, bounds, Ink::Plain(view.palette.node));
            self.fill(view, bounds, Ink::Hollow(view.palette.line));
            for (slot, cell) in (0_u64..).zip(cells) {
                self.fill(view, layout.cell_in(bounds, slot), inks.of_cell(*cell));
            }
        }
        if cells.iter().any(|cell| cell & MISPLACED != 0) {
            let bad = if view.dims && !is_lit(cells) {
                dimmed(view.palette.bad, view.palette.ground)
            } else {
                view.palette.bad
            };
            self.fill(view, bounds, Ink::Hollow(bad));
        }
    }

    /// A node as one box: of one colour, or striped, or chequered, as its GPUs are alike.
    fn whole_node(&mut self, view: &View, inks: &Inks, bounds: Bounds, cells: &[u8]) {
        let lit = if is_lit(cells) { LIT } else { 0 };
        let first = cells.first().map_or(0, |cell| cell & SHADE);
        if cells.iter().all(|cell| cell & SHADE == first) {
            self.fill(view, bounds, inks.of_cell(first | lit));
            return;
        }
        let mut kinds: Vec<u8> = Vec::new();
        for cell in cells {
            let shade = cell & SHADE;
            if !kinds.contains(&shade) {
                kinds.push(shade);
            }
        }
        let count = i32::try_from(kinds.len()).unwrap_or(i32::MAX).max(1);
        if count > 1 && bounds.width / count < STRIPE {
            // The colour of the first tells which nodes are alike.
            let first = inks.of_cell(kinds.first().copied().unwrap_or(0) | lit);
            self.fill(view, bounds, first.chequered());
            return;
        }
        for (i, kind) in (0..).zip(kinds) {
            let left = bounds.width * i / count;
            let stripe = Bounds {
                x: bounds.x + left,
                width: bounds.width * (i + 1) / count - left,
                ..bounds
            };
            self.fill(view, stripe, inks.of_cell(kind | lit));
        }
    }

    /// Fills a rectangle as far as the window shows it.
    fn fill(&mut self, view: &View, bounds: Bounds, ink: Ink) {
        let edge = |at: i32, start: i32| -> i64 {
            #[allow(clippy::cast_possible_truncation)]
            let pixel = (f64::from(at - start) * view.scale).round() as i64;
            pixel
        };
        let (x, y) = (view.window.x, view.window.y);
        let sides = Sides {
            left: edge(bounds.x, x),
            right: edge(bounds.x + bounds.width, x),
            top: edge(bounds.y, y),
            bottom: edge(bounds.y + bounds.height, y),
        };
        match ink {
            Ink::Plain(colour) => self.fill_sides(sides, colour),
            Ink::Boxed(line, fill) => {
                self.fill_sides(sides, line);
                self.fill_sides(sides.inner(), fill);
            }
            Ink::Hollow(colour) => {
                for line in sides.lines() {
                    self.fill_sides(line, colour);
                }
            }
            Ink::Chequered(colour) => {
                // By the picture's own pixels, so that it does not flicker when it is moved.
                let parity = edge(x, 0) + edge(y, 0);
                for row in sides.top..sides.bottom {
                    let first = sides.left + (sides.left + row + parity).rem_euclid(2);
                    let mut left = first;
                    while left < sides.right {
                        let pixel = Sides {
                            left,
                            right: left + 1,
                            top: row,
                            bottom: row + 1,
                        };
                        self.fill_sides(pixel, colour);
                        left += 2;
                    }
                }
            }
        }
    }
}

fn is_lit(cells: &[u8]) -> bool {
    cells.iter().any(|cell| cell & LIT != 0)
}

/// The ink of every shade, in full and dimmed.
struct Inks {
    full: [Ink; SHADES.len()],
    dimmed: [Ink; SHADES.len()],
    dims: bool,
    none: Ink,
}

impl Inks {
    fn of(view: &View) -> Inks {
        let palette = view.palette;
        let none = Ink::Plain(palette.node);
        let mut inks = Inks {
            full: [none; SHADES.len()],
            dimmed: [none; SHADES.len()],
            dims: view.dims,
            none,
        };
        let places = inks.full.iter_mut().zip(&mut inks.dimmed);
        for ((shade, colour), (full, dim)) in SHADES.iter().zip(palette.shades).zip(places) {
            let ink = |colour: Rgba| match shade {
                Shade::Unassigned | Shade::Missing => Ink::Hollow(colour),
                Shade::Over => Ink::Chequered(colour),
                Shade::Alone => Ink::Boxed(colour, palette.ground),
                _ => Ink::Plain(colour),
            };
            *full = ink(colour);
            *dim = ink(dimmed(colour, palette.ground));
        }
        inks
    }

    fn of_cell(&self, cell: u8) -> Ink {
        let table = if self.dims && cell & LIT == 0 {
            &self.dimmed
        } else {
            &self.full
        };
        let ink = table.get(usize::from(cell & SHADE));
        ink.copied().unwrap_or(self.none)
    }
}

/// A colour that is nearly the ground.
fn dimmed(colour: Rgba, ground: Rgba) -> Rgba {
    let mut mixed = colour;
    for (part, ground) in mixed.iter_mut().zip(ground) {
        let both = u32::from(*part) * DIMMED + u32::from(ground) * (256 - DIMMED);
        *part = u8::try_from(both / 256).unwrap_or(u8::MAX);
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Edit, Field, Value};
    use crate::core::mesh::Dim;
    use crate::core::{Plan, presets};
    use crate::diagram::{Paint, Shape};

    /// A colour of its own for every shade, and for everything else.
    fn palette() -> Palette {
        let mut shades = [[0, 0, 0, 255]; SHADES.len()];
        for (i, colour) in (1_u8..).zip(&mut shades) {
            colour[0] = 10 * i;
        }
        Palette {
            shades,
            ground: [0, 255, 0, 255],
            node: [0, 0, 200, 255],
            line: [0, 0, 100, 255],
            bad: [255, 0, 0, 255],
        }
    }

    struct Drawn {
        layout: Layout,
        paint: Paint,
        cells: Vec<u8>,
        raster: Raster,
        scale: f64,
        window: Bounds,
    }

    impl Drawn {
        fn of(plan: &Plan, dim: Dim, width: i32, scale: f64, lit: &[u64]) -> Drawn {
            let layout = Layout::of(&Shape::of(plan), width).expect("a layout");
            let paint = Paint::of(plan, dim);
            let mut cells = paint.cells(layout.gpus());
            light(&mut cells, lit.iter().copied());
            let window = layout.whole();
            let mut drawn = Drawn {
                layout,
                paint,
                cells,
                raster: Raster::default(),
                scale,
                window,
            };
            drawn.draw(!lit.is_empty());
            drawn
        }

        fn draw(&mut self, dims: bool) {
            self.raster.draw(&View {
                layout: &self.layout,
                window: self.window,
                scale: self.scale,
                cells: &self.cells,
                dims,
                palette: &palette(),
            });
        }

        fn colour_at(&self, (x, y): (f64, f64)) -> Rgba {
            let pixel = |at: f64, start: i32| ((at - f64::from(start)) * self.scale) as usize;
            let (column, row) = (pixel(x, self.window.x), pixel(y, self.window.y));
            let at = (row * self.raster.width as usize + column) * 4;
            self.raster.pixels[at..at + 4].try_into().expect("a pixel")
        }

        #[track_caller]
        fn has(&self, rank: u64, colour: Rgba) {
            let centre = self.layout.cell(rank).centre();
            assert_eq!(self.colour_at(centre), colour, "rank {rank}");
        }
    }

    fn plan(nodes: u64, tp: u64) -> Plan {
        let edit = Edit::count(Field::NumNodes, nodes).and(Field::Tp, Value::Count(tp));
        Plan::of(&edit.apply(&presets::opening()))
    }

    #[test]
    fn the_centre_of_every_cell_has_the_colour_of_its_group() {
        for (nodes, tp, width, scale) in
            [(512, 2, 760, 1.0), (512, 8, 590, 1.5), (2048, 4, 590, 2.0)]
        {
            let drawn = Drawn::of(&plan(nodes, tp), Dim::Tp, width, scale, &[]);
            assert!(drawn.layout.level.is_tiny() && !drawn.layout.level.draws_nodes());
            for rank in 0..drawn.layout.gpus() {
                let shade = drawn.paint.shade(rank);
                drawn.has(rank, palette().shades[usize::from(shade.index())]);
            }
        }
    }

    #[test]
    fn a_node_of_one_group_is_one_box_and_one_of_many_is_chequered() {
        let drawn = Drawn::of(&plan(16_384, 8), Dim::Tp, 590, 1.0, &[]);
        assert!(drawn.layout.level.draws_nodes(), "{:?}", drawn.layout);
        for node in 0..16_384 {
            let shade = drawn.paint.shade(node * 8).index();
            assert_eq!(
                drawn.colour_at(drawn.layout.node(node).centre()),
                palette().shades[usize::from(shade)]
            );
        }
        let mixed = Drawn::of(&plan(16_384, 8), Dim::Dp, 590, 1.0, &[]);
        let node = mixed.layout.node(0);
        let found: Vec<Rgba> = (0..2)
            .map(|i| mixed.colour_at((f64::from(node.x + i), f64::from(node.y))))
            .collect();
        let chequer = palette().shades[usize::from(mixed.paint.shade(0).index())];
        assert!(
            found.contains(&chequer) && found.contains(&[0; 4]),
            "{found:?}"
        );
    }

    #[test]
    fn what_is_lit_keeps_its_colour_and_the_rest_is_dimmed() {
        let lit = Drawn::of(&plan(512, 8), Dim::Tp, 760, 1.0, &[16, 17]);
        let full = |rank: u64| palette().shades[usize::from(lit.paint.shade(rank).index())];
        lit.has(16, full(16));
        lit.has(17, full(17));
        lit.has(18, dimmed(full(18), palette().ground));
    }

    #[test]
    fn a_window_shows_the_same_pixels_as_the_whole() {
        let mut drawn = Drawn::of(&plan(2048, 2), Dim::Tp, 760, 1.0, &[]);
        let whole = drawn.raster.clone();
        drawn.window = Bounds {
            x: 100,
            y: 50,
            width: 320,
            height: 200,
            radius: 0,
        };
        drawn.draw(false);
        for row in 0..200_usize {
            let row_of = |raster: &Raster, x: usize, y: usize| {
                let at = (y * raster.width as usize + x) * 4;
                raster.pixels[at..at + 320 * 4].to_vec()
            };
            assert_eq!(
                row_of(&drawn.raster, 0, row),
                row_of(&whole, 100, row + 50),
                "row {row}"
            );
        }
    }

    #[test]
    fn nodes_whose_groups_leave_them_have_a_red_line() {
        let drawn = Drawn::of(&plan(512, 16), Dim::Tp, 760, 1.0, &[]);
        let node = drawn.layout.node(7);
        assert_eq!(
            drawn.colour_at((f64::from(node.x), f64::from(node.y))),
            palette().bad
        );
        let inside = Drawn::of(&plan(512, 8), Dim::Tp, 760, 1.0, &[]);
        let node = inside.layout.node(7);
        assert_eq!(
            inside.colour_at((f64::from(node.x), f64::from(node.y))),
            palette().line
        );
    }
}
