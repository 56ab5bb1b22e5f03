//! One layer's weight matrices and how TP, EP and ETP split them. Guide, "Tensor Parallelism".
//!
//! Shapes are rows × columns as the guide draws them: `Y = X @ W`, so a column split divides the
//! outputs and a row split the inputs.

use super::model::{Mla, Model};
use super::number::{divides, quotient};
use super::plan::Plan;
use serde::Serialize;

/// How a matrix is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Outputs are divided; each GPU has some of the columns.
    Column,
    /// Inputs are divided; each GPU has some of the rows and the results are summed.
    Row,
    /// Every GPU has the whole matrix.
    Whole,
}

/// One weight matrix of a layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matrix {
    /// Its name.
    pub name: &'static str,
    /// Attention, MLP or expert.
    pub block: &'static str,
    /// Inputs.
    pub rows: u64,
    /// Outputs.
    pub columns: u64,
    /// How it is split.
    pub split: Split,
    /// Heads side by side along the split: query heads, or those of keys and values; zero where it
    /// has none.
    pub heads: u64,
    /// GPUs that share it: TP, or ETP for an expert.
    pub ways: u64,
    /// Rows on one GPU.
    pub rows_per_gpu: u64,
    /// Columns on one GPU.
    pub columns_per_gpu: u64,
    /// Whether it divides evenly.
    pub even: bool,
    /// What a reader should know, such as replicated KV heads.
    pub note: Option<String>,
}

impl Matrix {
    fn new(
        name: &'static str,
        block: &'static str,
        rows: u64,
        columns: u64,
        split: Split,
        ways: u64,
    ) -> Matrix {
        let (rows_per_gpu, columns_per_gpu, along) = match split {
            Split::Column => (rows, quotient(columns, ways), columns),
            Split::Row => (quotient(rows, ways), columns, rows),
            Split::Whole => (rows, columns, 0),
        };
        Matrix {
            name,
            block,
            rows,
            columns,
            split,
            heads: 0,
            ways,
            rows_per_gpu,
            columns_per_gpu,
            even: split == Split::Whole || divides(ways, along),
            note: None,
        }
    }

    fn with_heads(self, heads: u64) -> Matrix {
        Matrix { heads, ..self }
    }

    /// GPUs of the TP group that keep the same head: more than one where there are fewer KV heads
    /// than GPUs (`megatron/core/transformer/attention.py`).
    pub fn copies(&self) -> u64 {
        if self.heads > 0 && self.heads < self.ways && divides(self.heads, self.ways) {
            quotient(self.ways, self.heads)
        } else {
            1
        }
    }
}

/// The matrices of one layer of a plan. Those of an unknown architecture are left out.
pub fn matrices(plan: &Plan) -> Vec<Matrix> {
    let model = &plan.model;
    let (h, tp) = (model.hidden_size, plan.sizes.tensor_model_parallel_size);
    let mut all = Vec::new();
    if model.num_attention_heads > 0 {
        match &model.mla {
            Some(mla) => all.extend(latent_attention(model, mla, tp)),
            None => all.extend(attention(model, tp)),
        }
    }
    match &model.moe {
        None => all.extend(mlp("MLP", model, model.ffn_hidden_size, tp)),
        Some(moe) => {
            if moe.num_moe_layers < model.num_layers {
                all.extend(mlp("Dense layers’ MLP", model, model.ffn_hidden_size, tp));
            }
            all.push(Matrix {
                note: Some("Every GPU routes its own tokens.".to_owned()),
                ..Matrix::new("Router", "MoE", h, moe.num_experts, Split::Whole, 1)
            });
            let etp = plan.sizes.expert_tensor_parallel_size;
            all.extend(mlp("Each expert", model, moe.moe_ffn_hidden_size, etp));
            if moe.moe_shared_expert_intermediate_size > 0 {
                all.extend(mlp(
                    "Shared expert",
                    model,
                    moe.moe_shared_expert_intermediate_size,
                    tp,
                ));
            }
        }
    }
    all.retain(|m| m.rows > 0 && m.columns > 0);
    all
}

fn attention(model: &Model, tp: u64) -> Vec<Matrix> {
    let (h, kv) = (model.hidden_size, model.kv_channels);
    let num_heads = model.num_attention_heads;
    let heads = num_heads.saturating_mul(kv);
    let groups = model.num_query_groups;
    let key_value = groups.saturating_mul(kv);
    let query = Matrix::new("Q", "Attention", h, heads, Split::Column, tp);
    let mut all = vec![query.with_heads(num_heads)];
    for name in ["K", "V"] {
        let matrix = Matrix::new(name, "Attention", h, key_value, Split::Column, tp);
        let mut matrix = matrix.with_heads(groups);
        if matrix.copies() > 1 {
            matrix.columns_per_gpu = kv;
            matrix.even = true;
            matrix.note = Some(format!(
                "{groups} KV heads over TP {tp}: each head is kept on {} GPUs.",
                matrix.copies()
            ));
        }
        all.push(matrix);
    }
    let output = Matrix::new("Output projection", "Attention", heads, h, Split::Row, tp);
    all.push(output.with_heads(num_heads));
    all
}

/// Multi-latent attention: what compresses is whole on every GPU, what unfolds is split by heads
/// (`megatron/core/transformer/multi_latent_attention.py`).
fn latent_attention(model: &Model, mla: &Mla, tp: u64) -> Vec<Matrix> {
    let (h, heads) = (model.hidden_size, model.num_attention_heads);
    let of_heads = |width: u64| heads.saturating_mul(width);
    let (query, value) = (of_heads(mla.query_width()), of_heads(mla.v_head_dim));
    let key_value = of_heads(mla.qk_head_dim).saturating_add(value);
    let (ranks, positions) = (mla.kv_lora_rank, mla.qk_pos_emb_head_dim);
    let rank = mla.q_lora_rank;
    let (into_query, from) = if rank == 0 { ("Q", h) } else { ("Q up", rank) };
    [
        // Without compression there is no such matrix.
        ("Q down", h, rank, Split::Whole),
        (into_query, from, query, Split::Column),
        ("KV down", h, ranks.saturating_add(positions), Split::Whole),
        ("KV up", ranks, key_value, Split::Column),
        ("Output projection", value, h, Split::Row),
    ]
    .into_iter()
    .map(|(name, rows, columns, split)| {
        let (ways, heads) = match split {
            Split::Whole => (1, 0),
            _ => (tp, heads),
        };
        Matrix::new(name, "Attention", rows, columns, split, ways).with_heads(heads)
    })
    .collect()
}

fn mlp(block: &'static str, model: &Model, width: u64, ways: u64) -> Vec<Matrix> {
    let h = model.hidden_size;
    let into: &[&str] = if model.swiglu {
        &["Gate", "Up"]
    } else {
        &["Up"]
    };
    let mut all: Vec<Matrix> = into
        .iter()
        .map(|name| Matrix::new(name, block, h, width, Split::Column, ways))
        .collect();
    all.push(Matrix::new("Down", block, width, h, Split::Row, ways));
    all
}
