//! What each GPU computes in one step, at the peak rate: the scale that communication is held
//! against.

use super::decimal::fixed;
use super::formula::Formula;
use super::plan::Plan;
use super::units::{grouped, parameters, seconds};
use serde::Serialize;

/// Floating-point operations of one parameter and token: 2 forward, 4 backward.
const FLOPS: f64 = 6.0;

/// The arithmetic of one step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compute {
    /// Operations of one GPU in one step.
    pub flops_per_gpu_per_step: f64,
    /// Time of them at the GPU's dense BF16 peak, where it and the parameters are known; a real step takes two to three
    /// times as long.
    pub seconds_at_peak: Option<f64>,
    /// Where the figures come from.
    pub formula: Formula,
}

impl Compute {
    /// The arithmetic of a plan.
    pub fn of(plan: &Plan) -> Compute {
        let s = &plan.sizes;
        let tokens = s.global_batch_size as f64 * plan.config.batch.seq_length as f64;
        let active = plan.model.active_parameters as f64;
        let flops = FLOPS * active * tokens / s.world_size.max(1) as f64;
        let peak = plan.cluster.peak_tflops.filter(|_| active > 0.0);
        let time = peak.map(|peak| flops / (peak * 1e12));
        let work = format!("{} PFLOP", fixed(flops / 1e15, 1));
        let result = match time {
            Some(time) => format!("{work}, {} at peak", seconds(time)),
            None => work,
        };
        Compute {
            flops_per_gpu_per_step: flops,
            seconds_at_peak: time,
            formula: Formula::new(
                "6 · active parameters · tokens of a step / GPUs",
                format!(
                    "6 · {} · {} tokens / {} GPUs = {result}",
                    parameters(active),
                    grouped(
                        plan.sizes
                            .global_batch_size
                            .saturating_mul(plan.config.batch.seq_length)
                    ),
                    grouped(s.world_size)
                ),
                "Kaplan et al. 2020, section 2.1; attention scores and recomputation left out",
            ),
        }
    }
}
