//! What a plan can start from: the guide's models and plans, and the models of the library.

use super::config::{Config, Edit, Field, Value};
use super::model_library::{GPT, LLAMA, LibraryModel, MODELS, experts};

/// The model of the plan that the page opens with.
pub const OPENING_MODEL: &str = "guide-7b";

/// A plan to start from.
#[derive(Debug)]
pub struct PlanPreset {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What the guide says of it.
    pub note: &'static str,
    model: &'static str,
    node: &'static str,
    num_nodes: u64,
    gpus_per_node: u64,
    tp: u64,
    pp: u64,
    ep: u64,
    micro_batch: u64,
    global_batch: u64,
}

impl PlanPreset {
    /// The plan.
    pub fn config(&self) -> Config {
        let text = |id: &str| Value::Text(id.to_owned());
        let mut edit = Edit::one(Field::ModelPreset, text(self.model))
            .and(Field::Node, text(self.node))
            .and(Field::NumNodes, Value::Count(self.num_nodes))
            .and(Field::Tp, Value::Count(self.tp))
            .and(Field::Pp, Value::Count(self.pp))
            .and(Field::Ep, Value::Count(self.ep))
            .and(Field::MicroBatch, Value::Count(self.micro_batch))
            .and(Field::GlobalBatch, Value::Count(self.global_batch));
        if self.gpus_per_node != 8 {
            edit = edit.and(Field::GpusPerNode, Value::Count(self.gpus_per_node));
        }
        edit.apply(&Config::default())
    }
}

/// The plan that the page opens with: TechPulse Media's.
pub fn opening() -> Config {
    PLANS
        .first()
        .map_or_else(Config::default, PlanPreset::config)
}

/// Every model that a plan can name.
pub fn models() -> impl Iterator<Item = &'static LibraryModel> {
    GUIDE_MODELS.iter().chain(MODELS)
}

/// A model by its id.
pub fn model(id: &str) -> Option<&'static LibraryModel> {
    models().find(|model| model.id == id)
}

/// TechPulse Media's plan and every row of the guide's decision tables.
///
/// The guide names the GPU of TechPulse's plan alone. The other rows are on p4d.24xlarge where
/// the guide's estimate fits in 40 GB, else on the smallest of p4de, p5 and p5en that holds it.
/// The rows of the MoE table have no batch: they take micro batch 1 and a global batch that both
/// the guide's and Megatron's rule allow.
pub const PLANS: &[PlanPreset] = &[
    PlanPreset {
        id: "techpulse",
        name: "TechPulse 7B, 16 GPUs",
        note: "TechPulse Media's Configuration",
        ..row("guide-7b", "p4d-24xlarge", 2, [2, 1, 1], 2, 512)
    },
    PlanPreset {
        id: "guide-1-5b-2",
        name: "1.5B, 2 GPUs",
        note: "Single node, data parallel only",
        gpus_per_node: 2,
        ..row("guide-1-5b", "p4d-24xlarge", 1, [1, 1, 1], 4, 64)
    },
    PlanPreset {
        id: "guide-7b-8",
        name: "7B, 8 GPUs",
        note: "TP=2 for weight splitting",
        ..row("guide-7b", "p4d-24xlarge", 1, [2, 1, 1], 2, 256)
    },
    PlanPreset {
        id: "guide-7b-16",
        name: "7B, 16 GPUs",
        note: "TP within node, DP across nodes",
        ..row("guide-7b", "p4d-24xlarge", 2, [2, 1, 1], 2, 512)
    },
    PlanPreset {
        id: "guide-13b-16",
        name: "13B, 16 GPUs",
        note: "Higher TP for larger layers",
        ..row("guide-13b", "p4d-24xlarge", 2, [4, 1, 1], 1, 256)
    },
    PlanPreset {
        id: "guide-30b-16",
        name: "30B, 16 GPUs",
        note: "Full TP + PP, no DP",
        ..row("guide-30b", "p4de-24xlarge", 2, [8, 2, 1], 1, 128)
    },
    PlanPreset {
        id: "guide-70b-32",
        name: "70B, 32 GPUs",
        note: "4 pipeline stages",
        ..row("guide-70b", "p4de-24xlarge", 4, [8, 4, 1], 1, 256)
    },
    PlanPreset {
        id: "guide-70b-64",
        name: "70B, 64 GPUs",
        note: "DP=2 for throughput",
        ..row("guide-70b", "p4d-24xlarge", 8, [8, 4, 1], 1, 512)
    },
    PlanPreset {
        id: "guide-8x3b-8",
        name: "8x3B MoE, 8 GPUs",
        note: "1 expert per GPU",
        ..row("guide-8x3b", "p4de-24xlarge", 1, [1, 1, 8], 1, 256)
    },
    PlanPreset {
        id: "guide-8x3b-16",
        name: "8x3B MoE, 16 GPUs",
        note: "DP=2 for throughput",
        ..row("guide-8x3b", "p4d-24xlarge", 2, [1, 1, 8], 1, 256)
    },
    PlanPreset {
        id: "guide-64x3b-64",
        name: "64x3B MoE, 64 GPUs",
        note: "8 experts/GPU, DP=8",
        ..row("guide-64x3b", "p5en-48xlarge", 8, [1, 1, 8], 1, 512)
    },
    PlanPreset {
        id: "guide-64x3b-128",
        name: "64x3B MoE, 128 GPUs",
        note: "TP=2 + EP=8",
        ..row("guide-64x3b", "p5-48xlarge", 16, [2, 1, 8], 1, 512)
    },
];

const fn row(
    model: &'static str,
    node: &'static str,
    num_nodes: u64,
    [tp, pp, ep]: [u64; 3],
    micro_batch: u64,
    global_batch: u64,
) -> PlanPreset {
    PlanPreset {
        id: "",
        name: "",
        note: "",
        model,
        node,
        num_nodes,
        gpus_per_node: 8,
        tp,
        pp,
        ep,
        micro_batch,
        global_batch,
    }
}

/// The models of the guide's tables, with the parameters that the guide states. The guide tells
/// the shape of the 7B alone (32 layers, hidden 4096); the others have the shape of a public
/// model of that size, which `source` names.
pub const GUIDE_MODELS: &[LibraryModel] = &[
    LibraryModel {
        id: "guide-7b",
        name: "7B dense",
        published_parameters: 7_000_000_000,
        source: "Guide: 7B, 32 layers, hidden 4096; heads, MLP and vocabulary of Llama 2 7B",
        ..LLAMA.shaped(32, 4096, 32, 32, 11008)
    },
    LibraryModel {
        id: "guide-1-5b",
        name: "1.5B dense",
        kv_channels: 64,
        vocab_size: 50_257,
        learned_positions: 1024,
        published_parameters: 1_500_000_000,
        source: "Guide: 1.5B; the shape of GPT-2 XL",
        ..GPT.shaped(48, 1600, 25, 25, 6400)
    },
    LibraryModel {
        id: "guide-13b",
        name: "13B dense",
        published_parameters: 13_000_000_000,
        source: "Guide: 13B; the shape of Llama 2 13B",
        ..LLAMA.shaped(40, 5120, 40, 40, 13824)
    },
    LibraryModel {
        id: "guide-30b",
        name: "30B dense",
        vocab_size: 50_272,
        learned_positions: 2048,
        published_parameters: 30_000_000_000,
        source: "Guide: 30B; the shape of OPT-30B",
        ..GPT.shaped(48, 7168, 56, 56, 28672)
    },
    LibraryModel {
        id: "guide-70b",
        name: "70B dense",
        published_parameters: 70_000_000_000,
        source: "Guide: 70B; the shape of Llama 2 70B",
        ..LLAMA.shaped(80, 8192, 64, 8, 28672)
    },
    LibraryModel {
        id: "guide-8x3b",
        name: "8x3B MoE",
        moe: Some(experts(8, 2, 8192)),
        published_parameters: 17_813_548_032,
        source: "Guide: 8 experts of a 3B model; the shape of Llama 3.2 3B, its MLP as the expert",
        ..LLAMA.shaped(28, 3072, 24, 8, 8192)
    },
    LibraryModel {
        id: "guide-64x3b",
        name: "64x3B MoE",
        moe: Some(experts(64, 2, 8192)),
        published_parameters: 136_198_401_024,
        source: "Guide: 64 experts of a 3B model; the shape of Llama 3.2 3B, its MLP as the expert",
        ..LLAMA.shaped(28, 3072, 24, 8, 8192)
    },
];
