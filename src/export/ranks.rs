//! Every rank of a plan as a table for spreadsheets and scripts: where it is, its place in both
//! meshes, what it holds.
//!
//! CSV by RFC 4180, with a header. Lines end in `\n` alone: spreadsheets and data frames read it,
//! and for `cut`, `awk` and `sort` the carriage return of the RFC would be a part of the last cell.
//! No cell needs quotes: there are figures, ranges of figures, `true` and `false`.

use super::groups::has_groups;
use crate::core::mesh::{Axis, Dim};
use crate::core::number::{quotient, remainder, rounded};
use crate::core::pipeline::{Layers, Stage};
use crate::core::stage_memory::StageMemory;
use crate::core::{Plan, Report};

/// The columns of every plan, before those of the meshes.
const PLACE: &str = "rank,node,gpu";
/// What the stage of a rank holds, after the meshes.
const STAGE: &str = ",layers,embedding,head";
/// What follows the experts: figures of one GPU of the stage, by the guide's bytes.
const MEMORY: &str = ",parameters,weights_bytes,gradients_bytes,optimizer_bytes,activations_bytes,\
                      overhead_bytes,total_bytes\n";
/// Room for the place of a rank and its experts, in bytes: most need less.
const ROOM: usize = 64;

/// A table with a row a rank, as CSV: its node and its GPU of the node, its coordinates in the
/// dense mesh and, of a model with experts, in theirs, and what its pipeline stage holds. Layers
/// and experts are ranges with both ends in them, `0..7`, one for each chunk of the stage. Figures
/// of memory are bytes, as `memory.stages` of the report has them; they are empty where the plan
/// does not tell the model.
///
/// # Errors
/// Names the field and says why Megatron forms no groups, without which a rank has no coordinates.
pub fn ranks_csv(plan: &Plan, report: &Report) -> Result<String, String> {
    has_groups(plan, report)?;
    let dense = plan.dense_mesh();
    let experts = report.experts.as_ref();
    let along = |mesh: &crate::core::mesh::Mesh, dims: &[Dim]| -> Vec<Axis> {
        dims.iter().filter_map(|dim| mesh.axis(*dim)).collect()
    };
    let mut axes = along(&dense, &[Dim::Tp, Dim::Cp, Dim::Dp, Dim::Pp]);
    let expert_axes = along(&plan.expert_mesh(), &[Dim::Etp, Dim::Ep, Dim::Edp]);
    if experts.is_some() {
        axes.extend(&expert_axes);
    }
    let stages: Vec<Held> = report
        .pipeline
        .stages
        .iter()
        .zip(&report.memory.stages)
        .map(|(stage, memory)| Held::of(plan, stage, memory))
        .collect();
    let experts_on: Vec<String> = experts.map_or_else(Vec::new, |experts| {
        (0..plan.sizes.expert_model_parallel_size)
            .map(|ep| ranges(&[experts.on(ep)]))
            .collect()
    });

    let mut text = head(&axes, experts.is_some());
    let row = stages.iter().map(Held::len).max().unwrap_or(0);
    let rows = usize::try_from(plan.sizes.world_size).unwrap_or(0);
    text.reserve(rows.saturating_mul(row.saturating_add(ROOM)));
    let (nodes, per_node) = (plan.cluster.num_nodes, plan.cluster.gpus_per_node);
    // The same small numbers stand in a million cells: each is written once.
    let sizes = axes.iter().map(|axis| axis.size);
    let most = sizes.fold(nodes.max(per_node), u64::max);
    let cells: Vec<String> = (0..most).map(|n| [",", &n.to_string()].concat()).collect();
    for rank in 0..plan.sizes.world_size {
        text.push_str(&rank.to_string());
        let place = [quotient(rank, per_node), remainder(rank, per_node)];
        let coordinates = axes.iter().map(|axis| axis.coordinate(rank));
        for figure in place.into_iter().chain(coordinates) {
            text.push_str(at(&cells, figure).map_or("", |cell| cell));
        }
        let Some(held) = at(&stages, dense.coordinate(rank, Dim::Pp)) else {
            continue;
        };
        text.push_str(&held.layers);
        if experts.is_some() {
            text.push(',');
            let ep = expert_axes.iter().find(|axis| axis.dim == Dim::Ep);
            let experts = ep.and_then(|ep| at(&experts_on, ep.coordinate(rank)));
            text.push_str(experts.filter(|_| held.experts).map_or("", |text| text));
        }
        text.push_str(&held.memory);
    }
    Ok(text)
}

fn head(axes: &[Axis], has_experts: bool) -> String {
    let mut text = PLACE.to_owned();
    for axis in axes {
        text.push(',');
        text.push_str(axis.dim.short());
    }
    text.push_str(STAGE);
    if has_experts {
        text.push_str(",experts");
    }
    text.push_str(MEMORY);
    text
}

/// What the GPUs of one stage hold, as the cells of their rows.
struct Held {
    /// Layers, embedding, head, a comma before each.
    layers: String,
    /// Whether there are experts.
    experts: bool,
    /// The figures, a comma before each, and the end of the row.
    memory: String,
}

impl Held {
    fn of(plan: &Plan, stage: &Stage, memory: &StageMemory) -> Held {
        let flag = |on: bool| if on { ",true" } else { ",false" };
        let parts = memory.parts().map(|(_, bytes)| bytes);
        let figures = [memory.parameters].into_iter().chain(parts);
        let mut cells = String::new();
        for figure in figures.chain([memory.total.0]) {
            cells.push(',');
            if plan.model.is_complete() {
                cells.push_str(&rounded(figure).to_string());
            }
        }
        cells.push('\n');
        let layers = ranges(&stage.chunks);
        Held {
            layers: [",", &layers, flag(stage.embedding), flag(stage.head)].concat(),
            experts: stage.holds_experts(plan),
            memory: cells,
        }
    }

    fn len(&self) -> usize {
        self.layers.len().saturating_add(self.memory.len())
    }
}

/// An entry by its number.
fn at<T>(list: &[T], number: u64) -> Option<&T> {
    list.get(usize::try_from(number).ok()?)
}

/// Half-open ranges as text with both ends in them, spaces between them; empty ones are left out.
fn ranges(all: &[Layers]) -> String {
    let mut text = String::new();
    for range in all.iter().filter(|range| range.end > range.first) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&range.first.to_string());
        // No hyphen: a spreadsheet would take `8-15` for a date.
        text.push_str("..");
        text.push_str(&range.end.saturating_sub(1).to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;

    fn csv(config: &Config) -> Result<String, String> {
        let plan = Plan::of(config);
        ranks_csv(&plan, &Report::of_plan(config, &plan))
    }

    /// The first lines of a table.
    #[track_caller]
    fn begins(config: &Config, expected: &[&str]) {
        let text = csv(config).expect("a table");
        let found: Vec<&str> = text.lines().take(expected.len()).collect();
        assert_eq!(found, expected);
    }

    fn edited(model: &str, set: &[(Field, u64)]) -> Config {
        let start = Edit::one(Field::ModelPreset, Value::Text(model.to_owned()));
        set.iter()
            .fold(start, |edit, (field, n)| edit.and(*field, Value::Count(*n)))
            .apply(&Config::default())
    }

    #[test]
    fn the_opening_plan_rank_by_rank() {
        begins(
            &presets::opening(),
            &[
                "rank,node,gpu,tp,cp,dp,pp,layers,embedding,head,parameters,weights_bytes,\
                 gradients_bytes,optimizer_bytes,activations_bytes,overhead_bytes,total_bytes",
                "0,0,0,0,0,0,0,0..31,true,true,3500000000,7000000000,7000000000,5250000000,\
                 10737418240,4000000000,33987418240",
                "1,0,1,1,0,0,0,0..31,true,true,3500000000,7000000000,7000000000,5250000000,\
                 10737418240,4000000000,33987418240",
                "2,0,2,0,0,1,0,0..31,true,true,3500000000,7000000000,7000000000,5250000000,\
                 10737418240,4000000000,33987418240",
            ],
        );
        let text = csv(&presets::opening()).expect("a table");
        assert_eq!(text.lines().count(), 17);
        let last = text.lines().last().unwrap_or_default();
        assert!(last.starts_with("15,1,7,1,0,7,0,0..31,"), "{last}");
        assert!(text.ends_with('\n') && !text.contains('\r'));
    }

    #[test]
    fn chunks_and_experts_are_ranges() {
        let config = edited(
            "mixtral-8x7b",
            &[
                (Field::Tp, 1),
                (Field::Pp, 2),
                (Field::Vpp, 4),
                (Field::Ep, 2),
            ],
        );
        begins(
            &config,
            &[
                "rank,node,gpu,tp,cp,dp,pp,etp,ep,edp,layers,embedding,head,experts,parameters,\
                 weights_bytes,gradients_bytes,optimizer_bytes,activations_bytes,overhead_bytes,\
                 total_bytes",
                "0,0,0,0,0,0,0,0,0,0,0..3 8..11 16..19 24..27,true,false,0..3,12077105152,24154210304,\
                 24154210304,72462630912,2684354560,4000000000,127455406080",
                "1,0,1,0,0,1,0,0,1,0,0..3 8..11 16..19 24..27,true,false,4..7,12077105152,24154210304,\
                 24154210304,72462630912,2684354560,4000000000,127455406080",
            ],
        );
    }

    #[test]
    fn a_stage_without_moe_layers_holds_no_experts() {
        let text = csv(&edited(
            "deepseek-v3",
            &[(Field::NumNodes, 61), (Field::Pp, 61)],
        ));
        let text = text.expect("a table");
        let row = |n: usize| text.lines().nth(n).unwrap_or_default();
        assert!(row(1).starts_with("0,0,0,0,0,0,0,0,0,0,0..0,true,false,,"));
        assert!(row(25).starts_with("24,3,0,0,0,0,3,0,0,0,3..3,false,false,0..255,"));
    }

    #[test]
    fn what_a_plan_does_not_tell_is_empty() {
        let config = Edit::count(Field::Tp, 2).apply(&Config::default());
        let text = csv(&config).expect("a table");
        assert_eq!(text.lines().nth(2), Some("1,0,1,1,0,0,0,,true,true,,,,,,,"));
    }

    #[test]
    fn where_there_are_no_groups_there_are_no_ranks() {
        let config = edited("llama3-8b", &[(Field::Tp, 3)]);
        let plan = Plan::of(&config);
        let report = Report::of_plan(&config, &plan);
        let refused = ranks_csv(&plan, &report).expect_err("no groups");
        assert_eq!(Some(refused), super::super::groups(&plan, &report).err());
        let many = edited("llama3-8b", &[(Field::NumNodes, 1_000_000)]);
        let refused = csv(&many).expect_err("too many");
        assert!(refused.contains("more than the 1048576"), "{refused}");
    }
}
