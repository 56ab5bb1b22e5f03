//! What is offered where PP does not divide the layers: another depth, or stages set apart.

use super::guide::nearest;
use super::stages::counted_layers;
use crate::core::config::{Edit, Field, Value};
use crate::core::number::{divides, divisors, product, quotient_up};
use crate::core::plan::Plan;

/// A depth near the one asked for that divides the layers and the GPUs; else the same depth with
/// stages set apart: the embedding and the loss counted as layers, or fewer layers on the last
/// stage; else the nearest depth.
pub fn fitting_stages(plan: &Plan) -> Option<Edit> {
    let pp = plan.sizes.pipeline_model_parallel_size;
    let depths = divisors(counted_layers(plan));
    let fills = |depth: &u64| {
        let edited = plan.resized(&Edit::count(Field::Pp, *depth));
        let accounting = plan.config.parallel.expert_accounting;
        edited.sizes.fill_the_world(accounting)
    };
    let filling: Vec<u64> = depths.iter().copied().filter(fills).collect();
    let depth = nearest(&filling, pp).or_else(|| nearest(&depths, pp))?;
    let is_near = product(&[depth, 2]) >= pp;
    match set_apart(plan).filter(|_| !is_near && fills(&pp)) {
        Some(edit) => Some(edit),
        None => Some(Edit::count(Field::Pp, depth)),
    }
}

/// The layers over the stages of today, set apart.
fn set_apart(plan: &Plan) -> Option<Edit> {
    let (layers, pp) = (
        plan.model.num_layers,
        plan.sizes.pipeline_model_parallel_size,
    );
    if divides(pp, layers.saturating_add(2)) {
        return Some(
            Edit::one(Field::AccountEmbedding, Value::Flag(true))
                .and(Field::AccountLoss, Value::Flag(true)),
        );
    }
    let before_last = product(&[quotient_up(layers, pp), pp.saturating_sub(1)]);
    let last = layers.checked_sub(before_last).filter(|last| *last > 0)?;
    Some(Edit::count(Field::LastStageLayers, last))
}
