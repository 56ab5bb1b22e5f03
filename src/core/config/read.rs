//! JSON to plan and back. Reading never fails: what is not understood is kept as `unread`.

use super::{Config, Field, Unread, Value};
use crate::core::json::Json;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why an entry could not be taken, and what could stand there instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Misread {
    /// What is wrong, as the rest of a sentence that begins with the entry: "is negative".
    pub problem: String,
    /// What the field takes: "a whole number from 1 to 1024".
    pub takes: String,
    /// The nearest value that would do, where one can be told.
    pub nearest: Option<Value>,
}

impl Misread {
    pub(super) fn new(field: Field, problem: &str) -> Misread {
        Misread {
            problem: problem.to_owned(),
            takes: field.takes(),
            nearest: None,
        }
    }

    pub(super) fn with_nearest(self, value: Value) -> Misread {
        Misread {
            nearest: Some(value),
            ..self
        }
    }
}

impl Config {
    /// Reads a plan from JSON. Absent fields take their default; entries of a wrong type and
    /// unknown fields are kept in `unread`.
    pub fn from_json(json: &Json) -> Config {
        let mut config = Config::default();
        let Json::Object(groups) = json else {
            config.keep("", json);
            return config;
        };
        for (group, fields) in groups {
            let known = Field::ALL.iter().any(|field| field.info().group() == group);
            match fields {
                Json::Object(entries) if known => {
                    for (name, value) in entries {
                        config.read_entry(&format!("{group}.{name}"), value);
                    }
                }
                Json::Null if known => {}
                // Not a group: a field by its whole path, or something unknown.
                _ => config.read_entry(group, fields),
            }
        }
        config
    }

    /// Takes one entry by its path, or keeps it as unread.
    pub fn read_entry(&mut self, path: &str, json: &Json) {
        let Some(field) = Field::at(path) else {
            self.keep(path, json);
            return;
        };
        match field.read(json) {
            Ok(value) => {
                self.set(field, value);
            }
            Err(_) => self.keep(path, json),
        }
    }

    /// Takes what a person typed into a field; what cannot be read is kept with the plan and the
    /// field's last good value stays.
    pub fn type_into(&mut self, field: Field, text: &str) {
        match field.read_typed(text) {
            Ok(value) => {
                self.set(field, value);
            }
            Err(_) => self.keep(field.info().path, &Json::Text(text.to_owned())),
        }
    }

    /// What stands in a field but could not be read.
    pub fn unread_at(&self, field: Field) -> Option<&Json> {
        self.unread
            .iter()
            .find(|unread| unread.path == field.info().path)
            .map(|u| &u.value)
    }

    fn keep(&mut self, path: &str, value: &Json) {
        self.unread.retain(|unread| unread.path != path);
        self.unread.push(Unread {
            path: path.to_owned(),
            value: value.clone(),
        });
    }

    /// The plan as JSON: every field that differs from its default, and what was unread where it
    /// stood.
    pub fn to_json(&self) -> Json {
        let default = Config::default();
        let changed = Field::ALL
            .iter()
            .filter(|f| self.get(**f) != default.get(**f));
        let mut groups: Vec<(String, Json)> = Vec::new();
        for field in changed {
            let info = field.info();
            put(
                &mut groups,
                info.group(),
                info.name(),
                self.get(*field).to_json(),
            );
        }
        for unread in &self.unread {
            match unread.path.split_once('.') {
                Some((group, name)) if Field::ALL.iter().any(|f| f.info().group() == group) => {
                    put(&mut groups, group, name, unread.value.clone());
                }
                _ if !groups.iter().any(|(group, _)| *group == unread.path) => {
                    groups.push((unread.path.clone(), unread.value.clone()));
                }
                _ => {}
            }
        }
        Json::Object(groups)
    }
}

fn put(groups: &mut Vec<(String, Json)>, group: &str, name: &str, value: Json) {
    if !groups.iter().any(|(g, _)| g == group) {
        groups.push((group.to_owned(), Json::Object(Vec::new())));
    }
    for (g, fields) in groups {
        if let (true, Json::Object(entries)) = (g == group, fields) {
            entries.retain(|(n, _)| n != name);
            entries.push((name.to_owned(), value));
            return;
        }
    }
}

impl Serialize for Config {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Config, D::Error> {
        Ok(Config::from_json(&Json::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Config {
        serde_json::from_str(text).expect("valid JSON")
    }

    #[test]
    fn absent_fields_take_the_default() {
        assert_eq!(read("{}"), Config::default());
        let config = read(r#"{"parallel": {"tensor_model_parallel_size": 4}}"#);
        assert_eq!(config.parallel.tensor_model_parallel_size, 4);
        assert_eq!(config.parallel.pipeline_model_parallel_size, 1);
        assert!(config.unread.is_empty());
    }

    #[test]
    fn wrong_types_and_unknown_fields_are_kept_and_come_back() {
        let text = r#"{"parallel": {"tensor_model_parallel_size": [2], "zero_stage": 3}, "x": 1}"#;
        let config = read(text);
        let paths: Vec<_> = config.unread.iter().map(|u| u.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "parallel.tensor_model_parallel_size",
                "parallel.zero_stage",
                "x"
            ]
        );
        assert_eq!(Config::from_json(&config.to_json()), config);
    }

    #[test]
    fn a_whole_path_is_read_as_the_field_it_names() {
        let config = read(r#"{"parallel.tensor_model_parallel_size": 4, "zero.stage": 3}"#);
        assert_eq!(config.parallel.tensor_model_parallel_size, 4);
        assert_eq!(config.unread.len(), 1);
        assert_eq!(Config::from_json(&config.to_json()), config);
    }

    #[track_caller]
    fn typed(field: Field, text: &str, expected: Result<Value, &str>) {
        let read = field.read_typed(text);
        assert_eq!(
            read.as_ref().map_err(|m| m.problem.as_str()),
            expected.as_ref().map_err(|e| *e)
        );
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        typed(Field::SeqLength, "4,096", Ok(Value::Count(4096)));
        typed(Field::SeqLength, "1e3", Ok(Value::Count(1000)));
        typed(Field::NumParameters, "7", Ok(Value::Count(7_000_000_000)));
        typed(
            Field::NumParameters,
            "6738415616",
            Ok(Value::Count(6_738_415_616)),
        );
        typed(
            Field::NumParameters,
            "6.7B",
            Ok(Value::Count(6_700_000_000)),
        );
        typed(
            Field::NumParameters,
            "1.2T",
            Ok(Value::Count(1_200_000_000_000)),
        );
        typed(Field::NumParameters, "7e9", Ok(Value::Count(7_000_000_000)));
        typed(Field::NumParameters, "350M", Ok(Value::Count(350_000_000)));
        typed(Field::GpuMemory, "40", Ok(Value::Count(40_000_000_000)));
        typed(Field::GpuMemory, "80 GB", Ok(Value::Count(80_000_000_000)));
        typed(Field::GpuMemory, "40 GiB", Ok(Value::Count(40 << 30)));
        typed(Field::GpuMemory, "40gib", Ok(Value::Count(40 << 30)));
        typed(Field::GpuMemory, "8e10", Ok(Value::Count(80_000_000_000)));
        typed(Field::IntraNode, "900 gb/s", Ok(Value::Real(900.0)));
        typed(Field::PeakTflops, "312.5", Ok(Value::Real(312.5)));
        typed(Field::GlobalBatch, "", Ok(Value::Unset));
    }

    #[test]
    fn what_is_no_number_says_so() {
        typed(Field::Tp, "", Err("is empty"));
        typed(Field::Tp, "two", Err("is not a number"));
        typed(Field::Tp, "inf", Err("is not a number"));
        typed(Field::Tp, "2 GB", Err("is not a number"));
        typed(Field::GpuMemory, "80 GiBs", Err("is not a number"));
        typed(Field::PeakTflops, "80 GiB", Err("is not a number"));
        typed(Field::Tp, "-2", Err("is negative"));
        typed(Field::Tp, "2.5", Err("is not a whole number"));
        typed(Field::Tp, "1e300", Err("is too large"));
        let comma = "has a comma that does not set thousands apart; write decimals with a point";
        for text in ["39,5", "1,5", "4,0960", ",096", "1234,567", "1.234,5"] {
            typed(Field::GpuMemory, text, Err(comma));
        }
        typed(Field::SeqLength, "1,048,576", Ok(Value::Count(1_048_576)));
        typed(Field::PeakTflops, "0", Err("is not positive"));
    }

    #[test]
    fn typing_keeps_the_last_good_value_and_the_text() {
        let mut config = Config::default();
        config.type_into(Field::Tp, "4");
        config.type_into(Field::Tp, "4x");
        assert_eq!(config.parallel.tensor_model_parallel_size, 4);
        assert_eq!(config.unread_at(Field::Tp), Some(&Json::Text("4x".into())));
        config.type_into(Field::Tp, "8");
        assert_eq!(
            (
                config.parallel.tensor_model_parallel_size,
                config.unread.len()
            ),
            (8, 0)
        );
    }

    #[test]
    fn what_is_typed_reads_back_as_written() {
        for (field, value) in [
            (Field::NumParameters, Value::Count(6_738_415_616)),
            (Field::GpuMemory, Value::Count(141_000_000_000)),
            (Field::GlobalBatch, Value::Count(512)),
            (Field::PeakTflops, Value::Real(989.4)),
        ] {
            assert_eq!(field.read_typed(&field.typed(&value)), Ok(value));
        }
    }
}
