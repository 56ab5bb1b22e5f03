//! A figure of each GPU on a scale: its memory, its parameters, what it sends between nodes.

use super::paint::{HUES, hue};
use super::shade::{STEPS, Shade};
use super::words::MORE;
use crate::core::Plan;
use crate::core::mesh::Dim;
use crate::core::node_traffic::sent_between_nodes;
use crate::core::problems::MOST_GPUS;
use crate::core::stage_memory::StageMemory;
use crate::core::units::parameters;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The pipeline stage, which is a place rather than a size: hues tell it.
    Stage,
    /// Bytes of memory in use, by the guide's bytes with each stage's own layers.
    Memory,
    /// Parameters.
    Parameters,
    /// Bytes that a GPU sends in one step to GPUs outside of its node or NVLink domain.
    Network,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Measure; 4] = [
        Measure::Stage,
        Measure::Memory,
        Measure::Parameters,
        Measure::Network,
    ];

    /// The name on a button.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Stage => "Stage",
            Measure::Memory => "Memory",
            Measure::Parameters => "Parameters",
            Measure::Network => "Network",
        }
    }

    /// The name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Measure::Stage => "stage",
            Measure::Memory => "memory",
            Measure::Parameters => "parameters",
            Measure::Network => "network",
        }
    }

    /// What the figures are, as the end of “coloured by”.
    pub fn words(self) -> &'static str {
        match self {
            Measure::Stage => "pipeline stage",
            Measure::Memory => "memory in use",
            Measure::Parameters => "parameters held",
            Measure::Network => "bytes sent between nodes in one step",
        }
    }
}

/// GPUs of one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The figure with its unit.
    pub text: String,
    /// How they are filled.
    pub shade: Shade,
}

/// The figure of every GPU that is in the dense mesh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// The figures from the lowest to the highest.
    pub classes: Vec<Class>,
    /// Which of them each rank has.
    pub of_rank: Vec<u16>,
}

impl Scale {
    /// The figures of a plan's first `most` GPUs, of a million at the most; none where the plan does
    /// not tell enough.
    pub fn of(plan: &Plan, measure: Measure, most: u64) -> Option<Scale> {
        if measure != Measure::Stage && !plan.model.is_complete() {
            return None;
        }
        let dense = plan.dense_mesh();
        let ranks = plan.cluster.world_size.min(dense.ranks);
        let ranks = ranks.min(most).min(MOST_GPUS);
        let stage = dense.axis(Dim::Pp)?;
        let unit = plan.unit;
        let of_stages = |figure: fn(&StageMemory) -> f64| -> Vec<f64> {
            StageMemory::of_stages(plan).iter().map(figure).collect()
        };
        let by_stage = |classes: Vec<u16>| -> Vec<u16> {
            let of = |rank: u64| classes.get(usize::try_from(stage.coordinate(rank)).ok()?);
            (0..ranks)
                .map(|rank| of(rank).copied().unwrap_or(0))
                .collect()
        };
        let (classes, of_rank) = match measure {
            Measure::Stage => {
                let class = |stage: u64| Class {
                    text: ["stage ", &stage.to_string()].concat(),
                    shade: Shade::Hue(hue(stage)),
                };
                let of_stage = (0..stage.size).map(|s| u16::try_from(s).unwrap_or(u16::MAX));
                (
                    (0..stage.size).map(class).collect(),
                    by_stage(of_stage.collect()),
                )
            }
            Measure::Memory => {
                let limit = plan.cluster.gpu_memory_bytes.map(|bytes| bytes as f64);
                let figures = of_stages(|stage| stage.total.0);
                let (classes, of_stage) = classes(&figures, &|bytes| unit.text(bytes), limit)?;
                (classes, by_stage(of_stage))
            }
            Measure::Parameters => {
                let figures = of_stages(|stage| stage.parameters);
                let (classes, of_stage) = classes(&figures, &parameters, None)?;
                (classes, by_stage(of_stage))
            }
            Measure::Network => {
                let figures = sent_between_nodes(plan, ranks);
                classes(&figures, &|bytes| unit.scaled(bytes), None)?
            }
        };
        Some(Scale { classes, of_rank })
    }

    /// How a rank's cell is filled.
    pub fn shade(&self, rank: u64) -> Shade {
        self.class(rank).map_or(Shade::Alone, |class| class.shade)
    }

    /// A rank's figure.
    pub fn text(&self, rank: u64) -> Option<&str> {
        self.class(rank).map(|class| class.text.as_str())
    }

    fn class(&self, rank: u64) -> Option<&Class> {
        let place = self.of_rank.get(usize::try_from(rank).ok()?)?;
        self.classes.get(usize::from(*place))
    }

    /// How many GPUs need more than they have.
    pub fn too_full(&self) -> u64 {
        let is_over = |class: &Class| class.shade == Shade::Over;
        let first = self.classes.iter().position(is_over);
        // Classes ascend, so those beyond the limit are the last.
        first.map_or(0, |first| {
            let over = self
                .of_rank
                .iter()
                .filter(|class| usize::from(**class) >= first);
            over.count() as u64
        })
    }

    /// The shades that are used, with their figures: `28.1 GB`, or the lowest and the highest.
    pub fn legend(&self) -> Vec<(Shade, String)> {
        let mut entries: Vec<(Shade, &str, &str)> = Vec::new();
        for class in &self.classes {
            match entries.last_mut() {
                Some((shade, _, last)) if *shade == class.shade => *last = &class.text,
                _ => entries.push((class.shade, &class.text, &class.text)),
            }
        }
        let entry = |(shade, first, last): (Shade, &str, &str)| {
            let mut text = if first == last {
                first.to_owned()
            } else {
                [first, " to ", last].concat()
            };
            if shade == Shade::Over {
                text.push_str(", more than the GPU has");
            }
            (shade, text)
        };
        let mut entries: Vec<(Shade, String)> = entries.into_iter().map(entry).collect();
        let hues = usize::try_from(HUES).unwrap_or(usize::MAX);
        if entries.len() > hues {
            entries.truncate(hues);
            if let Some((_, last)) = entries.last_mut() {
                last.push_str(MORE);
            }
        }
        entries
    }
}

/// The classes of some figures from the lowest to the highest, and which of them each figure has.
/// Figures that read the same are of one class. `limit` is what a GPU has at most.
fn classes(
    figures: &[f64],
    text: &dyn Fn(f64) -> String,
    limit: Option<f64>,
) -> Option<(Vec<Class>, Vec<u16>)> {
    let values = distinct(figures);
    let high = values.last().copied()?;
    let shade = |value: f64| match limit {
        Some(limit) if value >= limit => Shade::Over,
        Some(limit) => Shade::Step(step(value / limit)),
        // From nothing on: what differs little looks alike.
        None => Shade::Step(step(value / high.max(f64::MIN_POSITIVE))),
    };
    let mut classes: Vec<Class> = Vec::new();
    // The last value of each class.
    let mut ends: Vec<f64> = Vec::new();
    for value in values {
        let class = Class {
            text: text(value),
            shade: shade(value),
        };
        match (classes.last(), ends.last_mut()) {
            (Some(last), Some(end)) if *last == class => *end = value,
            _ => {
                classes.push(class);
                ends.push(value);
            }
        }
    }
    let of = |figure: &f64| {
        let place = ends.partition_point(|end| end < figure);
        u16::try_from(place).unwrap_or(u16::MAX)
    };
    let of_figure = figures.iter().map(of).collect();
    Some((classes, of_figure))
}

/// The figures that differ, from the lowest to the highest. GPUs by the million have few: one of each
/// stage, or of each place in a node.
fn distinct(figures: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    let mut before = None;
    for figure in figures
        .iter()
        .filter(|figure| before.replace(**figure) != Some(**figure))
    {
        if let Err(place) = values.binary_search_by(|value| value.total_cmp(figure)) {
            values.insert(place, *figure);
        }
    }
    values
}

/// The step of a share of the scale.
fn step(share: f64) -> u8 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let step = (share * f64::from(STEPS)) as u8;
    step.min(STEPS.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;

    const MOST: u64 = 1 << 20;

    fn preset(id: &str) -> Config {
        let preset = presets::PLANS.iter().find(|plan| plan.id == id);
        preset.expect("a preset").config()
    }

    fn scale(config: &Config, measure: Measure) -> Scale {
        Scale::of(&Plan::of(config), measure, MOST).expect("figures")
    }

    #[track_caller]
    fn shows(config: &Config, measure: Measure, expected: &[(u64, &str)]) {
        let scale = scale(config, measure);
        for (rank, text) in expected {
            assert_eq!(
                scale.text(*rank),
                Some(*text),
                "rank {rank}: {:?}",
                scale.classes
            );
        }
    }

    #[test]
    fn with_one_stage_every_gpu_has_the_guides_memory() {
        let opening = presets::opening();
        shows(
            &opening,
            Measure::Memory,
            &[(0, "33.99 GB"), (15, "33.99 GB")],
        );
        shows(&opening, Measure::Parameters, &[(7, "3.5 B")]);
        let legend = scale(&opening, Measure::Memory).legend();
        assert_eq!(legend, [(Shade::Step(5), "33.99 GB".to_owned())]);
    }

    #[test]
    fn each_stage_has_its_own_memory_and_the_fullest_is_the_darkest() {
        let staged = preset("guide-70b-32");
        let scale = scale(&staged, Measure::Memory);
        let stages = StageMemory::of_stages(&Plan::of(&staged));
        for (rank, stage) in [(0, 0), (7, 0), (8, 1), (31, 3)] {
            let text = Plan::of(&staged).unit.text(stages[stage].total.0);
            assert_eq!(scale.text(rank), Some(text.as_str()));
        }
        let steps = [0, 8, 16, 31].map(|rank| scale.shade(rank));
        assert_eq!(
            steps,
            [
                Shade::Step(4),
                Shade::Step(4),
                Shade::Step(3),
                Shade::Step(3)
            ]
        );
    }

    #[test]
    fn more_than_the_gpu_has_is_told_apart() {
        let full = Edit::count(Field::Tp, 1).apply(&presets::opening());
        let scale = scale(&full, Measure::Memory);
        assert_eq!((scale.shade(3), scale.too_full()), (Shade::Over, 16));
        assert!(scale.legend()[0].1.ends_with(" GB, more than the GPU has"));
    }

    #[test]
    fn traffic_is_that_of_the_core() {
        let opening = Plan::of(&presets::opening());
        let sent = sent_between_nodes(&opening, 16);
        let text = opening.unit.scaled(sent[0]);
        shows(
            &presets::opening(),
            Measure::Network,
            &[(0, &text), (15, &text)],
        );
        let alone = Edit::count(Field::NumNodes, 1).apply(&presets::opening());
        shows(&alone, Measure::Network, &[(0, "0 B"), (7, "0 B")]);
    }

    #[test]
    fn stages_have_hues_of_their_own() {
        let staged = preset("guide-70b-32");
        shows(
            &staged,
            Measure::Stage,
            &[(0, "stage 0"), (8, "stage 1"), (31, "stage 3")],
        );
        let legend = scale(&staged, Measure::Stage).legend();
        assert_eq!((legend.len(), legend[3].0), (4, Shade::Hue(3)));
        let many = Edit::count(Field::Pp, 16).apply(&staged);
        let last = scale(&many, Measure::Stage)
            .legend()
            .pop()
            .expect("an entry");
        assert_eq!(last.1, "stage 7, … more in these colours");
    }

    #[test]
    fn a_model_that_is_not_told_has_no_figures() {
        for measure in [Measure::Memory, Measure::Parameters, Measure::Network] {
            assert_eq!(
                Scale::of(&Plan::of(&Config::default()), measure, MOST),
                None
            );
        }
    }

    #[test]
    fn many_stages_of_many_gpus_take_no_time_a_pair() {
        let many = Edit::count(Field::Pp, 10_000)
            .and(Field::NumLayers, Value::Count(10_000))
            .and(Field::NumNodes, Value::Count(1 << 17))
            .and(Field::GlobalBatch, Value::Count(1 << 20))
            .apply(&presets::opening());
        let scale = scale(&many, Measure::Memory);
        assert_eq!(
            scale.of_rank.len() as u64,
            Plan::of(&many).dense_mesh().ranks
        );
    }

    #[test]
    fn a_legend_joins_the_figures_of_a_step() {
        let figures: Vec<f64> = (0..24).map(f64::from).collect();
        let (classes, of_rank) = classes(&figures, &|x| x.to_string(), None).expect("figures");
        assert_eq!((of_rank[0], of_rank[23]), (0, 23));
        let legend = Scale { classes, of_rank }.legend();
        assert_eq!(legend.len(), usize::from(STEPS));
        assert_eq!(legend[0], (Shade::Step(0), "0 to 3".to_owned()));
        assert_eq!(legend[5], (Shade::Step(5), "20 to 23".to_owned()));
        assert!(super::classes(&[], &|x| x.to_string(), None).is_none());
    }
}
