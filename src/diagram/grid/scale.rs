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
                values.push(*figure);
            }
            last = *figure;
        }
        values.sort_by(f64::total_cmp);
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
    let steps = f64::from(STEPS);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let step = (share * steps).clamp(0.0, steps - 1.0) as u8;
    step
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
