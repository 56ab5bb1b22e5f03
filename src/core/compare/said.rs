//! What was said of two plans, and what presets, tables and defaults fill in where neither says it.

use super::figure::{Figure, words};
use super::{Change, Line, Side};
use crate::core::config::{Config, Field, Kind, Value, shown};
use crate::core::json::Json;
use crate::core::number::rounded;
use crate::core::steps;
use crate::core::units::grouped;
use crate::core::{hardware, presets};

/// What stands in the place of what a plan does not have.
const NOT_THERE: &str = "—";

/// How many entries that could not be read have a line: a foreign file may bring hundreds.
const MOST_UNREAD: usize = 20;

/// The fields that were said in one plan at least, and what could not be read of either.
pub fn said(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let default = Config::default();
    let is_said = |field: &Field| {
        let values = [a.config.get(*field), b.config.get(*field)];
        values.iter().any(|value| *value != default.get(*field))
    };
    let fields = Field::ALL.iter().copied().filter(is_said);
    let mut lines: Vec<Line> = fields
        .map(|field| Line {
            // Two values may read the same: an unknown id is any text.
            change: differs(a.config.get(field) != b.config.get(field)),
            field: Some(field),
            ..words(field.info().label, entry(a, field), entry(b, field))
        })
        .collect();
    lines.extend(unread(a.config, b.config));
    lines
}

/// What the model and the cluster are in fields that neither plan says, with what changes. The memory
/// of a GPU stands with what it has to hold.
pub fn filled(a: Side<'_>, b: Side<'_>) -> Vec<Line> {
    let groups = [Field::ModelPreset, Field::Node].map(|field| field.info().group());
    let is_filled = |field: &Field| {
        let unsaid = |side: Side<'_>| side.config.get(*field) == Value::Unset;
        groups.contains(&field.info().group())
            && *field != Field::GpuMemory
            && unsaid(a)
            && unsaid(b)
    };
    let fields = Field::ALL.iter().copied().filter(is_filled);
    let lines = fields.map(|field| (field, in_effect(a, field), in_effect(b, field)));
    let lines = lines.filter(|(_, a, b)| *a != Value::Unset || *b != Value::Unset);
    lines.map(|(field, a, b)| figure(field, &a, &b)).collect()
}

/// What a field has in effect in both plans, and what changes where it is a number.
fn figure(field: Field, a: &Value, b: &Value) -> Line {
    let number = |value: &Value| match value {
        Value::Count(n) => Some(*n as f64),
        Value::Real(x) => Some(*x),
        _ => None,
    };
    let say = |x: f64| match a {
        // The difference of two decimals is a long one.
        Value::Real(_) => text(field, &Value::Real(rounded(x * 1e6) as f64 / 1e6)),
        _ => text(field, &Value::Count(rounded(x))),
    };
    let name = field.info().label;
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        let figure = Figure {
            name,
            a: Some(a),
            b: Some(b),
            is_cost: false,
            say: &say,
        };
        return figure.line();
    }
    let text = |value: &Value| match value {
        Value::Unset => NOT_THERE.to_owned(),
        value => text(field, value),
    };
    Line {
        change: differs(a != b),
        ..words(name, text(a), text(b))
    }
}

fn differs(differs: bool) -> Change {
    if differs { Change::Other } else { Change::None }
}

/// What a plan says of a field; else what that comes to.
fn entry(side: Side<'_>, field: Field) -> String {
    match (side.config.get(field), in_effect(side, field)) {
        (Value::Unset, Value::Unset) => "not said".to_owned(),
        (Value::Unset, value) => [&text(field, &value), " (not said)"].concat(),
        (value, _) => text(field, &value),
    }
}

/// The value that a field has in effect, a GPU and a node type by what they follow from.
fn in_effect(side: Side<'_>, field: Field) -> Value {
    let cluster = &side.plan.config.cluster;
    let follows = |id: Option<&str>| id.map_or(Value::Unset, |id| Value::Text(id.to_owned()));
    match field {
        Field::Gpu if cluster.gpu.is_none() => {
            let node = cluster.node.as_deref().and_then(hardware::node);
            follows(node.map(|node| node.gpu))
        }
        Field::Node if cluster.node.is_none() => {
            let gpu = cluster.gpu.as_deref().and_then(hardware::gpu);
            follows(gpu.map(|gpu| gpu.default_node))
        }
        _ => steps::in_effect(side.plan, field),
    }
}

/// A value as the form shows it: an entry of a table by its name. An id that no table has stays as it
/// was written, which may be any text.
fn text(field: Field, value: &Value) -> String {
    let name = |id: &str| match field.info().kind {
        Kind::Model => presets::model(id).map(|model| model.name),
        Kind::Gpu => hardware::gpu(id).map(|gpu| gpu.name),
        Kind::Node => hardware::node(id).map(|node| node.name),
        _ => None,
    };
    let is_id = matches!(field.info().kind, Kind::Model | Kind::Gpu | Kind::Node);
    match value {
        Value::Flag(on) => if *on { "on" } else { "off" }.to_owned(),
        Value::Count(n) if field.typed_unit().0.is_empty() => grouped(*n),
        Value::Text(id) if is_id => name(id).map_or_else(|| shown(id), str::to_owned),
        value => field.said(value),
    }
}

/// What could not be read of either plan: what differs first, and a great deal counted.
fn unread(a: &Config, b: &Config) -> Vec<Line> {
    let mut paths: Vec<&str> = Vec::new();
    for entry in a.unread.iter().chain(&b.unread) {
        if !paths.contains(&entry.path.as_str()) {
            paths.push(&entry.path);
        }
    }
    let is_other = |path: &&str| entry_at(a, path) != entry_at(b, path);
    let (mut paths, same): (Vec<&str>, Vec<&str>) = paths.into_iter().partition(is_other);
    paths.extend(same);
    let rest = paths.split_off(MOST_UNREAD.min(paths.len()));
    let text = |config: &Config, path: &str| match entry_at(config, path) {
        Some(value) => ["“", &shown(&value.to_string()), "”"].concat(),
        None => NOT_THERE.to_owned(),
    };
    let line = |path: &&str| Line {
        // Of a long value the beginning is shown alone.
        change: differs(is_other(path)),
        ..words(
            &["Not read: ", &shown(path)].concat(),
            text(a, path),
            text(b, path),
        )
    };
    let mut lines: Vec<Line> = paths.iter().map(line).collect();
    if !rest.is_empty() {
        let count = |config: &Config| {
            let there = |path: &&&str| entry_at(config, path).is_some();
            grouped(rest.iter().filter(there).count() as u64)
        };
        lines.push(Line {
            change: differs(rest.iter().any(is_other)),
            ..words("Not read: further entries", count(a), count(b))
        });
    }
    lines
}

/// What was written at a path and could not be read.
fn entry_at<'a>(config: &'a Config, path: &str) -> Option<&'a Json> {
    let entry = config.unread.iter().find(|entry| entry.path == path);
    entry.map(|entry| &entry.value)
}
