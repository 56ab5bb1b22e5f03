//! What the parts of a picture read: each step a memo, so that a change redraws what it changes.
//! They are few, because each type of memo is code of its own in the download.

use crate::core::Plan;
use crate::core::mesh::Dim;
use crate::diagram::{ColourBy, Lit, Paint, Scope, Shape, Zoom};
use crate::ui::bridge;
use crate::ui::state::{App, Focus};
use leptos::prelude::*;

/// Width of a picture until it is measured, in CSS pixels.
const UNMEASURED: i32 = 560;

/// The steps from a plan to a picture of it.
#[derive(Clone, Copy)]
pub struct Picture {
    /// The page's state.
    pub app: App,
    /// Which picture of the two: 0 alone or on the left, 1 on the right.
    pub side: usize,
    /// Where the cells are, and which of them are seen; none for a cluster that is not drawn.
    pub scope: Memo<Option<Scope>>,
    /// What the colours tell.
    pub paint: Memo<Paint>,
}

impl Picture {
    /// The two pictures of the page's plan, which move together.
    pub fn both(app: App) -> [Picture; 2] {
        let scope = Memo::new(move |_| {
            let width = match app.chosen(|choices| choices.diagram_width) {
                0 => UNMEASURED,
                width => width,
            };
            let zoom = app.focus().zoom;
            Scope::of(with_plan(app, Shape::of), width, zoom)
        });
        [0, 1].map(|side| Picture {
            app,
            side,
            scope,
            paint: Memo::new(move |_| paint(app, side)),
        })
    }

    /// The id of a part of this picture.
    pub fn id(&self, part: &str) -> String {
        ["gpus-", part, if self.side == 0 { "" } else { "-beside" }].concat()
    }

    /// Whether this picture is shown.
    pub fn is_shown(&self) -> bool {
        self.is_drawn() && (self.side == 0 || self.are_both_shown())
    }

    /// Whether both pictures are shown.
    pub fn are_both_shown(&self) -> bool {
        are_both_shown(self.app)
    }

    /// Whether the cluster is drawn.
    pub fn is_drawn(&self) -> bool {
        self.scope.with(Option::is_some)
    }

    /// What is lit for the GPU in focus.
    pub fn lit(&self) -> Option<Lit> {
        let rank = self.focus()?;
        let light = match self.are_both_shown() {
            true => Lit::in_mesh,
            false => Lit::of,
        };
        Some(self.paint.with(|paint| light(paint, rank)))
    }

    /// The GPU in focus, where there is such a GPU.
    pub fn focus(&self) -> Option<u64> {
        there(self.app, self.app.focus().rank())
    }

    /// The GPU that is pinned, where there is such a GPU.
    pub fn pinned(&self) -> Option<u64> {
        there(self.app, self.app.focus().pinned)
    }

    /// What can be coloured by.
    pub fn colours(&self) -> impl Iterator<Item = ColourBy> {
        let has_experts = self.paint.with(|paint| paint.has_experts);
        // EP is there for every model: for a dense one it says that there are no experts.
        let is_there = move |by: &ColourBy| {
            has_experts || !matches!(by, ColourBy::Groups(Dim::Etp | Dim::Edp))
        };
        ColourBy::ALL.into_iter().filter(is_there)
    }

    /// Zooms around a place of the window, its middle or the pinned GPU.
    pub fn zoom(&self, steps: i32, place: Option<(f64, f64)>) {
        let Some(scope) = self.scope.get_untracked() else {
            return;
        };
        let of_pinned = || scope.place_of(untrack(|| self.pinned())?);
        let middle = (
            f64::from(scope.window.width) / 2.0,
            f64::from(scope.window.height) / 2.0,
        );
        let place = place.or_else(of_pinned).unwrap_or(middle);
        self.move_to(scope.zoomed(steps, place));
    }

    /// Moves the window.
    pub fn pan(&self, x: i32, y: i32) {
        if let Some(scope) = self.scope.get_untracked() {
            self.move_to(scope.panned(x, y));
        }
    }

    /// Shows another part of the picture.
    pub fn move_to(&self, zoom: Zoom) {
        self.app.look_at(Focus {
            zoom,
            ..self.app.focus_now()
        });
    }

    /// Pins a GPU, or none, and brings it into sight.
    pub fn pin(&self, pinned: Option<u64>) {
        let focus = self.app.focus_now();
        let scope = self.scope.get_untracked();
        let moved = scope.and_then(|scope| scope.showing(pinned?));
        self.app.look_at(Focus {
            pinned,
            hovered: None,
            zoom: moved.unwrap_or(focus.zoom),
        });
        self.scroll_to_pin();
    }

    /// Scrolls the page to the pinned GPU, where it is out of sight.
    fn scroll_to_pin(&self) {
        let cell = ["#", &self.id("highlight"), " .focus-cell"].concat();
        if let Ok(Some(cell)) = document().query_selector(&cell) {
            let how = web_sys::ScrollIntoViewOptions::new();
            how.set_block(web_sys::ScrollLogicalPosition::Nearest);
            cell.scroll_into_view_with_scroll_into_view_options(&how);
        }
    }

    /// Reads the plan.
    pub fn with_plan<T>(&self, read: impl FnOnce(&Plan) -> T) -> T {
        with_plan(self.app, read)
    }
}

fn paint(app: App, side: usize) -> Paint {
    let both = are_both_shown(app);
    let by = app.chosen(|choices| {
        let side = if both { side } else { choices.shown_mesh };
        choices.colours.get(side).copied()
    });
    let by = by.unwrap_or(ColourBy::Groups(Dim::Tp));
    let ready = app.chosen(|choices| choices.api.wait().is_none());
    app.plan.with(|planned| {
        let figures = || match by {
            ColourBy::Figure(measure) if ready => bridge::scale(planned, measure),
            _ => None,
        };
        Paint::by(&planned.plan, by, figures)
    })
}

fn are_both_shown(app: App) -> bool {
    app.chosen(|choices| choices.both_meshes) && with_plan(app, |plan| plan.model.moe.is_some())
}

fn with_plan<T>(app: App, read: impl FnOnce(&Plan) -> T) -> T {
    app.plan.with(|planned| read(&planned.plan))
}

/// A rank, where there is such a GPU and it is drawn: the cluster may have changed since.
fn there(app: App, rank: Option<u64>) -> Option<u64> {
    let drawn = |rank: &u64| {
        with_plan(app, |plan| {
            *rank < plan.cluster.world_size.min(Shape::of(plan).drawn_gpus())
        })
    };
    rank.filter(drawn)
}
