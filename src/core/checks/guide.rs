//! The guide's verification checklist, one rule a box, and its rules on CP and expert counts.

use super::words::{fill, say};
use super::{Enforced, Rule, Source, Status, no_fix, pass_if};
use crate::core::config::{Edit, ExpertAccounting, Field, Value};
use crate::core::experts::{recommended_ep, valid_ep};
use crate::core::memory::Estimate;
use crate::core::number::{
    divides, divisors, is_power_of_two, nearest_multiple, product, quotient,
};
use crate::core::plan::Plan;
use crate::core::repair;
use crate::core::units::{counted, grouped};

/// "For very long sequences (32K+ tokens)": guide, "Context Parallelism (CP)".
const LONG_SEQUENCE: u64 = 32_768;

const CHECKLIST: &str = "Guide, \"Verification Checklist\"";

const NOT_A_MULTIPLE: &str =
    "Global batch {gbs} is not a multiple of micro batch {mbs} · DP {udp} = {divisor}";

/// The guide's rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "tensor_parallel_size",
        source: Source::Guide,
        enforced: Enforced::No,
        reference: CHECKLIST,
        fields: &[Field::Tp, Field::GpusPerNode],
        judge: |plan| pass_if(tp_fits(plan, plan.sizes.tensor_model_parallel_size)),
        say: say_tp,
        fix: |plan| {
            let tp = plan.sizes.tensor_model_parallel_size;
            largest_tp(plan, tp).map(|tp| Edit::count(Field::Tp, tp))
        },
    },
    Rule {
        id: "pipeline_divides_layers",
        source: Source::Guide,
        enforced: Enforced::StartUp,
        reference: CHECKLIST,
        fields: &[Field::Pp, Field::NumLayers],
        judge: |plan| match plan.model.num_layers {
            0 => Status::NotApplicable,
            // The guide knows equal stages only.
            _ if plan.stages_are_set() => Status::NotApplicable,
            layers => pass_if(divides(plan.sizes.pipeline_model_parallel_size, layers)),
        },
        say: |plan, status| {
            if status == Status::Fail {
                return format!(
                    "{} Sizes that do: {}",
                    fill(plan, "PP {pp} does not divide {layers} layers."),
                    list(&divisors(plan.model.num_layers))
                );
            }
            say(
                plan,
                status,
                [
                    if plan.stages_are_set() {
                        "PP against the layers: the plan sets its stages apart"
                    } else {
                        "PP against the layers: the layers are not told"
                    },
                    "PP {pp} divides {layers} layers: {each} a stage",
                    "",
                ],
            )
        },
        fix: super::depth::fitting_stages,
    },
    Rule {
        id: "data_parallel_size",
        source: Source::Guide,
        enforced: Enforced::No,
        reference: CHECKLIST,
        fields: &[
            Field::NumNodes,
            Field::GpusPerNode,
            Field::Tp,
            Field::Pp,
            Field::Cp,
            Field::Ep,
        ],
        judge: |plan| {
            let accounting = plan.config.parallel.expert_accounting;
            pass_if(plan.sizes.data_parallel_size >= 1 && plan.sizes.fill_the_world(accounting))
        },
        say: say_dp,
        fix: |plan| {
            let accounting = plan.config.parallel.expert_accounting;
            shrink(plan, model_parallel_fields(accounting))
        },
    },
    Rule {
        id: "global_batch_divisible",
        source: Source::Guide,
        enforced: Enforced::No,
        reference: CHECKLIST,
        fields: &[Field::GlobalBatch, Field::MicroBatch],
        judge: |plan| {
            if plan.sizes.data_parallel_size == 0 {
                return Status::NotApplicable;
            }
            pass_if(divides(
                plan.sizes.batch_divisor,
                plan.sizes.global_batch_size,
            ))
        },
        say: |plan, status| {
            let s = &plan.sizes;
            match status {
                Status::NotApplicable => "Global batch over DP: there is no replica".to_owned(),
                Status::Pass => format!(
                    "Global batch {} = {} · (micro batch {} · DP {})",
                    s.global_batch_size,
                    counted(s.num_microbatches, "micro-batch", "micro-batches"),
                    plan.config.batch.micro_batch_size,
                    s.data_parallel_size
                ),
                // Megatron's words, where its DP is the guide's.
                _ if s.data_parallel_size == s.megatron_data_parallel_size => format!(
                    "{}. {}",
                    fill(plan, NOT_A_MULTIPLE),
                    fill(plan, super::megatron::BATCH_REFUSAL)
                ),
                _ => fill(plan, NOT_A_MULTIPLE),
            }
        },
        fix: |plan| {
            let near = nearest_multiple(plan.sizes.global_batch_size, plan.proposed_divisor());
            Some(Edit::count(Field::GlobalBatch, near))
        },
    },
    Rule {
        id: "experts_divide",
        source: Source::Guide,
        enforced: Enforced::StartUp,
        reference: CHECKLIST,
        fields: &[Field::Ep, Field::NumExperts],
        judge: |plan| match (&plan.model.moe, plan.sizes.expert_model_parallel_size) {
            (None, 1) => Status::NotApplicable,
            (None, _) => Status::Fail,
            (Some(moe), ep) => pass_if(divides(ep, moe.num_experts)),
        },
        say: say_experts,
        fix: |plan| {
            let ep = plan.sizes.expert_model_parallel_size;
            let valid = plan
                .model
                .moe
                .as_ref()
                .map_or(vec![1], |moe| valid_ep(moe.num_experts));
            nearest(&valid, ep).map(|ep| Edit::count(Field::Ep, ep))
        },
    },
    Rule {
        id: "memory_fits",
        source: Source::Guide,
        enforced: Enforced::No,
        reference: CHECKLIST,
        fields: &[Field::Tp, Field::Pp, Field::MicroBatch, Field::GpuMemory],
        judge: |plan| match (Estimate::of(plan).fits(plan), plan.model.is_complete()) {
            (Some(fits), true) => pass_if(fits),
            _ => Status::NotApplicable,
        },
        say: say_memory,
        fix: repair::until_memory_fits,
    },
    Rule {
        id: "sequence_parallel",
        source: Source::Guide,
        enforced: Enforced::No,
        reference: CHECKLIST,
        fields: &[Field::Sp, Field::Tp],
        judge: |plan| match plan.sizes.tensor_model_parallel_size {
            1 => Status::NotApplicable,
            _ => pass_if(plan.config.parallel.sequence_parallel),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Sequence parallelism needs TP above 1",
                    "Sequence parallelism is on with TP {tp}",
                    "Sequence parallelism is off with TP {tp}. It costs nothing and saves activation \
                     memory",
                ],
            )
        },
        fix: |_| Some(Edit::one(Field::Sp, Value::Flag(true))),
    },
    Rule {
        id: "context_parallel",
        source: Source::Guide,
        enforced: Enforced::No,
        reference: "Guide, \"Context Parallelism (CP)\"",
        fields: &[Field::Cp, Field::SeqLength],
        judge: |plan| match plan.sizes.context_parallel_size {
            1 => Status::NotApplicable,
            _ if plan.config.batch.seq_length >= LONG_SEQUENCE => Status::Pass,
            _ => Status::Warn,
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Context parallelism is off",
                    "CP {cp} splits a long sequence of {seq,} tokens",
                    "CP {cp} splits sequences of {seq,} tokens. It is meant for 32K and more, when \
                     they do not fit otherwise",
                ],
            )
        },
        fix: |_| Some(Edit::count(Field::Cp, 1)),
    },
    Rule {
        id: "power_of_two_experts",
        source: Source::Guide,
        enforced: Enforced::No,
        reference: "Guide, \"Valid EP Configurations\"",
        fields: &[Field::NumExperts],
        judge: |plan| match &plan.model.moe {
            None => Status::NotApplicable,
            Some(moe) if is_power_of_two(moe.num_experts) => Status::Pass,
            Some(_) => Status::Warn,
        },
        say: |plan, status| match (&plan.model.moe, status) {
            (Some(moe), Status::Warn) => format!(
                "{} experts are no power of two, which leaves the most EP sizes. Sizes that divide them: {}",
                moe.num_experts,
                list(&valid_ep(moe.num_experts))
            ),
            (Some(moe), _) => format!(
                "{} experts, a power of two; EP {} is recommended",
                moe.num_experts,
                recommended_ep(moe.num_experts)
            ),
            (None, _) => "A power of two of experts: the model is dense".to_owned(),
        },
        fix: no_fix,
    },
];

/// Whether a TP size is a power of two and every TP group stays in a node (or NVLink domain).
pub fn tp_fits(plan: &Plan, tp: u64) -> bool {
    let domain = plan.cluster.nvlink_domain_gpus;
    is_power_of_two(tp)
        && (divides(tp, domain) || tp <= domain && plan.cluster.world_size <= domain)
}

/// The TP sizes that stay in a node.
pub fn valid_tp(plan: &Plan) -> Vec<u64> {
    (0..17_u32)
        .map(|power| 1_u64 << power)
        .take_while(|tp| *tp <= plan.cluster.nvlink_domain_gpus)
        .filter(|tp| tp_fits(plan, *tp))
        .collect()
}

fn largest_tp(plan: &Plan, most: u64) -> Option<u64> {
    valid_tp(plan).into_iter().rfind(|tp| *tp <= most)
}

fn say_tp(plan: &Plan, status: Status) -> String {
    let tp = plan.sizes.tensor_model_parallel_size;
    let cluster = &plan.cluster;
    let place = if cluster.nvlink_domain_gpus == cluster.gpus_per_node {
        format!("a node of {}", cluster.gpus_per_node)
    } else {
        format!("an NVLink domain of {}", cluster.nvlink_domain_gpus)
    };
    match status {
        Status::Pass => format!("TP {tp} is a power of two inside {place}"),
        _ if !is_power_of_two(tp) => {
            format!(
                "TP {tp} is not a power of two. Sizes inside {place}: {}",
                list(&valid_tp(plan))
            )
        }
        _ => format!(
            "TP {tp} leaves {place}: its AllReduce after every layer would cross the network. \
             Sizes inside: {}",
            list(&valid_tp(plan))
        ),
    }
}

fn say_dp(plan: &Plan, status: Status) -> String {
    let s = &plan.sizes;
    let accounting = plan.config.parallel.expert_accounting;
    let product = s.model_parallel_product(accounting);
    let sizes = sizes_in_words(plan);
    match status {
        Status::Pass => {
            format!(
                "DP is {} = {} GPUs / ({sizes})",
                s.data_parallel_size,
                grouped(s.world_size)
            )
        }
        _ if product > s.world_size => format!(
            "{sizes} = {} needs more than the {} GPUs there are, so DP would be below 1",
            grouped(product),
            grouped(s.world_size)
        ),
        _ => format!(
            "{} GPUs are not a multiple of {sizes} = {}, so DP is not a whole number",
            grouped(s.world_size),
            grouped(product)
        ),
    }
}

/// The sizes that DP is divided by: `TP 2 · PP 1`, with CP and EP where they count.
pub fn sizes_in_words(plan: &Plan) -> String {
    let s = &plan.sizes;
    let mut words = format!(
        "TP {} · PP {}",
        s.tensor_model_parallel_size, s.pipeline_model_parallel_size
    );
    if s.context_parallel_size > 1 {
        words.push_str(&format!(" · CP {}", s.context_parallel_size));
    }
    let multiplied = plan.config.parallel.expert_accounting == ExpertAccounting::Multiplied;
    if multiplied && (s.expert_model_parallel_size > 1 || plan.model.moe.is_some()) {
        words.push_str(&format!(" · EP {}", s.expert_model_parallel_size));
    }
    words
}

/// What DP is divided by, in the order in which it is given up.
pub fn model_parallel_fields(accounting: ExpertAccounting) -> &'static [Field] {
    match accounting {
        ExpertAccounting::Multiplied => &[Field::Pp, Field::Cp, Field::Ep, Field::Tp],
        ExpertAccounting::Folded => &[Field::Pp, Field::Cp, Field::Tp],
    }
}

/// Shrinks one of several sizes, the first that will do, until their product divides the GPUs;
/// where one is not enough, all of them as little as need be, the first most.
pub fn shrink(plan: &Plan, fields: &[Field]) -> Option<Edit> {
    let world = plan.sizes.world_size;
    let now: Vec<u64> = fields.iter().map(|f| sizes_of(plan, *f).0).collect();
    for (i, &field) in fields.iter().enumerate() {
        let others = now.iter().enumerate().filter(|(j, _)| *j != i);
        let others: Vec<u64> = others.map(|(_, size)| *size).collect();
        let (now, among) = sizes_of(plan, field);
        let fits = |n: &u64| *n < now && divides(product(&[product(&others), *n]), world);
        if let Some(size) = among.into_iter().rfind(fits) {
            return Some(Edit::count(field, size));
        }
    }
    let mut edit = Edit::default();
    let mut filled = 1;
    for &field in fields.iter().rev() {
        let (now, among) = sizes_of(plan, field);
        let fits = |n: &u64| *n <= now && divides(product(&[filled, *n]), world);
        let size = among.into_iter().rfind(fits).unwrap_or(1);
        filled = product(&[filled, size]);
        if size != now {
            edit = edit.and(field, Value::Count(size));
        }
    }
    Some(edit)
}

/// A parallel size of a plan, and the sizes that it could have, ascending.
fn sizes_of(plan: &Plan, field: Field) -> (u64, Vec<u64>) {
    let s = &plan.sizes;
    let experts = plan.model.moe.as_ref().map_or(1, |moe| moe.num_experts);
    match field {
        Field::Pp => (
            s.pipeline_model_parallel_size,
            divisors(plan.model.num_layers.max(1)),
        ),
        Field::Cp => (s.context_parallel_size, divisors(s.context_parallel_size)),
        Field::Ep => (s.expert_model_parallel_size, valid_ep(experts)),
        Field::Etp => (
            s.expert_tensor_parallel_size,
            divisors(s.expert_tensor_parallel_size),
        ),
        _ => (s.tensor_model_parallel_size, valid_tp(plan)),
    }
}

fn say_experts(plan: &Plan, status: Status) -> String {
    let ep = plan.sizes.expert_model_parallel_size;
    match (&plan.model.moe, status) {
        (None, Status::NotApplicable) => "Experts divide by EP: the model is dense".to_owned(),
        (None, _) => format!("EP {ep} has no experts to spread: the model is dense"),
        (Some(moe), Status::Pass) => format!(
            "{} experts divide by EP {ep}: {} on each GPU",
            moe.num_experts,
            quotient(moe.num_experts, ep)
        ),
        (Some(moe), _) => format!(
            "{} experts do not divide by EP {ep}; Megatron would stop. EP sizes that do: {}",
            moe.num_experts,
            list(&valid_ep(moe.num_experts))
        ),
    }
}

fn say_memory(plan: &Plan, status: Status) -> String {
    let total = plan.unit.text(Estimate::of(plan).total());
    let Some(capacity) = plan.cluster.gpu_memory_bytes else {
        return format!("{total} on each GPU; the GPU's memory is not told");
    };
    let room = plan.unit.text(capacity as f64);
    match status {
        Status::Pass => format!("{total} fits in {room}"),
        Status::NotApplicable => "Memory: the model is not told in full".to_owned(),
        _ => {
            let over = Estimate::of(plan).total() - capacity as f64;
            format!(
                "{total} does not fit in {room}: {} too much",
                plan.unit.text(over)
            )
        }
    }
}

/// The listed number that is nearest to `n`; ties go down.
pub fn nearest(numbers: &[u64], n: u64) -> Option<u64> {
    numbers
        .iter()
        .copied()
        .min_by_key(|candidate| candidate.abs_diff(n))
}

/// Numbers in a sentence, the middle left out of a long list.
pub fn list(numbers: &[u64]) -> String {
    const MOST: usize = 12;
    let words: Vec<String> = numbers.iter().take(MOST).map(|n| grouped(*n)).collect();
    let more = if numbers.len() > MOST { ", …" } else { "" };
    format!("{}{more}", words.join(", "))
}
