//! Activations of the first stage, as `compute_activation_memory` and its variant without SP count
//! them.

use super::{has_layers, is_selective, part};
use crate::core::memory::Part;
use crate::core::plan::Plan;
use crate::core::units::grouped;

/// A factor or a summand: its value, and in names.
type Term = (f64, &'static str);

/// `compute_activation_memory` with SP and selective recomputation, else
/// `compute_activation_memory_without_sp`: of the first stage.
pub fn activation(plan: &Plan) -> Option<Part> {
    let (model, batch, s) = (&plan.model, &plan.config.batch, &plan.sizes);
    let (tp, pp, vpp) = (
        s.tensor_model_parallel_size,
        s.pipeline_model_parallel_size,
        s.virtual_pipeline_model_parallel_size,
    );
    let micro = s.megatron_num_microbatches;
    if !has_layers(model) || micro == 0 || (pp == 1 && model.vocab_size == 0) {
        return None;
    }
    let (vocabulary, ffn) = (plan.padded_vocab_size(), model.ffn_hidden_size);
    let (layer, head, over) = terms(
        is_selective(plan),
        model.hidden_size as f64,
        ffn as f64,
        vocabulary as f64,
        tp as f64,
    );
    // The head stands beside the embedding only where the pipeline is one stage.
    let head = if pp == 1 { head } else { (0.0, "") };
    let flight = in_flight(pp, vpp, micro);
    let tokens = batch.seq_length as f64 * batch.micro_batch_size as f64;
    let embedding = (8.0 + model.hidden_size as f64) * pp as f64;
    let held = layer.0 * model.num_layers as f64 + embedding + head.0;
    let names = [
        "seq · batch · (",
        layer.1,
        " · layers + (8 + hidden) · PP",
        head.1,
        ")",
        flight.1,
        over.1,
    ];
    let values = [
        ("seq", grouped(batch.seq_length)),
        ("batch", batch.micro_batch_size.to_string()),
        ("hidden", grouped(model.hidden_size)),
        ("ffn", grouped(ffn)),
        ("layers", model.num_layers.to_string()),
        ("padded_vocab", grouped(vocabulary)),
        ("num_microbatches", micro.to_string()),
        ("TP", tp.to_string()),
        ("PP", pp.to_string()),
        ("VPP", vpp.to_string()),
    ];
    let size = tokens * held * flight.0 * over.0;
    Some(part(
        plan,
        ["activation", "Activations"],
        size,
        &names,
        &values,
    ))
}

/// What one layer holds for each token, what the head holds, and what all of it is multiplied by.
fn terms(selective: bool, h: f64, ffn: f64, vocabulary: f64, tp: f64) -> (Term, Term, Term) {
    if selective {
        (
            (18.0 * h + 4.0 * ffn, "(18 · hidden + 4 · ffn)"),
            (4.0 * (h + vocabulary), " + 4 · (hidden + padded_vocab)"),
            (1.0 / tp, " / TP"),
        )
    } else {
        (
            (h * (10.0 + 24.0 / tp), "hidden · (10 + 24 / TP)"),
            (
                2.0 * (h + vocabulary / tp),
                " + 2 · (hidden + padded_vocab / TP)",
            ),
            (1.05, " · 1.05"),
        )
    }
}

/// How many micro-batches of the pipeline's PP are in flight: more when it is interleaved, fewer
/// when there are not so many.
fn in_flight(pp: u64, vpp: u64, micro: u64) -> Term {
    let (stages, chunks) = (pp as f64, vpp as f64);
    if vpp > 1 && pp > 1 {
        let more = (stages - 1.0) / (stages * chunks);
        (1.0 + more, " · (1 + (PP − 1) / (PP · VPP))")
    } else if micro < pp {
        (micro as f64 / stages, " · num_microbatches / PP")
    } else {
        (1.0, "")
    }
}
