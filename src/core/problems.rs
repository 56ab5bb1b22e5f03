//! What cannot be taken as it was written: entries that are no values, unknown names, figures out
//! of range, missing or contradicting ones.

use super::checks::{Status, sound_value};
use super::config::{Config, Edit, Field, Kind, Unread, Value, shown};
use super::hardware;
use super::json::Json;
use super::layer_pattern;
use super::plan::Plan;
use super::presets;
use super::units::{grouped, parameters};
use serde::Serialize;

/// More GPUs than this are counted but not drawn or listed.
pub const MOST_GPUS: u64 = 1 << 20;

/// Something wrong with what was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// The field's path.
    pub field: String,
    /// What stands there; empty where something is missing.
    pub value: String,
    /// `fail`, or `warn` where the plan can still be judged.
    pub status: Status,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What would do, in a sentence.
    pub would_do: String,
    /// An edit that mends it.
    pub fix: Option<Edit>,
}

/// Every problem of a configuration, whose filled-in plan is `plan`.
pub fn problems(config: &Config, plan: &Plan) -> Vec<Problem> {
    let mut all: Vec<Problem> = config
        .unread
        .iter()
        .map(|u| unread(config, plan, u))
        .collect();
    for &field in Field::ALL {
        // One thing at a time: what stands there now is said already.
        if config.unread_at(field).is_none() {
            all.extend(out_of_range(config, plan, field));
        }
        all.extend(unknown_name(config, field));
    }
    all.extend(layer_pattern::problem(plan));
    all.extend(missing(config, plan));
    all.extend(contradicting(config, plan));
    all
}

impl Problem {
    /// A problem of a field that says what the field takes.
    pub fn new(field: Field, value: String, status: Status, message: String) -> Problem {
        Problem {
            field: field.info().path.to_owned(),
            value,
            status,
            message,
            would_do: format!("It takes {}.", field.takes()),
            fix: None,
        }
    }
}

/// An edit that also sets what could not be taken as it was written to what the figures were computed
/// with. An unknown name or a missing figure is for the reader to tell.
pub fn settled(mut edit: Edit, plan: &Plan, problems: &[Problem]) -> Edit {
    let fields = problems
        .iter()
        .filter(|p| p.status == Status::Fail && !p.value.is_empty())
        .filter_map(|p| Field::at(&p.field));
    for field in fields {
        let is_name = matches!(field.info().kind, Kind::Model | Kind::Gpu | Kind::Node);
        if !is_name && edit.set.iter().all(|(set, _)| *set != field) {
            edit.set.push((field, plan.config.get(field)));
        }
    }
    edit
}

fn unread(config: &Config, plan: &Plan, unread: &Unread) -> Problem {
    let Some(field) = Field::at(&unread.path) else {
        return unknown_field(unread);
    };
    let info = field.info();
    let (problem, nearest) = match field.read(&unread.value) {
        Err(misread) => (misread.problem, misread.nearest),
        // What was typed in another unit may read as a plain number.
        Ok(_) => ("cannot be read".to_owned(), None),
    };
    let same_unit = field.typed_unit().1 == 1.0;
    let nearest = nearest.filter(|_| same_unit);
    let held = field.clamp(&config.get(field));
    let figures = computed(field, &held);
    Problem {
        fix: Some(sound_value(plan, field, nearest.unwrap_or(held))),
        ..Problem::new(
            field,
            unread.value.to_string(),
            Status::Fail,
            format!(
                "{} “{}” {problem}. Until it is mended, figures are computed {figures}.",
                info.label,
                shown(&unread.value.to_string())
            ),
        )
    }
}

/// How figures are computed with a value in the place of what cannot be taken.
fn computed(field: Field, held: &Value) -> String {
    match held {
        Value::Unset => "as if it were not set".to_owned(),
        value => format!("with {}", field.said(value)),
    }
}

fn unknown_field(unread: &Unread) -> Problem {
    let close = closest(&unread.path, Field::ALL.iter().map(|f| f.info().path));
    let group =
        !unread.path.contains('.') && Field::ALL.iter().any(|f| f.info().group() == unread.path);
    let (message, status) = match (&unread.value, unread.path.as_str()) {
        (value, "") => (
            format!("The plan is {}, not an object.", value.kind()),
            Status::Fail,
        ),
        (value, path) if group => (
            format!(
                "“{}” is {}, where a group of fields belongs.",
                shown(path),
                value.kind()
            ),
            Status::Fail,
        ),
        (_, path) => (
            format!(
                "Meshplan does not know the field “{}”. It is kept and changes nothing.",
                shown(path)
            ),
            Status::Warn,
        ),
    };
    Problem {
        field: unread.path.clone(),
        value: unread.value.to_string(),
        status,
        message,
        would_do: close.map_or_else(
            || {
                if group {
                    "Write its fields in braces."
                } else {
                    "Leave it out, or look its name up."
                }
                .to_owned()
            },
            |name| format!("Is “{name}” meant?"),
        ),
        fix: None,
    }
}

fn out_of_range(config: &Config, plan: &Plan, field: Field) -> Option<Problem> {
    if matches!(field.info().kind, Kind::Flag) {
        return None;
    }
    let value = config.get(field);
    let held = field.clamp(&value);
    (held != value).then(|| {
        let written = field.said(&value);
        let problem = match (&value, field.range()) {
            (Value::Count(0), _) if held == Value::Unset => "must be more than 0".to_owned(),
            (Value::Count(0), _) => "must be at least 1".to_owned(),
            (Value::Count(n), Some((min, _))) if *n < min => format!("must be at least {min}"),
            (_, Some((_, max))) => format!("is larger than {}", grouped(max)),
            _ => "is not a usable rate".to_owned(),
        };
        Problem {
            fix: Some(sound_value(plan, field, held.clone())),
            ..Problem::new(
                field,
                written.clone(),
                Status::Fail,
                format!(
                    "{} {written} {problem}. Figures are computed {}.",
                    field.info().label,
                    computed(field, &held)
                ),
            )
        }
    })
}

fn unknown_name(config: &Config, field: Field) -> Option<Problem> {
    let Value::Text(name) = config.get(field) else {
        return None;
    };
    let known: Vec<&'static str> = match field.info().kind {
        Kind::Model => presets::models().map(|m| m.id).collect(),
        Kind::Gpu => hardware::GPUS.iter().map(|g| g.id).collect(),
        Kind::Node => hardware::NODES.iter().map(|n| n.id).collect(),
        _ => return None,
    };
    if known.contains(&name.as_str()) {
        return None;
    }
    let close = closest(&name, known.iter().copied()).or(known.first().copied());
    Some(Problem {
        would_do: format!("Known are {}.", known.join(", ")),
        fix: close.map(|id| Edit::one(field, Value::Text(id.to_owned()))),
        ..Problem::new(
            field,
            name.clone(),
            Status::Fail,
            format!(
                "{} “{}” is not in the table.",
                field.info().label,
                shown(&name)
            ),
        )
    })
}

fn missing(config: &Config, plan: &Plan) -> Vec<Problem> {
    let mut all = Vec::new();
    let unknown_preset = config
        .model
        .preset
        .as_deref()
        .is_some_and(|id| presets::model(id).is_none());
    let lacking = |field: Field, what: &str| Problem {
        would_do: "Choose a preset, or give the figure.".to_owned(),
        fix: Some(Edit::one(
            Field::ModelPreset,
            Value::Text(presets::OPENING_MODEL.to_owned()),
        )),
        ..Problem::new(
            field,
            String::new(),
            // With the count alone, sizes, groups and batch can still be judged.
            match plan.model.num_parameters {
                0 => Status::Fail,
                _ => Status::Warn,
            },
            format!("{} {what}", field.info().label),
        )
    };
    if !unknown_preset {
        if plan.model.num_layers == 0 {
            all.push(lacking(
                Field::NumLayers,
                "are not told: activations and stages are unknown.",
            ));
        }
        if plan.model.hidden_size == 0 {
            all.push(lacking(
                Field::HiddenSize,
                "is not told: activations are unknown.",
            ));
        }
        if plan.model.num_parameters == 0 {
            all.push(lacking(
                Field::NumParameters,
                "are not told: weights are unknown.",
            ));
        }
    }
    let unknown_cluster = config.cluster.gpu.is_some() || config.cluster.node.is_some();
    if plan.cluster.gpu_memory_bytes.is_none() && !unknown_cluster {
        all.push(Problem {
            would_do: "Choose a GPU or a node type, or give the memory.".to_owned(),
            ..Problem::new(
                Field::GpuMemory,
                String::new(),
                // Sizes, groups, batch and Megatron's rules can still be judged.
                Status::Warn,
                "GPU memory is not told: whether the plan fits is unknown.".to_owned(),
            )
        });
    }
    all
}

fn contradicting(config: &Config, plan: &Plan) -> Vec<Problem> {
    let mut all = Vec::new();
    let node = config.cluster.node.as_deref().and_then(hardware::node);
    let gpu = config.cluster.gpu.as_deref().and_then(hardware::gpu);
    if let (Some(node), Some(gpu)) = (node, gpu)
        && node.gpu != gpu.id
    {
        let theirs = hardware::gpu(node.gpu).map_or(node.gpu, |g| g.name);
        all.push(Problem {
            would_do: "Name another node type, or leave the GPU to the node type.".to_owned(),
            fix: Some(Edit::one(Field::Gpu, Value::Unset)),
            ..Problem::new(
                Field::Gpu,
                gpu.id.to_owned(),
                Status::Warn,
                format!(
                    "{} has {theirs}, the plan says {}. The plan's GPU is used.",
                    node.name, gpu.name
                ),
            )
        });
    }
    let (domain, node_gpus) = (
        plan.config.cluster.nvlink_domain_gpus,
        plan.cluster.gpus_per_node,
    );
    if let Some(domain) = domain.filter(|domain| *domain < node_gpus) {
        all.push(Problem {
            would_do: format!("It takes the {node_gpus} GPUs of a node, or more."),
            fix: Some(Edit::one(Field::NvlinkDomain, Value::Unset)),
            ..Problem::new(
                Field::NvlinkDomain,
                domain.to_string(),
                Status::Warn,
                format!(
                    "An NVLink domain of {domain} GPUs is smaller than a node of {node_gpus}. \
                     Figures are computed with {}.",
                    plan.cluster.nvlink_domain_gpus
                ),
            )
        });
    }
    let model = &plan.model;
    let (stated, counted) = (model.num_parameters as f64, model.counted_parameters as f64);
    let stated_by_plan = config.model.num_parameters.is_some();
    if stated_by_plan && model.vocab_size > 0 && counted > 0.0 {
        let ratio = stated / counted;
        if !(0.5..=2.0).contains(&ratio) {
            all.push(Problem {
                would_do: "Leave the count out to have it counted from the architecture."
                    .to_owned(),
                fix: Some(Edit::one(Field::NumParameters, Value::Unset)),
                ..Problem::new(
                    Field::NumParameters,
                    parameters(stated),
                    Status::Warn,
                    format!(
                        "The plan states {} parameters; its architecture has {}. The stated count \
                         is used.",
                        parameters(stated),
                        parameters(counted)
                    ),
                )
            });
        }
    }
    if plan.cluster.world_size > MOST_GPUS {
        all.push(Problem {
            would_do: format!("Plan for at most {} GPUs.", grouped(MOST_GPUS)),
            ..Problem::new(
                Field::NumNodes,
                plan.cluster.num_nodes.to_string(),
                Status::Warn,
                format!(
                    "{} GPUs are more than Meshplan draws and lists; the figures hold.",
                    grouped(plan.cluster.world_size)
                ),
            )
        });
    }
    all
}

/// Whether a configuration could be read in full: no entry of a wrong type, no unknown name.
/// Fields that are merely unknown do not count.
pub fn unreadable(config: &Config) -> bool {
    config.unread.iter().any(|unread| {
        Field::at(&unread.path).is_some()
            || Field::ALL.iter().any(|f| f.info().group() == unread.path)
            || (unread.path.is_empty() && !matches!(unread.value, Json::Object(_)))
    })
}

/// A hostile name must not cost more than a long one: no more characters are compared.
const LONGEST: usize = 64;

/// The known word that is nearest to a written one, if any is near at all.
fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    if let Some(longer) = known.clone().find(|candidate| candidate.starts_with(word)) {
        return Some(longer).filter(|_| !word.is_empty());
    }
    let length = |word: &str| word.chars().take(LONGEST).count();
    let limit = length(word).max(3) / 2;
    known
        // Words are at least as far apart as their lengths, and a link may bring hundreds of names.
        .filter(|candidate| length(candidate).abs_diff(length(word)) <= limit)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance: insertions, deletions and replacements between two words.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(LONGEST).collect();
    // From every beginning of `a` to what of `b` was looked at.
    let mut row: Vec<usize> = (1..=a.len()).collect();
    let mut last = 0;
    for (i, y) in b.chars().take(LONGEST).enumerate() {
        let mut diagonal = i;
        last = i.saturating_add(1);
        for (x, above) in a.iter().zip(&mut row) {
            let replaced = diagonal.saturating_add(usize::from(*x != y));
            diagonal = *above;
            last = replaced
                .min(last.saturating_add(1))
                .min(above.saturating_add(1));
            *above = last;
        }
    }
    row.last().copied().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(
            (
                distance("kitten", "sitting"),
                distance("", "abc"),
                distance("a", "a")
            ),
            (3, 3, 0)
        );
    }

    #[track_caller]
    fn only_problem(json: &str) -> Problem {
        let config: Config = serde_json::from_str(json).expect("JSON");
        let sound = Config::from_json(&Json::Object(vec![]));
        let base = problems(&sound, &Plan::of(&sound)).len();
        let all = problems(&config, &Plan::of(&config));
        assert!(all.len() <= base + 1, "{all:#?}");
        all.into_iter().next().expect("a problem")
    }

    #[test]
    fn a_wrong_type_names_the_field_and_what_would_do() {
        let p = only_problem(r#"{"parallel": {"tensor_model_parallel_size": [2]}}"#);
        assert_eq!(p.field, "parallel.tensor_model_parallel_size");
        assert!(p.message.contains("is a list"), "{}", p.message);
        assert!(
            p.would_do.contains("a whole number from 1"),
            "{}",
            p.would_do
        );
    }

    #[test]
    fn an_unknown_field_is_a_warning_with_the_nearest_name() {
        let p = only_problem(r#"{"parallel": {"tensor_parallel_size": 2}}"#);
        assert_eq!(p.status, Status::Warn);
        assert!(
            p.would_do.contains("tensor_model_parallel_size"),
            "{}",
            p.would_do
        );
    }

    #[test]
    fn an_unknown_gpu_names_the_nearest() {
        let p = only_problem(r#"{"cluster": {"gpu": "h100-80gb"}}"#);
        let fix = p.fix.expect("a fix");
        assert_eq!(fix.set, [(Field::Gpu, Value::Text("h100-sxm-80gb".into()))]);
    }

    #[test]
    fn an_nvlink_domain_below_a_node_is_a_warning() {
        let config = Edit::count(Field::NvlinkDomain, 4).apply(&presets::opening());
        let all = problems(&config, &Plan::of(&config));
        let p = all.first().expect("a problem");
        assert_eq!((p.status, p.fix.is_some()), (Status::Warn, true));
        assert!(
            p.message.contains("smaller than a node of 8"),
            "{}",
            p.message
        );
    }

    #[test]
    fn zero_and_huge_are_out_of_range() {
        let p = only_problem(r#"{"parallel": {"tensor_model_parallel_size": 0}}"#);
        assert!(p.message.contains("must be at least 1"), "{}", p.message);
        let p = only_problem(r#"{"parallel": {"tensor_model_parallel_size": 9007199254740991}}"#);
        assert!(
            p.message.contains("is larger than 1,048,576"),
            "{}",
            p.message
        );
    }
}
