//! A plan with everything filled in, which every part of the report reads.

use super::cluster::Cluster;
use super::config::{Config, Edit, Field};
use super::mesh::Mesh;
use super::model::{Model, VOCAB_DIVISOR};
use super::number::{product, quotient_up};
use super::sizes::Sizes;
use super::units::{MemoryUnit, counted};
use serde::Serialize;

/// A configuration whose figures lie inside their ranges, with its model, cluster and sizes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was said, with every figure held inside its range.
    pub config: Config,
    /// The model.
    pub model: Model,
    /// The cluster.
    pub cluster: Cluster,
    /// The sizes.
    pub sizes: Sizes,
    /// Unit of memory in sentences.
    pub unit: MemoryUnit,
}

impl Plan {
    /// Fills in a configuration. Figures out of range are held inside it, so that nothing
    /// overflows and nothing is divided by zero; [`problems`](super::problems) says so.
    pub fn of(config: &Config) -> Plan {
        let mut held = config.clone();
        held.unread = Vec::new();
        for &field in Field::ALL {
            if matches!(field.info().kind, super::config::Kind::Flag) {
                continue;
            }
            let value = held.get(field);
            let clamped = field.clamp(&value);
            if clamped != value {
                held.set(field, clamped);
            }
        }
        let model = Model::of(&held.model, held.batch.seq_length);
        let cluster = Cluster::of(&held.cluster);
        let sizes = Sizes::of(&held, cluster.world_size);
        Plan {
            config: held,
            model,
            cluster,
            sizes,
            unit: MemoryUnit::default(),
        }
    }

    /// The plan after an edit.
    pub fn edited(&self, edit: &Edit) -> Plan {
        Plan {
            unit: self.unit,
            ..Plan::of(&edit.apply(&self.config))
        }
    }

    /// The same plan with other figures in range, for a search: the model is looked up again only
    /// where the edit speaks of it.
    pub fn resized(&self, edit: &Edit) -> Plan {
        let mut plan = self.clone();
        for (field, value) in &edit.set {
            plan.config.set(*field, value.clone());
        }
        let model = Field::ModelPreset.info().group();
        // A table of positions is as long as the sequence.
        let of_model = |f: Field| f == Field::SeqLength || f.info().group() == model;
        if edit.set.iter().any(|(field, _)| of_model(*field)) {
            plan.model = Model::of(&plan.config.model, plan.config.batch.seq_length);
        }
        plan.cluster = Cluster::of(&plan.config.cluster);
        plan.sizes = Sizes::of(&plan.config, plan.cluster.world_size);
        plan
    }

    /// What people call the plan and what is planned, in a line.
    pub fn title(&self) -> String {
        match &self.config.about.name {
            Some(name) => [name, ": ", &self.subject()].concat(),
            None => self.subject(),
        }
    }

    /// What is planned, in a line: `7B dense, 2 nodes of p4d.24xlarge`.
    pub fn subject(&self) -> String {
        let nodes = counted(self.cluster.num_nodes, "node", "nodes");
        let of = if self.cluster.node_name.is_empty() {
            ""
        } else {
            " of "
        };
        [&self.model.name, ", ", &nodes, of, &self.cluster.node_name].concat()
    }

    /// The mesh of attention and dense MLPs.
    pub fn dense_mesh(&self) -> Mesh {
        Mesh::dense(&self.sizes, self.config.parallel.order)
    }

    /// The mesh of the experts.
    pub fn expert_mesh(&self) -> Mesh {
        Mesh::expert(&self.sizes, self.config.parallel.order)
    }

    /// Whether SP does anything: it is asked for, and TP is above 1. Megatron-LM switches it off
    /// with TP 1 (`megatron/training/arguments.py`, `validate_args`).
    pub fn sequence_parallel(&self) -> bool {
        self.config.parallel.sequence_parallel && self.sizes.tensor_model_parallel_size > 1
    }

    /// Parameters on one GPU, dense ones over TP · PP and those of the experts over ETP · EP · PP.
    /// Guide, "Memory Estimation Per GPU", which speaks of dense models alone; experts are
    /// spread as "Expert Parallelism" says.
    pub fn parameters_per_gpu(&self) -> GpuParameters {
        let s = &self.sizes;
        let all = self.model.num_parameters as f64;
        let experts = self.model.expert_parameters as f64;
        let tp_pp = s.tensor_model_parallel_size as f64 * s.pipeline_model_parallel_size as f64;
        GpuParameters {
            dense: (all - experts) / tp_pp,
            experts: experts / (s.expert_product().max(1) as f64),
        }
    }

    /// Tokens of the vocabulary as Megatron pads it, so that TP divides the embedding. Megatron-LM
    /// `megatron/training/vocab_utils.py`.
    pub fn padded_vocab_size(&self) -> u64 {
        let divisor = self.config.model.make_vocab_size_divisible_by;
        let multiple = product(&[
            divisor.unwrap_or(VOCAB_DIVISOR),
            self.sizes.tensor_model_parallel_size,
        ]);
        product(&[quotient_up(self.model.vocab_size, multiple), multiple])
    }

    /// Tokens that one GPU holds of one micro-batch: CP splits the sequence.
    pub fn tokens_per_gpu(&self) -> f64 {
        let batch = &self.config.batch;
        batch.micro_batch_size as f64 * batch.seq_length as f64
            / self.sizes.context_parallel_size as f64
    }
}

/// Parameters on one GPU.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GpuParameters {
    /// Embedding, attention, dense MLPs, router, shared experts and norms.
    pub dense: f64,
    /// Routed experts.
    pub experts: f64,
}

impl GpuParameters {
    /// All of them.
    pub fn total(self) -> f64 {
        self.dense + self.experts
    }
}
