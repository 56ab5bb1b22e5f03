//! One try of the five steps: sizes, what they need, and whether that fits.

use super::config::{Edit, Field, Value};
use super::memory::Estimate;
use super::number::{Bytes, divides};
use super::plan::Plan;
use serde::Serialize;

/// A trial: sizes, what they need, and whether that fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The sizes: `TP 2 · PP 1 · DP 8`.
    pub sizes: String,
    /// Memory of each GPU, bytes.
    pub bytes: Bytes,
    /// The same in words.
    pub text: String,
    /// Whether it fits.
    pub fits: bool,
}

/// A trial of the procedure.
pub(super) struct Trial {
    /// The plan with its sizes.
    pub plan: Plan,
    /// Whether the memory fits.
    pub fits: bool,
}

impl Trial {
    /// The trial of a TP and a PP size.
    pub fn of(base: &Plan, tp: u64, pp: u64) -> Trial {
        let edit = Edit::count(Field::Tp, tp).and(Field::Pp, Value::Count(pp));
        let plan = base.resized(&edit);
        let fits = Estimate::of(&plan).fits(&plan) == Some(true);
        Trial { plan, fits }
    }

    /// Whether the sizes divide the GPUs there are.
    pub fn divides(&self) -> bool {
        let accounting = self.plan.config.parallel.expert_accounting;
        self.plan.sizes.fill_the_world(accounting)
            && divides(self.plan.sizes.expert_product(), self.plan.sizes.world_size)
    }

    /// What it shows.
    pub fn figure(&self) -> Figure {
        let bytes = Estimate::of(&self.plan).total();
        Figure {
            sizes: sizes(&self.plan),
            bytes: Bytes(bytes),
            text: self.plan.unit.text(bytes),
            fits: self.fits,
        }
    }
}

/// `TP 2 · PP 1 · DP 8`, with EP for a model with experts.
pub(super) fn sizes(plan: &Plan) -> String {
    let s = &plan.sizes;
    let mut text = format!(
        "TP {} · PP {}",
        s.tensor_model_parallel_size, s.pipeline_model_parallel_size
    );
    if plan.model.moe.is_some() {
        text.push_str(&format!(" · EP {}", s.expert_model_parallel_size));
    }
    if s.context_parallel_size > 1 {
        text.push_str(&format!(" · CP {}", s.context_parallel_size));
    }
    text.push_str(&format!(" · DP {}", s.data_parallel_size));
    text
}
