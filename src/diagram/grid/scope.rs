//! Which part of the picture is seen, and how large: zoom and pan.

use super::layout::Layout;
use super::shape::Shape;
use crate::diagram::bounds::Bounds;

/// A picture that is zoomed and taller is seen through a window of this height, CSS pixels.
const WINDOW: i32 = 760;

/// The whole picture is all seen up to this height; the page scrolls.
const WHOLE: i32 = 4000;

/// A window is at least so high once the picture is zoomed.
const LEAST_WINDOW: i32 = 300;

/// What a reader has zoomed to: steps of detail beyond the whole picture, and where the window's
/// corner lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Zoom {
    /// Nodes, and GPUs of one, that were zoomed to: of another cluster a reader sees all.
    pub of: (u64, u64),
    /// Steps of detail beyond the whole picture.
    pub steps: u32,
    /// Left side of the window in the picture, CSS pixels.
    pub x: i32,
    /// Top side of the window in the picture, CSS pixels.
    pub y: i32,
}

/// The picture as it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The cluster.
    pub shape: Shape,
    /// The whole picture.
    pub fit: Layout,
    /// The picture as it is zoomed.
    pub layout: Layout,
    /// The part of it that is seen.
    pub window: Bounds,
    /// Steps of detail beyond the whole picture.
    pub steps: u32,
    /// The most of them.
    pub most_steps: u32,
}

impl Scope {
    /// What is seen of a cluster in a box of some width; none of a cluster that is not drawn. A
    /// zoom beyond what there is shows as much as there is.
    pub fn of(shape: Shape, width: i32, zoom: Zoom) -> Option<Scope> {
        let fit = Layout::of(&shape, width)?;
        let zoom = match zoom.of == of(&shape) {
            true => zoom,
            false => Zoom::default(),
        };
        let most_steps = fit.steps(&shape);
        let steps = zoom.steps.min(most_steps);
        let layout = fit.zoomed(&shape, steps);
        let (least, most) = match steps {
            0 => (0, WHOLE),
            _ => (LEAST_WINDOW, WINDOW),
        };
        let (width, height) = (
            fit.width.min(layout.width),
            fit.height.clamp(least, most).min(layout.height),
        );
        Some(Scope {
            shape,
            fit,
            layout,
            window: Bounds {
                x: zoom.x.clamp(0, (layout.width - width).max(0)),
                y: zoom.y.clamp(0, (layout.height - height).max(0)),
                width,
                height,
                radius: 0,
            },
            steps,
            most_steps,
        })
    }

    /// Whether there is more of the picture than the window shows.
    pub fn can_pan(&self) -> bool {
        self.window.width < self.layout.width || self.window.height < self.layout.height
    }

    /// The window moved by so many pixels.
    pub fn panned(&self, x: i32, y: i32) -> Zoom {
        self.corner_at(
            self.window.x.saturating_add(x),
            self.window.y.saturating_add(y),
        )
    }

    /// So many steps of detail more or fewer; the GPU at a place of the window stays there, all of
    /// it in sight.
    pub fn zoomed(&self, steps: i32, (x, y): (f64, f64)) -> Zoom {
        let steps = self.steps.saturating_add_signed(steps).min(self.most_steps);
        let layout = self.fit.zoomed(&self.shape, steps);
        let (left, top) = (f64::from(self.window.x) + x, f64::from(self.window.y) + y);
        let Some(rank) = self.layout.rank_at(left, top) else {
            // Between the nodes: the same share of the way.
            let grown = |at: f64, from: i32, to: i32| at * f64::from(to) / f64::from(from.max(1));
            return Zoom {
                of: of(&self.shape),
                steps,
                x: pixel(grown(left, self.layout.width, layout.width) - x),
                y: pixel(grown(top, self.layout.height, layout.height) - y),
            };
        };
        let cell = layout.cell(rank);
        let (across, down) = cell.centre();
        let in_sight = |corner: f64, start: i32, length: i32, window: i32| {
            pixel(corner)
                .min(start)
                .max(start.saturating_add(length).saturating_sub(window))
        };
        Zoom {
            of: of(&self.shape),
            steps,
            x: in_sight(across - x, cell.x, cell.width, self.window.width),
            y: in_sight(down - y, cell.y, cell.height, self.window.height),
        }
    }

    /// The same with a GPU in the middle of the window, as far as the picture goes.
    pub fn centred(&self, rank: u64) -> Zoom {
        let (x, y) = self.layout.cell(rank).centre();
        let half = |size: i32| f64::from(size) / 2.0;
        let corner = (x - half(self.window.width), y - half(self.window.height));
        self.corner_at(pixel(corner.0), pixel(corner.1))
    }

    /// The same with a GPU inside of the window; none where it is there already.
    pub fn showing(&self, rank: u64) -> Option<Zoom> {
        let cell = self.layout.cell(rank);
        let window = self.window;
        let seen = cell.x >= window.x
            && cell.y >= window.y
            && cell.x + cell.width <= window.x + window.width
            && cell.y + cell.height <= window.y + window.height;
        (!seen).then(|| self.centred(rank))
    }

    /// Where in the window the middle of a GPU is; none where it is outside.
    pub fn place_of(&self, rank: u64) -> Option<(f64, f64)> {
        let (x, y) = self.layout.cell(rank).centre();
        let (x, y) = (x - f64::from(self.window.x), y - f64::from(self.window.y));
        let inside = (0.0..=f64::from(self.window.width)).contains(&x)
            && (0.0..=f64::from(self.window.height)).contains(&y);
        inside.then_some((x, y))
    }

    /// The rank at a place of the window.
    pub fn rank_at(&self, x: f64, y: f64) -> Option<u64> {
        self.layout
            .rank_at(x + f64::from(self.window.x), y + f64::from(self.window.y))
    }

    fn corner_at(&self, x: i32, y: i32) -> Zoom {
        // Held inside the picture, so that the way back begins at once.
        Zoom {
            of: of(&self.shape),
            steps: self.steps,
            x: x.clamp(0, (self.layout.width - self.window.width).max(0)),
            y: y.clamp(0, (self.layout.height - self.window.height).max(0)),
        }
    }
}

/// What a zoom is of.
fn of(shape: &Shape) -> (u64, u64) {
    (shape.drawn_nodes, shape.gpus_per_node)
}

fn pixel(at: f64) -> i32 {
    #[allow(clippy::cast_possible_truncation)]
    let pixel = at.round() as i32;
    pixel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Edit, Field, Value};
    use crate::core::{Plan, presets};

    fn scope(nodes: u64, zoom: Zoom) -> Scope {
        let config = Edit::count(Field::NumNodes, nodes).apply(&presets::opening());
        let shape = Shape::of(&Plan::of(&config));
        let zoom = Zoom {
            of: of(&shape),
            ..zoom
        };
        Scope::of(shape, 590, zoom).expect("a picture")
    }

    fn again(scope: &Scope, zoom: Zoom) -> Scope {
        let zoom = Zoom {
            of: of(&scope.shape),
            ..zoom
        };
        Scope::of(scope.shape, 590, zoom).expect("a picture")
    }

    #[test]
    fn of_another_cluster_all_is_seen() {
        let zoomed = scope(
            512,
            Zoom {
                steps: 3,
                x: 50,
                y: 60,
                ..Zoom::default()
            },
        );
        let zoom = zoomed.panned(1, 1);
        let other = scope(16, Zoom::default());
        assert_eq!(
            Scope::of(other.shape, 590, zoom).expect("a picture").steps,
            0
        );
        assert_eq!(
            Scope::of(zoomed.shape, 590, zoom).expect("a picture").steps,
            3
        );
    }

    #[test]
    fn the_whole_is_seen_at_first_and_a_small_picture_cannot_be_moved() {
        for nodes in [1, 2, 16, 512, 16_384] {
            let scope = scope(nodes, Zoom::default());
            assert!(!scope.can_pan(), "{nodes}");
            assert_eq!(scope.window.width, scope.layout.width);
        }
        assert!(
            scope(
                16_384,
                Zoom {
                    steps: 1,
                    ..Zoom::default()
                }
            )
            .can_pan()
        );
        // 131,040 GPUs in 1,820 racks.
        let racks = Edit::one(Field::Gpu, Value::Text("gb200-186gb".into()))
            .and(Field::Node, Value::Unset)
            .and(Field::NumNodes, Value::Count(18 * 1820))
            .apply(&presets::opening());
        let racks = Scope::of(Shape::of(&Plan::of(&racks)), 626, Zoom::default());
        let racks = racks.expect("a picture");
        assert!(racks.layout.height <= 1000, "{racks:?}");
    }

    #[test]
    fn what_lies_under_the_pointer_stays_there_while_it_zooms() {
        let mut now = scope(16_384, Zoom::default());
        let place = (301.0, 402.0);
        let rank = now.rank_at(place.0, place.1).expect("a GPU");
        for _ in 0..now.most_steps {
            now = again(&now, now.zoomed(1, place));
            assert_eq!(now.rank_at(place.0, place.1), Some(rank), "{now:?}");
        }
        assert_eq!(now.zoomed(1, place).steps, now.most_steps);
        for _ in 0..now.most_steps {
            now = again(&now, now.zoomed(-1, place));
        }
        assert_eq!(now, scope(16_384, Zoom::default()));
    }

    #[test]
    fn every_cell_that_is_seen_is_hit_through_the_window() {
        let first = scope(512, Zoom::default());
        for steps in 0..=first.most_steps {
            let now = again(
                &first,
                Zoom {
                    steps,
                    x: 200,
                    y: 90,
                    ..Zoom::default()
                },
            );
            for node in now.layout.nodes_in(now.window) {
                let (x, y) = now.layout.cell(node * 8 + 3).centre();
                let (x, y) = (x - f64::from(now.window.x), y - f64::from(now.window.y));
                assert_eq!(now.rank_at(x, y), Some(node * 8 + 3));
            }
        }
    }

    #[test]
    fn the_window_stays_inside_the_picture() {
        let far = scope(
            512,
            Zoom {
                steps: 4,
                x: i32::MAX,
                y: i32::MIN,
                ..Zoom::default()
            },
        );
        assert_eq!(far.window.x + far.window.width, far.layout.width);
        assert_eq!(far.window.y, 0);
        assert_eq!(far.panned(500, -500), far.panned(0, 0));
        assert_eq!(far.panned(-7, 9).y, 9);
    }

    #[test]
    fn a_gpu_at_the_edge_stays_in_sight_while_it_is_zoomed_around() {
        let mut now = scope(16_384, Zoom::default());
        for rank in [0, 131_071] {
            for _ in 0..now.most_steps {
                now = again(&now, now.zoomed(1, now.place_of(rank).expect("in sight")));
                assert!(now.place_of(rank).is_some(), "{rank}: {now:?}");
            }
            now = again(&now, Zoom::default());
        }
    }

    #[test]
    fn a_gpu_out_of_sight_is_brought_into_it() {
        let zoomed = scope(
            512,
            Zoom {
                steps: 4,
                x: 0,
                y: 0,
                ..Zoom::default()
            },
        );
        assert_eq!(zoomed.showing(0), None);
        let moved = again(&zoomed, zoomed.showing(4095).expect("a move"));
        assert_eq!(moved.showing(4095), None);
    }
}
