//! Activations of the first stage, as `compute_activation_memory` and its variant without SP count
//! them.

use super::{has_layers, is_selective, part};
use crate::core::memory::Part;
use crate::core::plan::Plan;
use crate::core::units::grouped;

/// A factor or a summand: its value, in names, and with the values put in.
struct Term(f64, &'static str, String);

/// `compute_activation_memory` with SP and selective recomputation, else
/// `compute_activation_memory_without_sp`: of the first stage.
pub fn activation(plan: &Plan) -> Option<Part> {
    let (model, batch) = (&plan.model, &plan.config.batch);
    let pp = plan.sizes.pipeline_model_parallel_size;
    let told = has_layers(model)
        && plan.sizes.megatron_num_microbatches > 0
        && (pp > 1 || model.vocab_size > 0);
    if !told {
        return None;
    }
    let tokens = batch.seq_length as f64 * batch.micro_batch_size as f64;
    let (h, hidden) = (model.hidden_size as f64, grouped(model.hidden_size));
    let [layer, head, over] = terms(plan);
    let flight = in_flight(plan);
    let embedding = (8.0 + h) * pp as f64;
    let size =
        tokens * (layer.0 * model.num_layers as f64 + embedding + head.0) * flight.0 * over.0;
    let names = [
        "seq · batch · (",
        layer.1,
        " · layers + (8 + hidden) · PP",
        head.1,
        ")",
        flight.1,
        over.1,
    ];
    let values = format!(
        "{} · {} · ({} · {} + (8 + {hidden}) · {pp}{}){}{}",
        grouped(batch.seq_length),
        batch.micro_batch_size,
        layer.2,
        model.num_layers,
        head.2,
        flight.2,
        over.2
    );
    Some(part(
        plan,
        "activation",
        "Activations",
        size,
        names.concat(),
        values,
    ))
}

/// What one layer holds for each token, what the head holds, and what all of it is multiplied by.
/// The head stands beside the embedding only where the pipeline is one stage.
fn terms(plan: &Plan) -> [Term; 3] {
    let (h, hidden) = (
        plan.model.hidden_size as f64,
        grouped(plan.model.hidden_size),
    );
    let (ffn, tp) = (
        plan.model.ffn_hidden_size,
        plan.sizes.tensor_model_parallel_size,
    );
    let (vocabulary, vocab) = (
        plan.padded_vocab_size() as f64,
        grouped(plan.padded_vocab_size()),
    );
    let [layer, mut head, over] = if is_selective(plan) {
        [
            Term(
                18.0 * h + 4.0 * ffn as f64,
                "(18 · hidden + 4 · ffn)",
                format!("(18 · {hidden} + 4 · {})", grouped(ffn)),
            ),
            Term(
                4.0 * (h + vocabulary),
                " + 4 · (hidden + padded_vocab)",
                format!(" + 4 · ({hidden} + {vocab})"),
            ),
            Term(1.0 / tp as f64, " / TP", format!(" / TP {tp}")),
        ]
    } else {
        [
            Term(
                h * (10.0 + 24.0 / tp as f64),
                "hidden · (10 + 24 / TP)",
                format!("{hidden} · (10 + 24 / {tp})"),
            ),
            Term(
                2.0 * (h + vocabulary / tp as f64),
                " + 2 · (hidden + padded_vocab / TP)",
                format!(" + 2 · ({hidden} + {vocab} / {tp})"),
            ),
            Term(1.05, " · 1.05", " · 1.05".to_owned()),
        ]
    };
    if plan.sizes.pipeline_model_parallel_size > 1 {
        head = Term(0.0, "", String::new());
    }
    [layer, head, over]
}

/// How many micro-batches of the pipeline's PP are in flight: more when it is interleaved, fewer
/// when there are not so many.
fn in_flight(plan: &Plan) -> Term {
    let s = &plan.sizes;
    let (pp, vpp, micro) = (
        s.pipeline_model_parallel_size,
        s.virtual_pipeline_model_parallel_size,
        s.megatron_num_microbatches,
    );
    if vpp > 1 && pp > 1 {
        let more = (pp as f64 - 1.0) / (pp as f64 * vpp as f64);
        Term(
            1.0 + more,
            " · (1 + (PP − 1) / (PP · VPP))",
            format!(" · (1 + ({pp} − 1) / ({pp} · {vpp}))"),
        )
    } else if micro < pp {
        Term(
            micro as f64 / pp as f64,
            " · num_microbatches / PP",
            format!(" · {micro} / {pp}"),
        )
    } else {
        Term(1.0, "", String::new())
    }
}
