//! The smallest edits that turn a failing plan into a valid one.
//!
//! A few fields are tried: TP, PP, CP, EP, micro batch, distributed optimizer, and nodes. What
//! follows from them (global batch, sequence length, SP, VPP, ETP, rank order) is set along. Fewer
//! changed fields come first, then smaller steps.

use super::checks::{self, guide_valid_tp};
use super::config::{Edit, Field, Value};
use super::experts::valid_ep;
use super::memory::Estimate;
use super::number::{divides, divisors, nearest_multiple, product};
use super::plan::Plan;

/// Plans that one search looks at.
const MOST_PLANS: u32 = 3000;

/// Repairs that are proposed.
const MOST_REPAIRS: usize = 3;

/// Up to three edits that make every check pass, smallest first; none for a plan that passes.
pub fn repairs(plan: &Plan) -> Vec<Edit> {
    if checks::passes(plan) {
        Vec::new()
    } else {
        search(plan, MOST_REPAIRS, made_valid)
    }
}

/// Rules that nothing mends which follows from other sizes: a plan that breaks one of them need not
/// be looked at further.
const HARD_RULES: &[&str] = &[
    "tensor_parallel_size",
    "pipeline_divides_layers",
    "memory_fits",
    "megatron_heads_divisible",
    "megatron_query_groups",
];

fn breaks_no_hard_rule(plan: &Plan) -> bool {
    checks::rules()
        .filter(|rule| HARD_RULES.contains(&rule.id))
        .all(|rule| (rule.judge)(plan) != checks::Status::Fail)
}

fn memory_fits(plan: &Plan) -> bool {
    Estimate::of(plan).fits(plan) == Some(true)
}

/// An edit after which the memory fits: one that makes the whole plan valid if there is one.
pub fn until_memory_fits(plan: &Plan) -> Option<Edit> {
    plan.cluster.gpu_memory_bytes?;
    let valid = search(plan, 1, made_valid).into_iter().next();
    valid.or_else(|| {
        let fits = |changed: Plan, edit: Edit| memory_fits(&changed).then_some(edit);
        let edit = search(plan, 1, fits).into_iter().next()?;
        Some(with_what_follows(plan.resized(&edit), edit))
    })
}

/// The edit with what follows from it, if that makes the plan valid. `changed` is the plan after
/// the edit alone.
fn made_valid(changed: Plan, edit: Edit) -> Option<Edit> {
    if !breaks_no_hard_rule(&changed) {
        return None;
    }
    let follow = with_what_follows(changed.clone(), edit);
    (follow.is_in_range() && checks::passes(&changed.resized(&follow))).then_some(follow)
}

/// A field that may change, with the values to try and how far each is from today's.
struct Choice {
    field: Field,
    values: Vec<(f64, Value)>,
}

/// Looks for edits that reach a goal: `reached` is given the plan after an edit and says what the
/// whole edit is, if it leads there.
fn search(plan: &Plan, most: usize, reached: fn(Plan, Edit) -> Option<Edit>) -> Vec<Edit> {
    let choices = choices(plan);
    let mut budget = MOST_PLANS;
    let mut found: Vec<(f64, Edit)> = Vec::new();
    let mut try_edit = |edit: Edit, far: f64, found: &mut Vec<(f64, Edit)>| {
        if budget == 0 || !edit.is_in_range() {
            return;
        }
        budget = budget.saturating_sub(1);
        let edit = reached(plan.resized(&edit), edit);
        if let Some(edit) = edit.filter(|edit| !edit.set.is_empty()) {
            // Fewest changed fields, then the smallest steps.
            let fields = edit.set.len() as f64 * 1e3;
            insert(found, fields + far, edit);
            found.truncate(most);
        }
    };
    try_edit(Edit::default(), 0.0, &mut found);
    if found.is_empty() {
        for choice in &choices {
            for (far, value) in &choice.values {
                try_edit(Edit::one(choice.field, value.clone()), *far, &mut found);
            }
        }
    }
    if found.is_empty() {
        for (i, a) in choices.iter().enumerate() {
            for b in choices.iter().skip(i.saturating_add(1)) {
                for (x_far, x) in &a.values {
                    for (y_far, y) in &b.values {
                        let edit = Edit::one(a.field, x.clone()).and(b.field, y.clone());
                        try_edit(edit, x_far + y_far, &mut found);
                    }
                }
            }
        }
    }
    if found.is_empty() {
        // Three at a time only for the sizes that hold the model, smallest steps first.
        let of = |field: Field| choices.iter().find(|c| c.field == field);
        if let (Some(tp), Some(pp), Some(nodes)) =
            (of(Field::Tp), of(Field::Pp), of(Field::NumNodes))
        {
            for (n_far, n) in &nodes.values {
                for (x_far, x) in &tp.values {
                    for (y_far, y) in &pp.values {
                        let edit = Edit::one(Field::Tp, x.clone())
                            .and(Field::Pp, y.clone())
                            .and(Field::NumNodes, n.clone());
                        try_edit(edit, n_far + x_far + y_far, &mut found);
                    }
                }
            }
        }
    }
    found.into_iter().map(|(_, edit)| edit).take(most).collect()
}

/// Puts an item where its distance belongs, behind others as far. Lists here are short; the
/// library's sorts are several kilobytes of download.
fn insert<T: PartialEq>(list: &mut Vec<(f64, T)>, far: f64, item: T) {
    if list.iter().all(|(_, other)| *other != item) {
        let at = list.iter().position(|(other, _)| *other > far);
        list.insert(at.unwrap_or(list.len()), (far, item));
    }
}

fn choices(plan: &Plan) -> Vec<Choice> {
    let s = &plan.sizes;
    let counts = |field: Field, now: u64, numbers: Vec<u64>, weight: f64| Choice {
        field,
        values: {
            let mut values = Vec::new();
            for n in numbers.into_iter().filter(|n| *n != now && *n > 0) {
                let steps = (n as f64 / now as f64).log2().abs();
                insert(&mut values, weight * steps, Value::Count(n));
            }
            values
        },
    };
    let mut pipeline = divisors(plan.model.num_layers);
    pipeline.retain(|pp| *pp <= s.world_size);
    let experts = plan
        .model
        .moe
        .as_ref()
        .map_or(vec![1], |m| valid_ep(m.num_experts));
    let nodes = plan.cluster.num_nodes;
    let mut all = vec![
        counts(
            Field::Tp,
            s.tensor_model_parallel_size,
            guide_valid_tp(plan),
            1.0,
        ),
        counts(Field::Pp, s.pipeline_model_parallel_size, pipeline, 1.0),
        counts(
            Field::Cp,
            s.context_parallel_size,
            divisors(s.context_parallel_size),
            1.0,
        ),
        counts(Field::Ep, s.expert_model_parallel_size, experts, 1.0),
        counts(
            Field::MicroBatch,
            plan.config.batch.micro_batch_size,
            smaller_halves(plan.config.batch.micro_batch_size),
            1.0,
        ),
        // More machines cost more than other sizes: they come last among equals.
        counts(
            Field::NumNodes,
            nodes,
            [2, 4, 8, 16, 32, 64]
                .iter()
                .map(|k| nodes.saturating_mul(*k))
                .collect(),
            4.0,
        ),
    ];
    if !plan.config.parallel.use_distributed_optimizer {
        all.insert(
            0,
            Choice {
                field: Field::DistOpt,
                values: vec![(0.5, Value::Flag(true))],
            },
        );
    }
    all
}

/// Half of `n`, a quarter, … down to 1.
fn smaller_halves(n: u64) -> Vec<u64> {
    let mut halves = Vec::new();
    let mut half = n / 2;
    while half > 0 {
        halves.push(half);
        half /= 2;
    }
    halves
}

/// Adds what a change of sizes asks for: a global batch that divides, SP with TP, no ETP, VPP or
/// rank order that the new sizes do not allow, a sequence that can be split. `changed` is the plan
/// after the edit.
pub fn with_what_follows(mut changed: Plan, mut edit: Edit) -> Edit {
    let mut set = |changed: &mut Plan, field: Field, value: Value| {
        // What the edit is about stays as it is.
        if edit.set.iter().any(|(known, _)| *known == field) {
            return;
        }
        edit.set.push((field, value.clone()));
        *changed = changed.resized(&Edit::one(field, value));
    };
    let s = &changed.sizes;
    if s.tensor_model_parallel_size > 1 && !changed.config.parallel.sequence_parallel {
        set(&mut changed, Field::Sp, Value::Flag(true));
    }
    let s = &changed.sizes;
    let expert_mesh = divides(s.expert_product(), s.world_size);
    if !expert_mesh && changed.model.moe.is_some() && s.expert_tensor_parallel_size > 1 {
        set(&mut changed, Field::Etp, Value::Count(1));
    }
    let s = &changed.sizes;
    if !divides(s.batch_divisor, s.global_batch_size) || !megatron_batch(&changed) {
        let near = nearest_multiple(s.global_batch_size, changed.proposed_divisor());
        if near != s.global_batch_size {
            set(&mut changed, Field::GlobalBatch, Value::Count(near));
        }
    }
    for id in [
        "megatron_interleaved_schedule",
        "megatron_microbatch_group",
        "megatron_uneven_stages",
        "megatron_pipeline_layout",
        "megatron_optimizer_instances",
        "megatron_moe_bias",
        "megatron_rank_order",
        "megatron_sequence_over_cp",
        "megatron_sequence_over_tp",
        "megatron_router_topk",
        "megatron_topk_pre_softmax",
        "experts_divide",
    ] {
        let broken =
            |rule: &&checks::Rule| rule.id == id && (rule.judge)(&changed) == checks::Status::Fail;
        let fix = checks::rules().find(broken).and_then(|r| (r.fix)(&changed));
        for (field, value) in fix.into_iter().flat_map(|fix| fix.set) {
            set(&mut changed, field, value);
        }
    }
    edit
}

fn megatron_batch(plan: &Plan) -> bool {
    let micro = plan.config.batch.micro_batch_size;
    let divisor = product(&[micro, plan.sizes.megatron_data_parallel_size.max(1)]);
    divides(divisor, plan.sizes.global_batch_size)
}
