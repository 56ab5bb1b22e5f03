//! Finds a GPU by what a reader types: a rank, or coordinates such as `pp=3 ep=7`.

use super::paint::Paint;
use crate::core::Plan;
use crate::core::experts::Experts;
use crate::core::mesh::Dim;
use crate::core::number::remainder;
use crate::core::pipeline::{Layers, Stage};
use crate::core::problems::MOST_GPUS;
use crate::core::stage_layers::StageLayers;
use crate::core::units::{counted, grouped};

/// The GPUs that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The one to look at: the first after the one that is looked at now.
    pub rank: u64,
    /// How many there are: `64 GPUs match, this is number 3. Find again goes on.`
    pub words: String,
}

/// What a reader asks of a GPU.
struct Wish {
    key: Key,
    value: u64,
}

#[derive(Clone, Copy)]
enum Key {
    Rank,
    Node,
    Slot,
    Layer,
    Expert,
    Dim(Dim),
}

/// The words that are understood beside the names of the dimensions.
const KEYS: [(&str, Key); 5] = [
    ("rank", Key::Rank),
    ("node", Key::Node),
    ("slot", Key::Slot),
    ("layer", Key::Layer),
    ("expert", Key::Expert),
];

/// What can be asked, for a reader.
pub const HINT: &str =
    "A rank such as 17, or coordinates such as pp=3 ep=7; also node=2 slot=5, layer=40, expert=3.";

/// Finds the first GPU that has all that is asked after the one of `now`, beginning anew behind the
/// last.
///
/// # Errors
/// Says what was not understood, or why there is no such GPU.
pub fn find(plan: &Plan, text: &str, now: Option<u64>) -> Result<Found, String> {
    let wishes = wishes(text)?;
    for wish in &wishes {
        possible(plan, wish)?;
    }
    let world = plan.cluster.world_size;
    let asker = Asker::of(plan, &wishes);
    // A rank that is told needs no search, which matters where there are a million.
    let ranks = match wishes.iter().find(|wish| matches!(wish.key, Key::Rank)) {
        Some(wish) => wish.value..wish.value.saturating_add(1),
        // No more are drawn.
        None => 0..world.min(MOST_GPUS),
    };
    let (mut all, mut first, mut next, mut place) = (0_u64, None, None, 0);
    for rank in ranks.filter(|rank| asker.matches(*rank)) {
        all = all.saturating_add(1);
        first = first.or(Some(rank));
        if next.is_none() && now.is_some_and(|now| rank > now) {
            (next, place) = (Some(rank), all);
        }
    }
    let Some(rank) = next.or(first) else {
        return Err("No GPU has all of these at once.".to_owned());
    };
    let words = match all {
        1 => "One GPU matches.".to_owned(),
        _ => format!(
            "{} match, this is number {}. Find again goes on.",
            counted(all, "GPU", "GPUs"),
            grouped(place.max(1))
        ),
    };
    Ok(Found { rank, words })
}

/// `pp=3 ep 7, node:2` as what is asked; a number alone is a rank.
fn wishes(text: &str) -> Result<Vec<Wish>, String> {
    // Every word that is known is ASCII; tables of all letters would be kilobytes of download.
    let text = text.to_ascii_lowercase();
    let mut wishes = Vec::new();
    let mut key = None;
    for part in parts(&text) {
        if let Ok(value) = part.parse::<u64>() {
            let key = key.take().unwrap_or(Key::Rank);
            wishes.push(Wish { key, value });
            continue;
        }
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("“{part}” is no number of a GPU."));
        }
        let named = KEYS
            .iter()
            .find(|(name, _)| *name == part)
            .map(|(_, key)| *key);
        let dim = Dim::ALL.iter().find(|dim| dim.short() == part);
        let known = named.or(dim.map(|dim| Key::Dim(*dim)));
        if known.is_none() || key.is_some() {
            return Err(format!("“{part}” is not understood. {HINT}"));
        }
        key = known;
    }
    match (wishes.is_empty(), key) {
        (_, Some(_)) => Err(format!("A number is missing at the end. {HINT}")),
        (true, None) => Err(HINT.to_owned()),
        (false, None) => Ok(wishes),
    }
}

/// Words and numbers one by one, whatever stands between them. Thousands that are set apart, as they
/// are where they are shown, are one number: `131,071`.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut before = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or("");
        let kind = match c {
            ',' if before == Some(true) && begins_with_thousand(rest) => continue,
            _ if c.is_ascii_digit() => Some(true),
            ',' | ' ' | '=' | ':' | ';' | '·' | '.' | '\t' => None,
            _ => Some(false),
        };
        match (kind, parts.last_mut()) {
            (Some(_), Some(part)) if before == kind => part.push(c),
            (Some(_), _) => parts.push(c.to_string()),
            (None, _) => {}
        }
        before = kind;
    }
    parts
}

/// Three digits and no more.
fn begins_with_thousand(text: &str) -> bool {
    text.bytes().take_while(u8::is_ascii_digit).count() == 3
}

/// Refuses what no GPU of the plan can have, with what it may be.
fn possible(plan: &Plan, wish: &Wish) -> Result<(), String> {
    let (cluster, model) = (&plan.cluster, &plan.model);
    let (dense, expert) = (plan.dense_mesh(), plan.expert_mesh());
    let of_dim: String;
    let (name, most) = match wish.key {
        Key::Rank => ("Ranks", cluster.world_size),
        Key::Node => ("Nodes", cluster.num_nodes),
        Key::Slot => ("Slots of a node", cluster.gpus_per_node),
        Key::Layer => ("Layers", model.num_layers),
        Key::Expert => (
            "Experts",
            model.moe.as_ref().map_or(0, |moe| moe.num_experts),
        ),
        Key::Dim(dim) => {
            let of_experts = matches!(dim, Dim::Etp | Dim::Ep | Dim::Edp);
            if of_experts && model.moe.is_none() {
                return Err(format!(
                    "The model has no experts, so no GPU has {} ranks.",
                    dim.name()
                ));
            }
            let axis = dense.axis(dim).or_else(|| expert.axis(dim));
            of_dim = [dim.name(), " ranks"].concat();
            (of_dim.as_str(), axis.map_or(0, |axis| axis.size))
        }
    };
    match most.checked_sub(1) {
        None => Err(format!("The plan has none of these: {name}.")),
        Some(last) if wish.value > last => Err(format!("{name} run from 0 to {}.", grouped(last))),
        Some(_) => Ok(()),
    }
}

/// Judges one GPU after the other.
struct Asker<'a> {
    plan: &'a Plan,
    paint: Paint,
    wishes: &'a [Wish],
    /// The stages, and their layers by kind.
    stages: Vec<(Stage, StageLayers)>,
    experts: Option<Experts>,
    /// GPUs that are in the experts' mesh.
    in_expert: u64,
}

impl<'a> Asker<'a> {
    fn of(plan: &'a Plan, wishes: &'a [Wish]) -> Asker<'a> {
        Asker {
            plan,
            paint: Paint::of(plan, Dim::Tp),
            wishes,
            stages: Stage::all(plan)
                .into_iter()
                .map(|stage| {
                    let layers = StageLayers::of(plan, &stage);
                    (stage, layers)
                })
                .collect(),
            experts: Experts::of(plan),
            in_expert: plan.expert_mesh().ranks,
        }
    }

    fn matches(&self, rank: u64) -> bool {
        self.wishes.iter().all(|wish| self.grants(wish, rank))
    }

    fn grants(&self, wish: &Wish, rank: u64) -> bool {
        let cluster = &self.plan.cluster;
        let found = match wish.key {
            Key::Rank => rank,
            Key::Node => cluster.node_of(rank),
            Key::Slot => remainder(rank, cluster.gpus_per_node),
            _ if rank >= self.paint.working => return false,
            Key::Dim(Dim::Ep | Dim::Etp | Dim::Edp) | Key::Expert if rank >= self.in_expert => {
                return false;
            }
            Key::Dim(dim) => self.coordinate(dim, rank),
            Key::Layer => {
                let has = |stage: &Stage| stage.chunks.iter().any(|c| holds(c, wish.value));
                return self.stage_of(rank).is_some_and(|(stage, _)| has(stage));
            }
            Key::Expert => {
                let ep = self.coordinate(Dim::Ep, rank);
                let has_moe = self
                    .stage_of(rank)
                    .is_some_and(|(_, layers)| layers.moe > 0);
                let experts = self.experts.as_ref().filter(|_| has_moe);
                return experts.is_some_and(|all| holds(&all.on(ep), wish.value));
            }
        };
        found == wish.value
    }

    fn stage_of(&self, rank: u64) -> Option<&(Stage, StageLayers)> {
        let stage = usize::try_from(self.coordinate(Dim::Pp, rank)).ok()?;
        self.stages.get(stage)
    }

    fn coordinate(&self, dim: Dim, rank: u64) -> u64 {
        // In a dimension of one GPU everybody is rank 0.
        let grouping = self.paint.grouping(dim);
        grouping.map_or(0, |grouping| grouping.axis.coordinate(rank))
    }
}

fn holds(part: &Layers, n: u64) -> bool {
    (part.first..part.end).contains(&n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;

    fn plan(id: &str) -> Plan {
        let preset = presets::PLANS.iter().find(|plan| plan.id == id);
        Plan::of(&preset.expect("a preset").config())
    }

    #[track_caller]
    fn finds(id: &str, text: &str, rank: u64, words: &str) {
        let found = find(&plan(id), text, None).expect(text);
        assert_eq!((found.rank, found.words.as_str()), (rank, words), "{text}");
    }

    #[track_caller]
    fn refuses(id: &str, text: &str, words: &str) {
        let reason = find(&plan(id), text, None).expect_err(text);
        assert!(reason.starts_with(words), "{text}: {reason}");
    }

    #[test]
    fn a_number_alone_is_a_rank() {
        finds("guide-7b-16", "9", 9, "One GPU matches.");
        finds("guide-7b-16", " rank 9 ", 9, "One GPU matches.");
        assert_eq!(parts("131,071"), ["131071"]);
        assert_eq!(parts("tp=1,dp=2,100"), ["tp", "1", "dp", "2100"]);
        assert_eq!(parts("tp 1, dp 2"), ["tp", "1", "dp", "2"]);
        refuses("guide-7b-16", "16", "Ranks run from 0 to 15.");
        refuses(
            "guide-7b-16",
            "99999999999999999999999",
            "“99999999999999999999999” is no number",
        );
    }

    #[test]
    fn coordinates_are_written_as_people_write_them() {
        for text in ["tp=1 dp=2", "TP 1, DP 2", "tp1 dp2", "dp: 2 · tp: 1"] {
            finds("guide-7b-16", text, 5, "One GPU matches.");
        }
        finds(
            "guide-64x3b-128",
            "ep=7 node=3",
            30,
            "2 GPUs match, this is number 1. Find again goes on.",
        );
        finds("guide-70b-32", "pp=3 tp=0", 24, "One GPU matches.");
        finds("guide-7b-16", "node 1 slot 7", 15, "One GPU matches.");
    }

    #[test]
    fn layers_and_experts_lead_to_those_who_hold_them() {
        finds(
            "guide-70b-32",
            "layer 79",
            24,
            "8 GPUs match, this is number 1. Find again goes on.",
        );
        finds(
            "guide-64x3b-64",
            "expert=63",
            7,
            "8 GPUs match, this is number 1. Find again goes on.",
        );
        // The first stages of this model have no experts.
        let deep = Edit::one(Field::ModelPreset, Value::Text("deepseek-v3".into()))
            .and(Field::Pp, Value::Count(61))
            .and(Field::NumNodes, Value::Count(61))
            .apply(&Config::default());
        let found = find(&Plan::of(&deep), "expert=0", None).expect("a GPU");
        assert_eq!(found.rank, 8 * 3);
        refuses("guide-70b-32", "layer 80", "Layers run from 0 to 79.");
        refuses(
            "guide-7b-16",
            "expert 0",
            "The plan has none of these: Experts.",
        );
        refuses("guide-7b-16", "ep=0", "The model has no experts");
    }

    #[test]
    fn asking_again_leads_to_the_next_and_at_the_end_to_the_first() {
        let plan = plan("guide-70b-32");
        let mut now = None;
        let ranks = [24, 25, 26, 27, 28, 29, 30, 31, 24].map(|_| {
            now = find(&plan, "layer 79", now).ok().map(|found| found.rank);
            now
        });
        assert_eq!(ranks[..2], [Some(24), Some(25)]);
        assert_eq!(ranks[7..], [Some(31), Some(24)]);
    }

    #[test]
    fn what_is_no_wish_is_told() {
        refuses("guide-7b-16", "", "A rank such as");
        refuses("guide-7b-16", "pp", "A number is missing");
        refuses("guide-7b-16", "gpu 3", "“gpu” is not understood.");
        refuses("guide-7b-16", "tp dp 3", "“dp” is not understood.");
        refuses("guide-7b-16", "tp=2", "TP ranks run from 0 to 1.");
        refuses(
            "guide-7b-16",
            "tp=0 tp=1",
            "No GPU has all of these at once.",
        );
        refuses(
            "guide-7b-16",
            "\u{202e}<b>",
            "“\u{202e}<b>” is not understood.",
        );
    }
}
