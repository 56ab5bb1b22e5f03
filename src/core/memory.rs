//! Memory of each GPU by the guide's formulas ("Memory Estimation Per GPU").

use super::decimal::fixed;
use super::formula::Formula;
use super::megatron_memory::MegatronMemory;
use super::model::CountedFrom;
use super::number::Bytes;
use super::pipeline::Stage;
use super::plan::{GpuParameters, Plan};
use super::stage_memory::StageMemory;
use super::units::{MemoryUnit, counted, grouped, parameters, short};
use serde::Serialize;

/// Bytes of a parameter in BF16, and of its gradient.
const BF16: f64 = 2.0;
/// Bytes of a gradient in FP32.
const FP32: f64 = 4.0;
/// Bytes of a parameter's FP32 copy and Adam's two moments.
const ADAM: f64 = 12.0;
/// The guide's "~10 bytes" an activation.
const ACTIVATION: f64 = 10.0;
/// The worked example's "Buffer/overhead: ~4 GB".
pub const OVERHEAD: f64 = 4e9;

const SOURCE: &str = "Guide, \"Memory Estimation Per GPU\"";

/// Every estimate of memory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Memory {
    /// By the guide's formulas.
    pub guide: GuideMemory,
    /// By Megatron-LM's own report.
    pub megatron: MegatronMemory,
    /// Each pipeline stage by the guide's bytes, first to last.
    pub stages: Vec<StageMemory>,
}

/// Bytes on one GPU by the guide's formulas.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GuideMemory {
    /// BF16 weights.
    pub weights: Bytes,
    /// BF16 gradients.
    pub gradients: Bytes,
    /// FP32 Adam, divided by DP with the distributed optimizer.
    pub optimizer: Bytes,
    /// Activations of one micro-batch.
    pub activations: Bytes,
    /// Buffers and the rest.
    pub overhead: Bytes,
    /// All of it. Of what the model does not tell, the parts are zero and this is too low: then `fits`
    /// is none.
    pub total: Bytes,
    /// Memory of the GPU, where known.
    pub capacity: Option<Bytes>,
    /// Whether the total is below the capacity; unknown where the capacity or a part of the model
    /// is.
    pub fits: Option<bool>,
    /// What the other setting of the distributed optimizer would need.
    pub total_with_other_optimizer: Bytes,
    /// The total with gradients in FP32, Megatron's default; `--grad-reduce-in-bf16` keeps BF16.
    pub total_with_fp32_gradients: Bytes,
    /// Whether that is below the capacity; unknown where `fits` is.
    pub fits_with_fp32_gradients: Option<bool>,
    /// Where each figure comes from, in the order of the figures.
    pub formulas: Vec<Part>,
    /// What a reader should know of the estimate.
    pub notes: Vec<String>,
}

/// One figure of the estimate with its origin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// The key of the figure: `weights`, `gradients`, …
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The figure; zero where the model does not tell it.
    pub bytes: Bytes,
    /// Its origin.
    pub formula: Formula,
}

impl Part {
    /// The figure as text.
    pub fn text(&self, unit: MemoryUnit) -> String {
        told(self.bytes, unit)
    }
}

impl GuideMemory {
    /// Whether the model tells every part.
    pub fn is_told(&self) -> bool {
        self.formulas.iter().all(|part| part.bytes.0 > 0.0)
    }

    /// The total as text.
    pub fn total_text(&self, unit: MemoryUnit) -> String {
        let all = if self.is_told() {
            self.total
        } else {
            Bytes(0.0)
        };
        told(all, unit)
    }
}

/// Nothing that a plan holds is nothing: of a part that is not told the formulas give zero.
fn told(bytes: Bytes, unit: MemoryUnit) -> String {
    if bytes.0 > 0.0 {
        unit.text(bytes.0)
    } else {
        "unknown".to_owned()
    }
}

/// The figures of the estimate alone, without words: what a search needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// See [`GuideMemory`].
    pub weights: f64,
    /// See [`GuideMemory`].
    pub gradients: f64,
    /// See [`GuideMemory`].
    pub optimizer: f64,
    /// See [`GuideMemory`].
    pub activations: f64,
}

impl Estimate {
    /// The estimate of a plan. Sizes that leave no replica are estimated as for one.
    pub fn of(plan: &Plan) -> Estimate {
        Estimate::with_optimizer(plan, plan.config.parallel.use_distributed_optimizer)
    }

    fn with_optimizer(plan: &Plan, distributed: bool) -> Estimate {
        let layers = plan.layers_per_stage() as f64;
        Estimate::holding(plan, plan.parameters_per_gpu(), layers, distributed)
    }

    /// The estimate of a GPU that holds some parameters, and the activations of one micro-batch in
    /// some layers; a layer counts once for each micro-batch in flight.
    pub fn holding(plan: &Plan, params: GpuParameters, layers: f64, distributed: bool) -> Estimate {
        let (dense_shards, expert_shards) = if distributed {
            shards(plan)
        } else {
            (1.0, 1.0)
        };
        Estimate {
            weights: params.total() * BF16,
            gradients: params.total() * BF16,
            optimizer: ADAM * (params.dense / dense_shards + params.experts / expert_shards),
            activations: plan.tokens_per_gpu()
                * plan.model.hidden_size as f64
                * layers
                * ACTIVATION,
        }
    }

    /// The figures by their keys, in the order of the guide.
    pub fn parts(self) -> [(&'static str, f64); 5] {
        [
            ("weights", self.weights),
            ("gradients", self.gradients),
            ("optimizer", self.optimizer),
            ("activations", self.activations),
            ("overhead", OVERHEAD),
        ]
    }

    /// The total, with the guide's overhead.
    pub fn total(self) -> f64 {
        self.weights + self.gradients + self.optimizer + self.activations + OVERHEAD
    }

    /// Whether the total is below the capacity: "Memory per GPU < GPU memory limit" (guide,
    /// "Summary: How to Choose", step 5). Unknown where the capacity or a part of the model is.
    pub fn fits(self, plan: &Plan) -> Option<bool> {
        plan.cluster
            .gpu_memory_bytes
            .filter(|_| plan.model.is_complete())
            .map(|capacity| self.total() < capacity as f64)
    }
}

/// Over how many replicas the optimizer state of dense and expert parameters is sharded: the
/// guide's DP for both, or Megatron's DP and EDP when EP is folded in.
fn shards(plan: &Plan) -> (f64, f64) {
    use super::config::ExpertAccounting::{Folded, Multiplied};
    let s = &plan.sizes;
    let (dense, experts) = match plan.config.parallel.expert_accounting {
        Multiplied => (s.guide_data_parallel_size, s.guide_data_parallel_size),
        Folded => (s.megatron_data_parallel_size, s.expert_data_parallel_size),
    };
    (dense.max(1) as f64, experts.max(1) as f64)
}

impl Memory {
    /// The estimates of a plan.
    pub fn of(plan: &Plan) -> Memory {
        Memory::with_stages(plan, &Stage::all(plan))
    }

    /// The same with the plan's stages, which somebody has made already.
    pub fn with_stages(plan: &Plan, stages: &[Stage]) -> Memory {
        Memory {
            guide: guide(plan),
            megatron: MegatronMemory::of(plan),
            stages: StageMemory::of_these(plan, stages),
        }
    }

    /// What the fullest stage needs, bytes; none where there are no stages.
    pub fn fullest_stage(&self) -> Option<f64> {
        self.stages
            .iter()
            .map(|stage| stage.total.0)
            .reduce(f64::max)
    }

    /// How many stages do not fit with what they hold; unknown where the guide's fit is.
    pub fn stages_beyond(&self) -> Option<u64> {
        let capacity = self.guide.capacity.filter(|_| self.guide.fits.is_some())?.0;
        let beyond = |stage: &&StageMemory| stage.total.0 >= capacity;
        (!self.stages.is_empty()).then(|| self.stages.iter().filter(beyond).count() as u64)
    }

    /// That stages do not fit with what each of them holds, where the guide's figure for all of them
    /// does, which the verdict goes by: "2 of 4 stages do not fit, the fullest needs 90 GB".
    pub fn beyond(&self, unit: MemoryUnit) -> Option<String> {
        let beyond = self.stages_beyond().filter(|stages| *stages > 0)?;
        let fullest = self
            .fullest_stage()
            .filter(|_| self.guide.fits == Some(true))?;
        Some(format!(
            "{} of {} {} not fit, the fullest needs {}",
            grouped(beyond),
            counted(self.stages.len() as u64, "stage", "stages"),
            if beyond == 1 { "does" } else { "do" },
            unit.text(fullest)
        ))
    }
}

fn guide(plan: &Plan) -> GuideMemory {
    let distributed = plan.config.parallel.use_distributed_optimizer;
    let estimate = Estimate::of(plan);
    let other = Estimate::with_optimizer(plan, !distributed);
    let in_fp32 = Estimate {
        gradients: estimate.gradients * FP32 / BF16,
        ..estimate
    };
    let words = Words::of(plan);
    let (dense_shards, expert_shards) = shards(plan);
    let over = if distributed {
        format!(" / DP {}", fixed(dense_shards, 0))
    } else {
        String::new()
    };
    let expert_over = if distributed && (dense_shards - expert_shards).abs() > 0.5 {
        format!(" (experts / EDP {})", fixed(expert_shards, 0))
    } else {
        String::new()
    };
    let optimizer_formula = if distributed {
        "params_per_gpu · 12 bytes / DP"
    } else {
        "params_per_gpu · 12 bytes"
    };
    let s = &plan.sizes;
    let batch = &plan.config.batch;
    let sequence = match s.context_parallel_size {
        1 => format!("seq {}", grouped(batch.seq_length)),
        cp => format!("seq {} / CP {cp}", grouped(batch.seq_length)),
    };
    let part = |key, name, size: f64, formula: &str, values: String, source| {
        let result = told(Bytes(size), plan.unit);
        Part {
            key,
            name,
            bytes: Bytes(size),
            formula: Formula::new(formula, format!("{values} = {result}"), source),
        }
    };
    let formulas = vec![
        part(
            "weights",
            "Weights, BF16",
            estimate.weights,
            &format!("{} · 2 bytes", words.formula),
            format!("{} · 2 bytes", words.values),
            SOURCE,
        ),
        part(
            "gradients",
            "Gradients, BF16",
            estimate.gradients,
            &format!("{} · 2 bytes", words.formula),
            format!("{} · 2 bytes", words.values),
            SOURCE,
        ),
        part(
            "optimizer",
            if distributed {
                "Optimizer, FP32 Adam ÷ DP"
            } else {
                "Optimizer, FP32 Adam"
            },
            estimate.optimizer,
            optimizer_formula,
            format!("{} · 12 bytes{over}{expert_over}", words.per_gpu),
            SOURCE,
        ),
        part(
            "activations",
            "Activations",
            estimate.activations,
            "batch · seq_len / CP · hidden · num_layers_per_gpu · 10 bytes",
            format!(
                "batch {} · {sequence} · hidden {} · {} layers · 10 bytes",
                batch.micro_batch_size,
                grouped(plan.model.hidden_size),
                plan.layers_per_stage(),
            ),
            SOURCE,
        ),
        part(
            "overhead",
            "Buffers and overhead",
            OVERHEAD,
            "a fixed allowance for buffers, the CUDA context and fragmentation",
            "the worked example's allowance".to_owned(),
            "Guide, \"TechPulse Media's Configuration\"",
        ),
    ];
    GuideMemory {
        weights: Bytes(estimate.weights),
        gradients: Bytes(estimate.gradients),
        optimizer: Bytes(estimate.optimizer),
        activations: Bytes(estimate.activations),
        overhead: Bytes(OVERHEAD),
        total: Bytes(estimate.total()),
        capacity: plan.cluster.gpu_memory_bytes.map(|b| Bytes(b as f64)),
        fits: estimate.fits(plan),
        total_with_other_optimizer: Bytes(other.total()),
        total_with_fp32_gradients: Bytes(in_fp32.total()),
        fits_with_fp32_gradients: in_fp32.fits(plan),
        formulas,
        notes: notes(plan),
    }
}

/// How the parameters of one GPU are said: in names, in values, and as a result.
struct Words {
    formula: String,
    values: String,
    per_gpu: String,
}

impl Words {
    fn of(plan: &Plan) -> Words {
        let s = &plan.sizes;
        let model = &plan.model;
        let (tp, pp) = (s.tensor_model_parallel_size, s.pipeline_model_parallel_size);
        let per_gpu = format!(
            "{} parameters",
            parameters(plan.parameters_per_gpu().total())
        );
        if model.expert_parameters == 0 {
            return Words {
                formula: "total_params / (TP · PP)".to_owned(),
                values: format!(
                    "{} / (TP {tp} · PP {pp})",
                    parameters(model.num_parameters as f64)
                ),
                per_gpu,
            };
        }
        let experts = model.expert_parameters;
        let dense = model.num_parameters.saturating_sub(experts);
        Words {
            formula: "(dense_params / (TP · PP) + expert_params / (ETP · EP · PP))".to_owned(),
            values: format!(
                "({} / (TP {tp} · PP {pp}) + {} / (ETP {} · EP {} · PP {pp}))",
                parameters(dense as f64),
                parameters(experts as f64),
                s.expert_tensor_parallel_size,
                s.expert_model_parallel_size,
            ),
            per_gpu,
        }
    }
}

fn notes(plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if plan.model.moe.is_some() {
        notes.push(
            "The guide's formulas are for dense models. Meshplan divides the experts by \
             ETP · EP · PP and everything else by TP · PP."
                .to_owned(),
        );
    }
    if plan.model.mtp_num_layers > 0 {
        notes.push(
            "Layers of multi-token prediction count among the parameters, spread like all others; \
             their activations are left out."
                .to_owned(),
        );
    }
    if plan.sequence_parallel() {
        notes.push(format!(
            "Sequence parallelism divides the activations of LayerNorm and Dropout by TP {}. \
             The guide's 10 bytes do not tell them apart, so its estimate does not change.",
            plan.sizes.tensor_model_parallel_size
        ));
    }
    if plan.sizes.pipeline_model_parallel_size > 1 {
        notes.push(
            "The guide counts the activations of one micro-batch. A pipeline keeps several in \
             flight, most on the first stage: see Pipeline."
                .to_owned(),
        );
    }
    if plan.sizes.context_parallel_size > 1 && plan.config.parallel.use_distributed_optimizer {
        notes.push(
            "The guide shards the optimizer over DP. Megatron shards it over DP · CP, so that of \
             dense layers needs less than this."
                .to_owned(),
        );
    }
    if plan.config.training.recompute_granularity.is_some() {
        notes.push(
            "The guide's estimate does not know recomputation; it would need less.".to_owned(),
        );
    }
    let counted = plan.model.counted_from == CountedFrom::Architecture;
    if counted && plan.model.vocab_size == 0 && plan.model.num_parameters > 0 {
        notes.push(
            "The vocabulary is not told: embedding and head are not counted. The total is too low \
             by them."
                .to_owned(),
        );
    }
    if plan.model.hidden_size == 0 || plan.model.num_layers == 0 {
        notes.push(
            "Activations are not counted: the layers or the hidden size are not told. The total \
             is too low by them."
                .to_owned(),
        );
    } else {
        let each = ACTIVATION * plan.model.hidden_size as f64 * plan.layers_per_stage() as f64;
        notes.push(format!(
            "Each token of a micro-batch on this GPU costs {} MB of activations, by the guide's \
             10 bytes. For its worked example, 2 · 4,096 tokens, the guide prints about 8 GB; its \
             own formula gives 10.74 GB, which Meshplan uses.",
            short(each / 1e6)
        ));
    }
    notes
}
