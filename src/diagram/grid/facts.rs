//! What is told of the rank in focus: where it is, what it holds, whom it talks to.

use super::words::ranks;
use crate::core::Plan;
use crate::core::cluster::Link;
use crate::core::mesh::{Axis, Dim};
use crate::core::pipeline::{Layers, Stage};
use crate::core::rank::{Membership, Place, Rank};
use crate::core::stage_memory::StageMemory;
use crate::core::units::parameters;

/// The facts of one rank, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// `Rank 5`.
    pub title: String,
    /// Names and values: node, coordinates, layers, parameters, memory.
    pub rows: Vec<(String, String)>,
    /// The groups of more than one GPU.
    pub mates: Vec<Mates>,
    /// Whether the rank is in the meshes at all.
    pub assigned: bool,
    /// The titles of the groups that stay in their node or NVLink domain, and of those that leave.
    pub places: [&'static str; 2],
}

/// A group that a rank talks with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mates {
    /// The dimension, or dimensions.
    pub name: &'static str,
    /// Its ranks: `4, 5`, or the first and the last of many.
    pub ranks: String,
    /// The slowest link between them.
    pub link: &'static str,
    /// Whether the group leaves its node or NVLink domain.
    pub crosses: bool,
}

impl Facts {
    /// The facts of a rank, none beyond the last GPU.
    pub fn of(plan: &Plan, rank: u64) -> Option<Facts> {
        let rank = Rank::of(plan, rank)?;
        let mut facts = Facts {
            title: format!("Rank {}", rank.rank),
            rows: Vec::new(),
            mates: Vec::new(),
            assigned: rank.place.is_some(),
            places: ["Groups inside the node", "Groups that leave the node"],
        };
        facts.row("Node, slot", format!("{}, {}", rank.node, rank.slot));
        let cluster = &plan.cluster;
        if cluster.nvlink_domain_gpus > cluster.gpus_per_node {
            let domain = cluster.domain_of(rank.rank);
            facts.row("NVLink domain", domain.to_string());
            facts.places = [
                "Groups inside the NVLink domain",
                "Groups that leave the NVLink domain",
            ];
        }
        if let Some(place) = &rank.place {
            facts.place(plan, place);
            facts.stage(plan, place);
            facts.gradients(plan, rank.rank);
        }
        Some(facts)
    }

    fn row(&mut self, name: &str, value: String) {
        self.rows.push((name.to_owned(), value));
    }

    /// What the rank's stage holds; by the guide's formulas where there is one stage, else with the
    /// stage's own layers and micro-batches.
    fn stage(&mut self, plan: &Plan, place: &Place) {
        let stages = StageMemory::of_stages(plan);
        let of_pp = place.groups.iter().find(|group| group.dimension == Dim::Pp);
        let stage = of_pp.and_then(|group| stages.get(usize::try_from(group.coordinate).ok()?));
        let Some(stage) = stage else { return };
        if stage.parameters > 0.0 {
            self.row("Parameters", parameters(stage.parameters));
        }
        let name = if stages.len() > 1 {
            "Memory (stage)"
        } else {
            "Memory (guide)"
        };
        if plan.model.is_complete() {
            self.row(name, plan.unit.text(stage.total.0));
        }
        let layers = Stage::of(plan, stage.stage).mtp_num_layers;
        if layers > 0 {
            self.row("MTP layers", layers.to_string());
        }
    }

    /// Who shares gradients and optimizer state: with CP it is more than DP
    /// (`megatron/core/parallel_state.py`, the `dp-cp` group).
    fn gradients(&mut self, plan: &Plan, rank: u64) {
        let mesh = plan.dense_mesh();
        let (Some(cp), Some(dp)) = (mesh.axis(Dim::Cp), mesh.axis(Dim::Dp)) else {
            return;
        };
        if cp.size < 2 || dp.size < 2 {
            return;
        }
        let first = cp.first_of_group(dp.first_of_group(rank));
        let members = dp.members(first).flat_map(|rank| cp.members(rank));
        let size = cp.size.saturating_mul(dp.size);
        let steps = |axis: Axis| axis.size.saturating_sub(1).saturating_mul(axis.stride);
        let last = first.saturating_add(steps(cp)).saturating_add(steps(dp));
        let cluster = &plan.cluster;
        let crosses = cluster.domain_of(first) != cluster.domain_of(last);
        self.mates.push(Mates {
            name: "DP · CP",
            ranks: ranks(members, size, last),
            link: cluster.link_name(if crosses {
                Link::InterNode
            } else {
                Link::IntraNode
            }),
            crosses,
        });
    }

    fn place(&mut self, plan: &Plan, place: &Place) {
        for group in &place.groups {
            let always = matches!(group.dimension, Dim::Tp | Dim::Pp | Dim::Dp);
            if always || group.size > 1 {
                let name = format!("{} rank", group.dimension.name());
                self.row(
                    &name,
                    format!("{} of 0–{}", group.coordinate, group.size.saturating_sub(1)),
                );
            }
        }
        if plan.model.num_layers > 0 {
            let one = matches!(place.layers.as_slice(), [only] if is_one(only));
            let name = if one { "Layer" } else { "Layers" };
            self.row(name, layers(&place.layers));
        }
        match (place.embedding, place.head) {
            (true, true) => self.row("Besides", "embedding, head".to_owned()),
            (true, false) => self.row("Besides", "embedding".to_owned()),
            (false, true) => self.row("Besides", "head".to_owned()),
            (false, false) => {}
        }
        if let (Some(held), Some(moe)) = (&place.experts, &plan.model.moe) {
            let all = moe.num_experts;
            if held.first == held.end {
                self.row("Experts", format!("EP does not divide {all}"));
            } else if is_one(held) {
                self.row(
                    "Expert",
                    format!("{} of 0–{}", held.first, all.saturating_sub(1)),
                );
            } else {
                self.row("Experts", format!("{} of {all}", range(held)));
            }
        }
        self.mates = place
            .groups
            .iter()
            .filter(|group| group.size > 1)
            .map(Mates::of)
            .collect();
    }
}

impl Mates {
    fn of(group: &Membership) -> Mates {
        Mates {
            name: group.dimension.name(),
            ranks: ranks(group.members.iter().copied(), group.size, group.last),
            link: group.link_name,
            crosses: group.link == Link::InterNode,
        }
    }
}

/// The layers of each chunk: `0 to 3, 16 to 19`; of many chunks the first two and the last.
fn layers(chunks: &[Layers]) -> String {
    const LISTED: usize = 4;
    let all = chunks.len() <= LISTED;
    let shown: Vec<String> = chunks
        .iter()
        .take(if all { LISTED } else { 2 })
        .map(range)
        .collect();
    match chunks.last() {
        Some(last) if !all => format!("{}, … {}", shown.join(", "), range(last)),
        _ => shown.join(", "),
    }
}

/// One layer or expert: its number must not read like a count.
fn is_one(part: &Layers) -> bool {
    part.end.saturating_sub(part.first) == 1
}

fn range(part: &Layers) -> String {
    match part.end.saturating_sub(part.first) {
        0 => "none".to_owned(),
        1 => part.first.to_string(),
        _ => format!("{} to {}", part.first, part.end.saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;

    fn facts(config: &Config, rank: u64) -> Option<Facts> {
        Facts::of(&Plan::of(config), rank)
    }

    #[track_caller]
    fn tells(config: &Config, rank: u64, expected: &[(&str, &str)]) {
        let facts = facts(config, rank).expect("a rank");
        for (name, value) in expected {
            let row = facts.rows.iter().find(|row| row.0 == *name);
            assert_eq!(row.map(|row| row.1.as_str()), Some(*value), "{facts:#?}");
        }
    }

    #[test]
    fn a_rank_of_the_opening_plan() {
        let opening = presets::opening();
        tells(
            &opening,
            5,
            &[
                ("Node, slot", "0, 5"),
                ("TP rank", "1 of 0–1"),
                ("PP rank", "0 of 0–0"),
                ("DP rank", "2 of 0–7"),
                ("Layers", "0 to 31"),
                ("Besides", "embedding, head"),
                ("Parameters", "3.5 B"),
                ("Memory (guide)", "33.99 GB"),
            ],
        );
        let mates = facts(&opening, 5).expect("a rank").mates;
        let told: Vec<_> = mates
            .iter()
            .map(|m| (m.name, m.ranks.as_str(), m.link))
            .collect();
        let dp = "1, 3, 5, 7, 9, 11, 13, 15";
        assert_eq!(told, [("TP", "4, 5", "NVLink"), ("DP", dp, "EFA")]);
    }

    #[test]
    fn stages_chunks_and_experts() {
        let staged = Edit::count(Field::Pp, 2)
            .and(Field::Vpp, Value::Count(2))
            .apply(&presets::opening());
        tells(
            &staged,
            15,
            &[("Layers", "8 to 15, 24 to 31"), ("Besides", "head")],
        );
        let moe = presets::PLANS
            .iter()
            .find(|plan| plan.id == "guide-64x3b-64");
        tells(
            &moe.expect("a preset").config(),
            9,
            &[
                ("EP rank", "1 of 0–7"),
                ("Experts", "8 to 15 of 64"),
                ("EDP rank", "1 of 0–7"),
            ],
        );
    }

    #[test]
    fn with_cp_gradients_are_shared_by_dp_and_cp_together() {
        let config = Edit::count(Field::Cp, 2).apply(&presets::opening());
        let mates = facts(&config, 5).expect("a rank").mates;
        let last = mates.last().expect("a group");
        // TP 2, CP 2, DP 4: rank 5 shares with all of its TP rank.
        assert_eq!(
            (last.name, last.ranks.as_str()),
            ("DP · CP", "1, 3, 5, 7, 9, 11, 13, 15")
        );
        assert!(last.crosses);
    }

    #[test]
    fn the_layers_of_multi_token_prediction_are_told() {
        let config = Edit::one(Field::ModelPreset, Value::Text("deepseek-v3".into()))
            .apply(&Config::default());
        tells(&config, 0, &[("MTP layers", "1")]);
    }

    #[test]
    fn a_single_layer_or_expert_does_not_read_like_a_count() {
        let staged = Edit::count(Field::Pp, 32).apply(&presets::opening());
        let wide = Edit::count(Field::NumNodes, 8).apply(&staged);
        tells(&wide, 0, &[("Layer", "0")]);
        let moe = presets::PLANS
            .iter()
            .find(|plan| plan.id == "guide-8x3b-16");
        let moe = moe.expect("a preset").config();
        tells(&moe, 0, &[("Expert", "0 of 0–7")]);
    }

    #[test]
    fn a_gpu_in_no_group_tells_where_it_is() {
        let config = Edit::count(Field::Tp, 3).apply(&presets::opening());
        let facts = facts(&config, 15).expect("a rank");
        assert!(!facts.assigned && facts.mates.is_empty());
        assert_eq!(facts.rows.len(), 1);
        assert_eq!(self::facts(&config, 16), None);
    }
}
