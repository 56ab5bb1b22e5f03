//! The explanation of each dimension, in words with this plan's numbers.

use super::pipeline::{places, stage_name};
use super::{cell, chips, paragraph, sometimes, table};
use meshplan::core::config::{Edit, Field};
use meshplan::core::experts::Experts;
use meshplan::core::explain::{
    folded, normalized_tokens, sequences_of_replica, stage_runs, tokens_of_cp_rank,
};
use meshplan::core::layer::{Matrix, Split};
use meshplan::core::number::divides;
use meshplan::core::units::{counted, grouped, short};
use meshplan::core::{Plan, Report};
use meshplan::diagram::scene::Figure;
use meshplan::diagram::{batch_figure, experts_figure, layers_figure, matrices_figure};
use meshplan::dom::{Element, el, figure};

/// A box that stands for a rank, a replica or a stage: its name and what it holds.
fn holder(name: String, parts: Vec<String>) -> Element {
    let mut lines = vec![el("b").text(name)];
    lines.extend(parts.into_iter().map(|part| el("span").text(part)));
    el("li").children(lines)
}

/// The ranks of a dimension, with a gap where there are many.
fn ranks(name: &str, n: u64, parts: impl Fn(u64) -> Vec<String>) -> Element {
    let boxes = folded(n).into_iter().map(|place| match place {
        Some(rank) => holder(format!("{name} {}", grouped(rank)), parts(rank)),
        None => el("li").class("gap").text("…"),
    });
    el("ol").class("holders").children(boxes)
}

/// TP: how each weight matrix is split.
pub fn tensor(plan: &Plan, report: &Report) -> Vec<Element> {
    let tp = report.sizes.tensor_model_parallel_size;
    let lead = if tp < 2 {
        "TP 1: every weight matrix stays whole on its GPU, and layers need no messages.".to_owned()
    } else {
        format!(
            "TP {tp}: the {tp} GPUs of a TP group compute the same tokens, each with its own part \
             of every weight matrix."
        )
    };
    let how = (tp > 1).then(|| {
        let sum = if plan.sequence_parallel() {
            "a ReduceScatter, and an AllGather before the next column split"
        } else {
            "an AllReduce"
        };
        let text = format!(
            "A column split divides the outputs: each GPU takes the whole input X and keeps its own \
             columns Yᵢ = X · Wᵢ, which side by side are Y. A row split divides the inputs: each \
             GPU multiplies its part of the input, and the results are summed, Y = Y₀ + Y₁ + …, \
             by {sum}. A row split follows a column split, so each block (attention, MLP) sums \
             once in the forward pass and once in the backward pass. The guide draws the column \
             split with the sum; the sum belongs to the row split."
        );
        paragraph("sub", text)
    });
    let mut all = vec![paragraph("", lead), sometimes(how)];
    all.extend(drawn(matrices_figure(plan)));
    if !report.matrices.is_empty() {
        all.push(in_figures(&report.matrices));
    }
    all
}

/// A picture, or why there is none.
fn drawn(picture: Result<Figure, String>) -> Vec<Element> {
    match picture {
        Ok(picture) => figure(picture),
        Err(reason) => vec![paragraph("sub", reason)],
    }
}

/// The matrices as a table, for whoever does not see the picture.
fn in_figures(matrices: &[Matrix]) -> Element {
    let shape = |rows, columns| [&grouped(rows), " × ", &grouped(columns)].concat();
    let rows = matrices
        .iter()
        .map(|m| {
            let split = match m.split {
                Split::Column => "columns",
                Split::Row => "rows",
                Split::Whole => "whole",
            };
            vec![
                cell([m.block, ": ", m.name].concat()),
                cell(shape(m.rows, m.columns)),
                cell(split),
                cell(grouped(m.ways)),
                cell(shape(m.rows_per_gpu, m.columns_per_gpu)),
            ]
        })
        .collect();
    let columns = ["Matrix", "#Shape", "Split", "#Ways", "#On each GPU"];
    el("details")
        .class("notes")
        .child(el("summary").text("The matrices in figures"))
        .child(table(&columns, rows))
}

/// PP: the layers of each stage.
pub fn pipeline(plan: &Plan, report: &Report) -> Vec<Element> {
    let s = &report.sizes;
    let (pp, vpp) = (
        s.pipeline_model_parallel_size,
        s.virtual_pipeline_model_parallel_size,
    );
    let model = counted(report.model.num_layers, "layer", "layers");
    let mut lead = if pp < 2 {
        format!("PP 1: one stage holds the embedding, all {model} and the head.")
    } else {
        format!(
            "PP {pp}: the {model} are cut into stages. Activations go from stage to stage in the \
             forward pass, gradients come back in the backward pass."
        )
    };
    if vpp > 1 {
        lead.push_str(&format!(
            " VPP {vpp}: each stage holds {vpp} chunks that lie apart in the model, so that it \
             waits less and sends more often."
        ));
    }
    let runs = stage_runs(&report.pipeline.stages);
    let boxes = runs.iter().map(|run| {
        let mut parts = Vec::new();
        if run.embedding {
            parts.push("Embedding".to_owned());
        }
        let many = run.num_layers != 1 || run.first != run.last;
        let name = if many { "Layers" } else { "Layer" };
        parts.push(format!("{name} {}", places(&run.chunks)));
        if run.head {
            parts.push("LM head".to_owned());
        }
        holder(stage_name(run), parts)
    });
    let mut all = vec![paragraph("", lead)];
    all.extend(figure(layers_figure(plan)));
    all.push(el("ol").class("holders").children(boxes));
    all
}

/// DP: the slice of the global batch of each replica, by Megatron's DP: those are the replicas that
/// load data of their own.
pub fn data(plan: &Plan, report: &Report) -> Vec<Element> {
    let (s, batch) = (&report.sizes, &report.batch);
    let dp = s.megatron_data_parallel_size;
    if dp == 0 {
        let text = "DP 0: one replica of the model needs more GPUs than there are.";
        return vec![paragraph("", text)];
    }
    let each = sequences_of_replica(s, 0);
    let lead = format!(
        "DP {}: {} of the model, each on its own slice of the {} of a step: {} in {}. Gradients \
         are averaged over the replicas once a step.",
        grouped(dp),
        counted(dp, "replica", "replicas"),
        counted(batch.global_batch_size, "sequence", "sequences"),
        counted(each.end, "sequence", "sequences"),
        counted(s.megatron_num_microbatches, "micro-batch", "micro-batches"),
    );
    let uneven = (!divides(batch.megatron_divisor, batch.global_batch_size)).then(|| {
        let text = format!(
            "{} is not a multiple of {}, so these slices leave sequences over and Megatron \
             refuses the plan.",
            grouped(batch.global_batch_size),
            grouped(batch.megatron_divisor)
        );
        paragraph("callout", text)
    });
    let guide = (s.guide_data_parallel_size != dp).then(|| {
        let text = format!(
            "That is Megatron’s DP. The guide counts DP {} and EP {} apart; the EP ranks of one of \
             its replicas compute different sequences too. The same experts lie on {} (EDP).",
            grouped(s.guide_data_parallel_size),
            grouped(s.expert_model_parallel_size),
            counted(s.expert_data_parallel_size, "rank", "ranks"),
        );
        paragraph("sub", text)
    });
    let mut all = vec![paragraph("", lead), sometimes(uneven), sometimes(guide)];
    all.extend(drawn(batch_figure(plan)));
    all
}

/// EP: which experts lie where, and how a token finds them.
pub fn expert(plan: &Plan, report: &Report) -> Vec<Element> {
    let Some(experts) = &report.experts else {
        let text = "The model is dense: it has no experts to spread, and EP stays 1.";
        return vec![paragraph("", text)];
    };
    let ep = report.sizes.expert_model_parallel_size;
    let lead = format!(
        "EP {ep}: the {} of each MoE layer are spread over {}.",
        counted(experts.num_experts, "expert", "experts"),
        counted(ep, "EP rank", "EP ranks")
    );
    let top = counted(experts.moe_router_topk, "expert", "experts");
    let routing = [
        format!("The router picks {top} for each token."),
        "An AllToAll sends each token to the GPUs that hold them.".to_owned(),
        "Each GPU computes its own experts on the tokens that arrived.".to_owned(),
        "A second AllToAll sends the results back, where they are weighted and summed.".to_owned(),
    ];
    let routing = routing.map(|step| el("li").text(step));
    let mut parts = vec![paragraph("", lead)];
    match experts_figure(plan) {
        Ok(picture) => parts.extend(figure(picture)),
        Err(reason) => parts.push(paragraph("callout", reason)),
    }
    parts.push(el("h3").text("How a token is routed"));
    parts.push(el("ol").class("routing").children(routing));
    parts.extend(valid_ep(ep, experts));
    parts
}

fn valid_ep(ep: u64, experts: &Experts) -> Vec<Element> {
    let all = grouped(experts.num_experts);
    let sizes = experts
        .valid_ep
        .iter()
        .map(|&size| {
            let mut label = grouped(size);
            if size == experts.recommended_ep {
                label.push_str(", recommended");
            }
            (label, size == ep, Edit::count(Field::Ep, size))
        })
        .collect();
    let limited = experts.limited_choices.then(|| {
        paragraph(
            "sub",
            "A number of experts that is a power of two (8, 16, 32, 64, …) leaves more choice.",
        )
    });
    vec![
        el("h3").text(format!("EP sizes that divide {all} experts")),
        chips(sizes),
        sometimes(limited),
    ]
}

/// CP: the tokens of each sequence that each rank holds.
pub fn context(plan: &Plan) -> Vec<Element> {
    let cp = plan.sizes.context_parallel_size;
    let seq = grouped(plan.config.batch.seq_length);
    if cp < 2 {
        let text = format!(
            "CP 1: each GPU holds whole sequences of {seq} tokens. CP pays off for sequences that \
             do not fit otherwise, of 32K tokens or more."
        );
        return vec![paragraph("", text)];
    }
    let lead = format!(
        "CP {cp}: each sequence of {seq} tokens is cut into {} parts, and each CP rank holds one \
         from the front and one from the back. Under the causal mask late tokens cost more than \
         early ones, so this gives every rank the same work. For attention, keys and values go \
         round the ring of the {cp} ranks.",
        cp.saturating_mul(2)
    );
    let tokens = ranks("CP rank", cp, |rank| {
        tokens_of_cp_rank(plan, rank)
            .iter()
            .map(|range| format!("tokens [{}:{}]", range.first, range.end))
            .collect()
    });
    vec![paragraph("", lead), tokens]
}

/// Tokens that a GPU holds; no whole number where the sizes do not divide the sequence.
fn tokens(n: f64) -> String {
    if n.fract() == 0.0 {
        grouped(n as u64)
    } else {
        short(n)
    }
}

/// SP: what it splits.
pub fn sequence(plan: &Plan) -> Vec<Element> {
    let tp = plan.sizes.tensor_model_parallel_size;
    let (all, each) = (
        tokens(plan.tokens_per_gpu()),
        tokens(normalized_tokens(plan)),
    );
    let words = if tp < 2 {
        "With TP 1 there is nothing to split: sequence parallelism needs a TP group, and Megatron \
         switches it off."
            .to_owned()
    } else if plan.sequence_parallel() {
        format!(
            "Sequence parallelism is on: LayerNorm and Dropout, which TP {tp} does not split, work \
             on {each} of the {all} tokens of a micro-batch on each GPU. Their activations need \
             1/{tp} of the memory. Each AllReduce becomes an AllGather and a ReduceScatter, which \
             move the same bytes."
        )
    } else {
        format!(
            "Sequence parallelism is off: all {tp} GPUs of a TP group compute LayerNorm and \
             Dropout for the same {all} tokens of a micro-batch and keep the same activations. \
             Turned on, each would hold 1/{tp} of them, at no more communication. The guide: \
             always enable it when TP > 1."
        )
    };
    vec![paragraph("", words)]
}
