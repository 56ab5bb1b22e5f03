//! What the parts of the diagram read: each step a memo, so that a change redraws what it changes.
//! They are few, because each type of memo is code of its own in the download.

use crate::core::Plan;
use crate::core::mesh::Dim;
use crate::diagram::{Highlight, Layout, Paint, Shape};
use crate::ui::state::App;
use leptos::prelude::*;

/// Width of the picture until it is measured, in CSS pixels.
const UNMEASURED: i32 = 760;

/// The dimensions that can be coloured, in the order of the keys 1 to 7.
const DIMS: [Dim; 7] = [
    Dim::Tp,
    Dim::Pp,
    Dim::Dp,
    Dim::Ep,
    Dim::Cp,
    Dim::Etp,
    Dim::Edp,
];

/// How many of them a model without experts has.
const DENSE_DIMS: usize = 5;

/// The steps from a plan to its picture.
#[derive(Clone, Copy)]
pub struct Picture {
    /// The page's state.
    pub app: App,
    /// Where the cells are; none for a cluster that is not drawn.
    pub layout: Memo<Option<Layout>>,
    /// The groups that are coloured.
    pub paint: Memo<Paint>,
}

impl Picture {
    /// The picture of the page's plan.
    pub fn new(app: App) -> Picture {
        let layout = Memo::new(move |_| {
            let width = match app.chosen(|choices| choices.diagram_width) {
                0 => UNMEASURED,
                width => width,
            };
            with_plan(app, |plan| Layout::of(&Shape::of(plan), width))
        });
        let paint = Memo::new(move |_| {
            with_plan(app, |plan| {
                let dim = match app.chosen(|choices| choices.colour) {
                    // The model may have lost its experts since.
                    Dim::Etp | Dim::Edp if plan.model.moe.is_none() => Dim::Ep,
                    dim => dim,
                };
                Paint::of(plan, dim)
            })
        });
        Picture { app, layout, paint }
    }

    /// What is drawn over the cells for the GPU in focus.
    pub fn highlight(&self) -> Option<Highlight> {
        let rank = self.focus()?;
        self.layout.with(|layout| {
            let layout = layout.as_ref()?;
            Some(self.paint.with(|paint| Highlight::of(layout, paint, rank)))
        })
    }

    /// Whether the cluster is drawn.
    pub fn is_drawn(&self) -> bool {
        self.layout.with(Option::is_some)
    }

    /// The GPU in focus, where there is such a GPU.
    pub fn focus(&self) -> Option<u64> {
        there(self.app, self.app.focus().rank())
    }

    /// The GPU that is pinned, where there is such a GPU.
    pub fn pinned(&self) -> Option<u64> {
        there(self.app, self.app.focus().pinned)
    }

    /// The dimensions that can be coloured.
    pub fn dims(&self) -> &'static [Dim] {
        if self.paint.with(|paint| paint.has_experts) {
            &DIMS
        } else {
            DIMS.get(..DENSE_DIMS).unwrap_or(&DIMS)
        }
    }

    /// The cluster as the layout sees it.
    pub fn shape(&self) -> Shape {
        self.with_plan(Shape::of)
    }

    /// Reads the plan.
    pub fn with_plan<T>(&self, read: impl FnOnce(&Plan) -> T) -> T {
        with_plan(self.app, read)
    }
}

fn with_plan<T>(app: App, read: impl FnOnce(&Plan) -> T) -> T {
    app.plan.with(|planned| read(&planned.plan))
}

/// A rank, where there is such a GPU: the cluster may have shrunk since.
fn there(app: App, rank: Option<u64>) -> Option<u64> {
    rank.filter(|rank| with_plan(app, |plan| *rank < plan.cluster.world_size))
}
