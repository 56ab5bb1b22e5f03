//! Expert parallelism: valid EP values, the recommended one, and which experts lie where. Guide,
//! "Expert Parallelism (EP)".

use super::number::{divides, divisors, gcd, is_power_of_two, product, quotient};
use super::pipeline::Layers;
use super::plan::Plan;
use serde::Serialize;

/// "EP is typically 8 (one EP group per node)": guide, "Summary: How to Choose", step 4.
const USUAL_EP: u64 = 8;

/// The experts of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Experts {
    /// Routed experts of each MoE layer.
    pub num_experts: u64,
    /// Experts that each token is sent to.
    pub moe_router_topk: u64,
    /// EP sizes that divide the experts.
    pub valid_ep: Vec<u64>,
    /// The size to start from.
    pub recommended_ep: u64,
    /// Experts on each GPU; zero where EP does not divide them.
    pub experts_per_gpu: u64,
    /// Whether the count of experts leaves little choice: it is no power of two.
    pub limited_choices: bool,
}

/// EP sizes that divide a number of experts.
pub fn valid_ep(num_experts: u64) -> Vec<u64> {
    divisors(num_experts)
}

/// The recommended EP of a number of experts: the largest power of two that divides them, up to
/// 8. It gives the guide's table, 2 for 62 experts included.
pub fn recommended_ep(num_experts: u64) -> u64 {
    gcd(num_experts, USUAL_EP)
}

impl Experts {
    /// The experts of a plan; none for a dense model.
    pub fn of(plan: &Plan) -> Option<Experts> {
        let moe = plan.model.moe.as_ref()?;
        let ep = plan.sizes.expert_model_parallel_size;
        let fits = divides(ep, moe.num_experts);
        Some(Experts {
            num_experts: moe.num_experts,
            moe_router_topk: moe.moe_router_topk,
            valid_ep: valid_ep(moe.num_experts),
            recommended_ep: recommended_ep(moe.num_experts),
            experts_per_gpu: if fits {
                quotient(moe.num_experts, ep)
            } else {
                0
            },
            limited_choices: !is_power_of_two(moe.num_experts),
        })
    }

    /// The experts of an EP rank, as a half-open range; the first experts lie on the first rank.
    pub fn on(&self, ep_rank: u64) -> Layers {
        let first = product(&[ep_rank, self.experts_per_gpu]);
        Layers {
            first,
            end: first.saturating_add(self.experts_per_gpu),
        }
    }
}
