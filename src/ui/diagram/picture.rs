//! What the parts of the diagram read: each step a memo, so that a change redraws what it changes.

use crate::core::Plan;
use crate::core::mesh::Dim;
use crate::diagram::{Highlight, Layout, Paint, Shape, mesh_words};
use crate::ui::state::App;
use leptos::prelude::*;

/// Width of the picture until it is measured, in CSS pixels.
const UNMEASURED: i32 = 760;

/// The dimensions that can be coloured, in the order of the keys 1 to 7; the last two where the
/// model has experts.
const DIMS: [Dim; 7] = [Dim::Tp, Dim::Pp, Dim::Dp, Dim::Ep, Dim::Cp, Dim::Etp, Dim::Edp];

/// The steps from a plan to its picture.
#[derive(Clone, Copy)]
pub struct Picture {
    /// The page's state.
    pub app: App,
    /// Width of the box that the picture fills, in CSS pixels.
    pub width: RwSignal<i32>,
    /// Whether the model has experts.
    pub has_experts: Memo<bool>,
    /// The dimension that is coloured.
    pub dim: Memo<Dim>,
    /// The cluster as the layout sees it.
    pub shape: Memo<Shape>,
    /// Where the cells are; none for a cluster that is not drawn.
    pub layout: Memo<Option<Layout>>,
    /// The groups that are coloured.
    pub paint: Memo<Paint>,
    /// The sizes of the mesh that is coloured, for a model with experts.
    pub mesh_words: Memo<Option<String>>,
    /// The GPU that is pinned, where there is such a GPU.
    pub pinned: Memo<Option<u64>>,
    /// The GPU in focus, where there is such a GPU.
    pub focus: Memo<Option<u64>>,
    /// What is drawn over the cells for it.
    pub highlight: Memo<Option<Highlight>>,
}

impl Picture {
    /// The picture of the page's plan.
    pub fn new(app: App) -> Picture {
        let width = RwSignal::new(UNMEASURED);
        let has_experts = Memo::new(move |_| with_plan(app, |plan| plan.model.moe.is_some()));
        let dim = Memo::new(move |_| match app.colour.get() {
            // The model may have lost its experts since.
            Dim::Etp | Dim::Edp if !has_experts.get() => Dim::Ep,
            dim => dim,
        });
        let shape = Memo::new(move |_| with_plan(app, Shape::of));
        let layout = Memo::new(move |_| Layout::of(&shape.get(), width.get()));
        let paint = Memo::new(move |_| with_plan(app, |plan| Paint::of(plan, dim.get())));
        let there = move |rank: &u64| *rank < shape.with(|shape| shape.world_size);
        let pinned = Memo::new(move |_| app.pinned.get().filter(there));
        let focus = Memo::new(move |_| app.focus().filter(there));
        Picture {
            app,
            width,
            has_experts,
            dim,
            shape,
            layout,
            paint,
            mesh_words: Memo::new(move |_| paint.with(mesh_words)),
            pinned,
            focus,
            highlight: Memo::new(move |_| {
                let (layout, rank) = (layout.get()?, focus.get()?);
                Some(paint.with(|paint| Highlight::of(&layout, paint, rank)))
            }),
        }
    }

    /// The dimensions that can be coloured.
    pub fn dims(&self) -> &'static [Dim] {
        let without = DIMS.len().saturating_sub(2);
        if self.has_experts.get() {
            &DIMS
        } else {
            DIMS.get(..without).unwrap_or(&DIMS)
        }
    }

    /// Reads the plan.
    pub fn with_plan<T>(&self, read: impl FnOnce(&Plan) -> T) -> T {
        with_plan(self.app, read)
    }
}

fn with_plan<T>(app: App, read: impl FnOnce(&Plan) -> T) -> T {
    app.plan.with(|planned| read(&planned.plan))
}
