//! A figure of each GPU on a scale: its memory, its parameters, what it sends between nodes.

use super::shade::{STEPS, Shade};
use crate::core::Plan;
use crate::core::communication::{Reach, Traffic, axes_of, communication};
use crate::core::mesh::{Axis, Dim};
use crate::core::number::quotient;
use crate::core::stage_memory::StageMemory;
use crate::core::units::parameters;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Bytes of memory in use, by the guide's bytes with each stage's own layers.
    Memory,
    /// Parameters.
    Parameters,
    /// Bytes that a GPU sends in one step to GPUs outside of its node or NVLink domain.
    Network,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Measure; 3] = [Measure::Memory, Measure::Parameters, Measure::Network];

    /// The name on a button.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Memory => "Memory",
            Measure::Parameters => "Parameters",
            Measure::Network => "Network",
        }
    }

    /// The name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Measure::Memory => "memory",
            Measure::Parameters => "parameters",
            Measure::Network => "network",
        }
    }

    /// What the figures are, as the end of “coloured by”.
    pub fn words(self) -> &'static str {
        match self {
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

/// A figure, and how it is written.
type Figures = (Vec<f64>, Box<dyn Fn(f64) -> String>);

impl Scale {
    /// The figures of a plan's first `most` GPUs; none where the plan does not tell enough.
    pub fn of(plan: &Plan, measure: Measure, most: u64) -> Option<Scale> {
        let dense = plan.dense_mesh();
        let ranks = plan.cluster.world_size.min(dense.ranks).min(most);
        let stage = dense.axis(Dim::Pp)?;
        let unit = plan.unit;
        let of_stages = |figure: fn(&StageMemory) -> f64| -> Vec<f64> {
            let stages: Vec<f64> = StageMemory::of_stages(plan).iter().map(figure).collect();
            let at = |rank: u64| usize::try_from(stage.coordinate(rank)).ok();
            let of = |rank: u64| at(rank).and_then(|stage| stages.get(stage)).copied();
            (0..ranks).map(|rank| of(rank).unwrap_or(0.0)).collect()
        };
        let (figures, text): Figures = match measure {
            Measure::Memory => (
                of_stages(|stage| stage.total.0),
                Box::new(move |bytes| unit.text(bytes)),
            ),
            Measure::Parameters => (of_stages(|stage| stage.parameters), Box::new(parameters)),
            Measure::Network => (
                sent_between_nodes(plan, ranks),
                Box::new(move |bytes| unit.scaled(bytes)),
            ),
        };
        let most = match measure {
            Measure::Memory => plan.cluster.gpu_memory_bytes.map(|bytes| bytes as f64),
            _ => None,
        };
        Scale::new(&figures, &*text, most)
    }

    /// The scale of some figures. `limit` is what a GPU has at most.
    fn new(figures: &[f64], text: &dyn Fn(f64) -> String, limit: Option<f64>) -> Option<Scale> {
        let mut values: Vec<f64> = Vec::new();
        let mut last = f64::NAN;
        for figure in figures {
            // GPUs beside each other are mostly alike.
            if *figure != last && !values.contains(figure) {
                let place = values.iter().position(|value| value > figure);
                values.insert(place.unwrap_or(values.len()), *figure);
            }
            last = *figure;
        }
        values.truncate(usize::from(u16::MAX));
        let (low, high) = (values.first().copied()?, values.last().copied()?);
        if high <= 0.0 && limit.is_some() {
            return None;
        }
        let shade = |value: f64| match limit {
            Some(limit) if value >= limit => Shade::Over,
            Some(limit) => Shade::Step(step(value / limit)),
            None if high > low => Shade::Step(step((value - low) / (high - low))),
            // All are alike.
            None => Shade::Step(STEPS / 2),
        };
        let class = |value: &f64| Class {
            text: text(*value),
            shade: shade(*value),
        };
        let classes = values.iter().map(class).collect();
        let mut of_rank = Vec::with_capacity(figures.len());
        let (mut last, mut place) = (f64::NAN, 0_u16);
        for figure in figures {
            if *figure != last {
                let at = values.iter().position(|value| value == figure);
                place = at.and_then(|at| u16::try_from(at).ok()).unwrap_or(0);
                last = *figure;
            }
            of_rank.push(place);
        }
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
            let text = if first == last {
                first.to_owned()
            } else {
                [first, " to ", last].concat()
            };
            (shade, text)
        };
        entries.into_iter().map(entry).collect()
    }
}

/// The step of a share of the scale.
fn step(share: f64) -> u8 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let step = (share * f64::from(STEPS)) as u8;
    step.min(STEPS.saturating_sub(1))
}

/// What each rank sends in one step to GPUs outside of its node or NVLink domain, bytes.
fn sent_between_nodes(plan: &Plan, ranks: u64) -> Vec<f64> {
    let mut sent = vec![0.0; usize::try_from(ranks).unwrap_or(0)];
    let domain = plan.cluster.nvlink_domain_gpus.max(1);
    let wraps = plan.sizes.virtual_pipeline_model_parallel_size > 1;
    for traffic in communication(plan) {
        let Some(axes) = axes_of(plan, traffic.dimension) else {
            continue;
        };
        let bytes = traffic.sent_bytes_per_gpu_per_step.0;
        if let (Reach::Group, Some(all)) = (traffic.reach, all_or_none(&traffic)) {
            if all {
                sent.iter_mut().for_each(|sent| *sent += bytes);
            }
            continue;
        }
        for (rank, sent) in (0..ranks).zip(&mut sent) {
            let leaves = match (traffic.reach, axes.as_slice()) {
                (Reach::Group, axes) => group_leaves(axes, rank, domain),
                (Reach::Next, [axis]) => neighbour_leaves(*axis, rank, domain, true, wraps),
                (Reach::Previous, [axis]) => neighbour_leaves(*axis, rank, domain, false, wraps),
                _ => false,
            };
            if leaves {
                *sent += bytes;
            }
        }
    }
    sent
}

/// Whether all groups leave, or none; nothing where some do.
fn all_or_none(traffic: &Traffic) -> Option<bool> {
    let crossing = traffic.crossing;
    match crossing.crossing {
        0 => Some(false),
        some if some == crossing.groups => Some(true),
        _ => None,
    }
}

/// Whether the group of a rank along some axes together leaves its domain.
fn group_leaves(axes: &[Axis], rank: u64, domain: u64) -> bool {
    let mut first = rank;
    let mut span = 0_u64;
    for axis in axes {
        let before = axis.coordinate(rank).saturating_mul(axis.stride);
        first = first.saturating_sub(before);
        span = span.saturating_add(axis.size.saturating_sub(1).saturating_mul(axis.stride));
    }
    quotient(first, domain) != quotient(first.saturating_add(span), domain)
}

/// Whether the stage after a rank, or the one before it, is outside of its domain. With VPP the last
/// stage sends on to the first.
fn neighbour_leaves(axis: Axis, rank: u64, domain: u64, next: bool, wraps: bool) -> bool {
    let span = axis.size.saturating_sub(1).saturating_mul(axis.stride);
    let coordinate = axis.coordinate(rank);
    let (at_end, far) = if next {
        (
            coordinate.saturating_add(1) == axis.size,
            rank.saturating_sub(span),
        )
    } else {
        (coordinate == 0, rank.saturating_add(span))
    };
    let neighbour = match (at_end, next) {
        (true, _) if !wraps => return false,
        (true, _) => far,
        (false, true) => rank.saturating_add(axis.stride),
        (false, false) => rank.saturating_sub(axis.stride),
    };
    quotient(rank, domain) != quotient(neighbour, domain)
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

    /// The traffic of a plan that goes along a dimension, bytes that a GPU sends.
    fn sent(config: &Config, dim: Dim, reach: Reach) -> f64 {
        let traffic = communication(&Plan::of(config));
        let of_dim = traffic
            .iter()
            .filter(|t| t.dimension == dim && t.reach == reach);
        of_dim.map(|t| t.sent_bytes_per_gpu_per_step.0).sum()
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
        let steps = |rank: u64| scale.shade(rank).index();
        assert!(steps(0) >= steps(31), "{scale:?}");
    }

    #[test]
    fn more_than_the_gpu_has_is_told_apart() {
        let full = Edit::count(Field::Tp, 1).apply(&presets::opening());
        assert_eq!(scale(&full, Measure::Memory).shade(3), Shade::Over);
    }

    #[test]
    fn traffic_counts_only_where_it_leaves_the_node() {
        let opening = presets::opening();
        let dp = sent(&opening, Dim::Dp, Reach::Group);
        assert!(dp > 0.0);
        let text = Plan::of(&opening).unit.scaled(dp);
        shows(
            &opening,
            Measure::Network,
            &[(0, text.as_str()), (15, text.as_str())],
        );
        let alone = Edit::count(Field::NumNodes, 1).apply(&opening);
        shows(&alone, Measure::Network, &[(0, "0 B"), (7, "0 B")]);
        // Of the groups of three, only 6, 7 and 8 stand on two nodes.
        let three = Edit::count(Field::Tp, 3).apply(&opening);
        let scale = scale(&three, Measure::Network);
        let dp_alone = scale.text(0);
        assert!(
            scale.text(6) != dp_alone && scale.text(7) != dp_alone && scale.text(8) != dp_alone
        );
        assert_eq!(scale.text(9), dp_alone);
    }

    #[test]
    fn the_first_stage_sends_forward_and_the_last_back() {
        // TP 8 and PP 4 on four nodes: every stage is a node.
        let staged = preset("guide-70b-32");
        let unit = Plan::of(&staged).unit;
        let (forward, back) = (
            sent(&staged, Dim::Pp, Reach::Next),
            sent(&staged, Dim::Pp, Reach::Previous),
        );
        let texts = [forward, forward + back, back].map(|bytes| unit.scaled(bytes));
        let expected = [
            (0, &*texts[0]),
            (8, &*texts[1]),
            (23, &*texts[1]),
            (31, &*texts[2]),
        ];
        shows(&staged, Measure::Network, &expected);
        // With virtual stages the last sends on to the first.
        let virtual_stages = Edit::one(Field::Vpp, Value::Count(2)).apply(&staged);
        let scale = scale(&virtual_stages, Measure::Network);
        assert_eq!(scale.classes.len(), 1, "{:?}", scale.classes);
    }

    #[test]
    fn a_legend_joins_the_figures_of_a_step() {
        let figures: Vec<f64> = (0..24).map(f64::from).collect();
        let scale = Scale::new(&figures, &|x| x.to_string(), None).expect("a scale");
        let legend = scale.legend();
        assert_eq!(legend.len(), usize::from(STEPS));
        assert_eq!(legend[0], (Shade::Step(0), "0 to 3".to_owned()));
        assert_eq!(legend[5], (Shade::Step(5), "20 to 23".to_owned()));
        assert_eq!(Scale::new(&[], &|x| x.to_string(), None), None);
    }
}
