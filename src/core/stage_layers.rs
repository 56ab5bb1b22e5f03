//! The layers of each pipeline stage by kind: what decides how often its GPUs talk.

use super::pipeline::Stage;
use super::plan::Plan;

/// The layers of one stage, those of multi-token prediction with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StageLayers {
    /// Layers with a dense MLP.
    pub dense: u64,
    /// Layers with experts.
    pub moe: u64,
}

impl StageLayers {
    /// The layers of a stage.
    pub fn of(plan: &Plan, stage: &Stage) -> StageLayers {
        let model = &plan.model;
        let mut moe = 0_u64;
        for part in &stage.chunks {
            moe = moe.saturating_add(model.moe_layers(part.first, part.end));
        }
        let mut all = stage.num_layers;
        all = all.saturating_add(stage.mtp_num_layers);
        if model.mtp_has_experts() {
            moe = moe.saturating_add(stage.mtp_num_layers);
        }
        StageLayers {
            dense: all.saturating_sub(moe),
            moe,
        }
    }

    /// Layers of both kinds.
    pub fn all(self) -> u64 {
        self.dense.saturating_add(self.moe)
    }

    /// The layers of every stage, first to last.
    pub fn of_stages(plan: &Plan) -> Vec<StageLayers> {
        Stage::all(plan)
            .iter()
            .map(|stage| StageLayers::of(plan, stage))
            .collect()
    }
}

impl Stage {
    /// Whether its GPUs hold experts: the stage of the first layers may have none at all. Where no
    /// layers are told, every stage of a model with experts does.
    pub fn holds_experts(&self, plan: &Plan) -> bool {
        let model = &plan.model;
        model.moe.is_some() && (model.num_layers == 0 || StageLayers::of(plan, self).moe > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};

    #[track_caller]
    fn stages(preset: &str, pp: u64, expected: &[(u64, u64)]) {
        let edit = Edit::count(Field::Pp, pp).and(Field::ModelPreset, Value::Text(preset.into()));
        let all = StageLayers::of_stages(&Plan::of(&edit.apply(&Config::default())));
        let found: Vec<_> = all
            .iter()
            .map(|layers| (layers.dense, layers.moe))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn layers_of_each_kind() {
        stages("llama2-7b", 2, &[(16, 0), (16, 0)]);
        stages("mixtral-8x7b", 2, &[(0, 16), (0, 16)]);
        stages("deepseek-v2-lite", 3, &[(1, 8), (0, 9), (0, 9)]);
        // The last stage has the layer of multi-token prediction.
        stages("deepseek-v3", 1, &[(3, 59)]);
        stages("glm-4-5-air", 2, &[(1, 22), (0, 24)]);
    }
}
