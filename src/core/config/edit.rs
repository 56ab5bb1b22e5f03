//! A change to a plan: some fields and their new values.

use super::{Config, Field, Value};
use crate::core::json::Json;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A change to a plan, such as the fix of a check. In JSON it is `{"label": …, "set": {path: value}}`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edit {
    /// The fields and their new values; an unset value restores the default.
    pub set: Vec<(Field, Value)>,
}

impl Edit {
    /// The change of one field.
    pub fn one(field: Field, value: Value) -> Edit {
        Edit {
            set: vec![(field, value)],
        }
    }

    /// The change of one whole-number field.
    pub fn count(field: Field, n: u64) -> Edit {
        Edit::one(field, Value::Count(n))
    }

    /// Adds a field to the change.
    #[must_use]
    pub fn and(mut self, field: Field, value: Value) -> Edit {
        self.set.push((field, value));
        self
    }

    /// The plan after the change.
    pub fn apply(&self, config: &Config) -> Config {
        let mut changed = config.clone();
        for (field, value) in &self.set {
            changed.set(*field, value.clone());
        }
        changed
    }

    /// Whether every figure lies in its field's range.
    pub fn is_in_range(&self) -> bool {
        self.set
            .iter()
            .all(|(field, value)| (*field).clamp(value) == *value)
    }

    /// The change from one plan to another, field by field.
    pub fn between(from: &Config, to: &Config) -> Edit {
        let differs = |field: &&Field| from.get(**field) != to.get(**field);
        Edit {
            set: Field::ALL
                .iter()
                .filter(differs)
                .map(|f| (*f, to.get(*f)))
                .collect(),
        }
    }

    /// The change in words: "Set TP tensor to 4 and global batch to 256".
    pub fn label(&self) -> String {
        let parts: Vec<String> = self
            .set
            .iter()
            .map(|(field, value)| words(*field, value))
            .collect();
        match parts.split_last() {
            None => "No change".to_owned(),
            Some((last, [])) => sentence(last),
            Some((last, rest)) => sentence(&format!("{} and {last}", rest.join(", "))),
        }
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        std::iter::once(first.to_ascii_uppercase())
            .chain(chars)
            .collect()
    })
}

fn words(field: Field, value: &Value) -> String {
    let label = field.info().spoken();
    let unit = field.typed_unit().0;
    match value {
        Value::Flag(true) => format!("turn {label} on"),
        Value::Flag(false) => format!("turn {label} off"),
        Value::Unset => format!("unset {label}"),
        _ if unit.is_empty() => format!("set {label} to {}", field.typed(value)),
        _ => format!("set {label} to {} {unit}", field.typed(value)),
    }
}

impl Serialize for Edit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let set = self
            .set
            .iter()
            .map(|(f, v)| (f.info().path.to_owned(), v.to_json()))
            .collect();
        let mut edit = serializer.serialize_struct("Edit", 2)?;
        edit.serialize_field("label", &self.label())?;
        edit.serialize_field("set", &Json::Object(set))?;
        edit.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_says_what_it_does() {
        let edit = Edit::count(Field::Tp, 4).and(Field::GpuMemory, Value::Count(80_000_000_000));
        assert_eq!(edit.label(), "Set TP to 4 and set GPU memory to 80 GB");
        assert_eq!(
            Edit::one(Field::Sp, Value::Flag(true)).label(),
            "Turn SP on"
        );
    }

    #[test]
    fn the_change_between_two_plans_leads_from_one_to_the_other() {
        let from = Config::default();
        let to = Edit::count(Field::Pp, 4)
            .and(Field::Sp, Value::Flag(false))
            .apply(&from);
        assert_eq!(Edit::between(&from, &to).apply(&from), to);
    }
}
