//! The table of ranks: its coordinates form the groups that Megatron-LM formed when it was run
//! (`tests/reference/rank_groups/`), and its figures are those of the report.

use meshplan::core::config::{Config, Edit, Field, Value};
use meshplan::core::mesh::Dim;
use meshplan::core::rank::Rank;
use meshplan::core::{Plan, Report};
use meshplan::export::ranks_csv;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

/// A table: what stands in each column of each rank.
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    #[track_caller]
    fn of(config: &Config) -> Table {
        let plan = Plan::of(config);
        let text = ranks_csv(&plan, &Report::of_plan(config, &plan)).expect("a table");
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines().map(cells);
        let columns = lines.next().expect("a header");
        let rows: Vec<_> = lines.collect();
        assert!(rows.iter().all(|row| row.len() == columns.len()));
        Table { columns, rows }
    }

    #[track_caller]
    fn cell(&self, rank: usize, column: &str) -> &str {
        let place = self.columns.iter().position(|name| name == column);
        &self.rows[rank][place.unwrap_or_else(|| panic!("no column {column}"))]
    }

    /// The ranks whose coordinates are the same but for one, in its order; sorted.
    fn groups(&self, along: &str, mesh: &[&str]) -> Vec<Vec<u64>> {
        let mut groups: BTreeMap<Vec<&str>, BTreeMap<u64, u64>> = BTreeMap::new();
        for rank in 0..self.rows.len() {
            let others = mesh.iter().filter(|dim| **dim != along);
            let key = others.map(|dim| self.cell(rank, dim)).collect();
            let place = self.cell(rank, along).parse().expect("a coordinate");
            let twice = groups.entry(key).or_default().insert(place, rank as u64);
            assert_eq!(twice, None, "two ranks at one place");
        }
        let mut groups: Vec<Vec<u64>> = groups
            .into_values()
            .map(|group| {
                let places = group.keys().copied();
                assert!(places.eq(0..group.len() as u64), "{along}: {group:?}");
                group.into_values().collect()
            })
            .collect();
        groups.sort();
        groups
    }
}

const DENSE: &[&str] = &["tp", "cp", "dp", "pp"];
const EXPERT: &[&str] = &["etp", "ep", "edp", "pp"];

#[test]
fn coordinates_form_the_groups_that_megatron_forms() {
    let kinds = [
        ("tp", DENSE, "TENSOR_MODEL_PARALLEL_GROUP"),
        ("cp", DENSE, "CONTEXT_PARALLEL_GROUP"),
        ("dp", DENSE, "DATA_PARALLEL_GROUP"),
        ("pp", DENSE, "PIPELINE_MODEL_PARALLEL_GROUP"),
        ("etp", EXPERT, "EXPERT_TENSOR_PARALLEL_GROUP"),
        ("ep", EXPERT, "EXPERT_MODEL_PARALLEL_GROUP"),
        ("edp", EXPERT, "EXPERT_DATA_PARALLEL_GROUP"),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/rank_groups");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a file");
        let case: Json = serde_json::from_str(&text).expect("JSON");
        if case.get("groups").is_none() {
            continue;
        }
        let world = case["world_size"].as_u64().expect("a size");
        let table = Table::of(&with_experts(world, &case["args"]));
        assert_eq!(table.rows.len() as u64, world);
        for (along, mesh, name) in kinds {
            let mut expected: Vec<Vec<u64>> =
                serde_json::from_value(case["groups"][name].clone()).expect("groups");
            expected.sort();
            assert_eq!(
                table.groups(along, mesh),
                expected,
                "{along} of {}",
                path.display()
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 13);
}

/// A plan of the sizes that Megatron was run with, of a model with experts.
fn with_experts(world: u64, args: &Json) -> Config {
    let mut config = Edit::count(Field::GpusPerNode, 8)
        .and(Field::NumNodes, Value::Count(world / 8))
        .and(Field::NumExperts, Value::Count(64))
        .apply(&Config::default());
    for (name, value) in args.as_object().expect("arguments") {
        // It shards the optimizer and leaves the groups as they are.
        if name.contains("instances") {
            continue;
        }
        let field = Field::at(&format!("parallel.{name}"));
        let field = field.unwrap_or_else(|| panic!("no field {name}"));
        let value = match value {
            Json::String(word) => Value::Text(word.clone()),
            number => Value::Count(number.as_u64().expect("a size")),
        };
        assert!(config.set(field, value), "{name}");
    }
    config
}

/// What the panel of a GPU tells, the table tells of every GPU.
#[test]
fn every_row_is_what_is_told_of_its_rank() {
    for (model, set) in [
        (
            "llama3-8b",
            vec![(Field::Tp, 2), (Field::Pp, 4), (Field::Vpp, 2)],
        ),
        (
            "deepseek-v2-lite",
            vec![(Field::Pp, 3), (Field::NumNodes, 3), (Field::Ep, 8)],
        ),
        (
            "mixtral-8x7b",
            vec![(Field::Cp, 2), (Field::Ep, 4), (Field::NumNodes, 2)],
        ),
        ("deepseek-v3", vec![(Field::NumNodes, 61), (Field::Pp, 61)]),
    ] {
        let start = Edit::one(Field::ModelPreset, Value::Text(model.to_owned()));
        let edit = set
            .iter()
            .fold(start, |edit, (field, n)| edit.and(*field, Value::Count(*n)));
        let config = edit.apply(&Config::default());
        let plan = Plan::of(&config);
        let report = Report::of_plan(&config, &plan);
        let table = Table::of(&config);
        assert_eq!(table.rows.len() as u64, plan.sizes.world_size);
        for number in 0..table.rows.len() {
            let rank = Rank::of(&plan, number as u64).expect("a rank");
            let place = rank.place.expect("a place");
            let told = |column: &str, expected: &str| {
                assert_eq!(
                    table.cell(number, column),
                    expected,
                    "{column} of {number}, {model}"
                );
            };
            told("rank", &rank.rank.to_string());
            told("node", &rank.node.to_string());
            told("gpu", &rank.slot.to_string());
            for group in &place.groups {
                told(group.dimension.short(), &group.coordinate.to_string());
            }
            let range = |first: u64, end: u64| format!("{first}..{}", end - 1);
            let layers = place.layers.iter().filter(|part| part.end > part.first);
            let layers: Vec<String> = layers.map(|part| range(part.first, part.end)).collect();
            told("layers", &layers.join(" "));
            told("embedding", &place.embedding.to_string());
            told("head", &place.head.to_string());
            if plan.model.moe.is_some() {
                let experts = place
                    .experts
                    .map(|experts| range(experts.first, experts.end));
                told("experts", &experts.unwrap_or_default());
            }
            let stage = plan.dense_mesh().coordinate(rank.rank, Dim::Pp) as usize;
            let memory = &report.memory.stages[stage];
            told("parameters", &format!("{:.0}", memory.parameters.round()));
            for (part, bytes) in memory.parts() {
                told(&format!("{part}_bytes"), &format!("{:.0}", bytes.round()));
            }
            told("total_bytes", &format!("{:.0}", memory.total.0.round()));
        }
    }
}
