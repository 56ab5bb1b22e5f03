//! Where a figure comes from: its formula, the values put in, its source.

use serde::Serialize;

/// The origin of one figure, as text for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Formula {
    /// The formula in names.
    pub formula: String,
    /// The formula with this plan's values, and its result.
    pub with_values: String,
    /// Document and section, or Megatron file and function.
    pub source: &'static str,
}

impl Formula {
    /// Puts the three together.
    pub fn new(formula: impl Into<String>, with_values: String, source: &'static str) -> Formula {
        Formula {
            formula: formula.into(),
            with_values,
            source,
        }
    }
}

/// A formula with the values put in for its names. A name in capitals stays beside its value, as
/// in `TP 2`; a name without a value stays as it is.
pub fn put_in(names: &str, values: &[(&str, String)]) -> String {
    let mut text = String::new();
    let mut rest = names;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let value = values.iter().find(|(of, _)| *of == name);
        match value {
            Some((_, value)) if name.starts_with(|c: char| c.is_ascii_lowercase()) => {
                text.push_str(value);
            }
            Some((_, value)) => text.extend([name, " ", value]),
            None => text.push_str(name),
        }
        let end = after.find(is_of_name).unwrap_or(after.len());
        let (between, after) = after.split_at_checked(end).unwrap_or((after, ""));
        text.push_str(between);
        rest = after;
    }
    text
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_for_names() {
        let values = [("seq", "4,096".to_owned()), ("TP", "2".to_owned())];
        let text = put_in("2 · (seq + seq_a) / TP · bytes", &values);
        assert_eq!(text, "2 · (4,096 + seq_a) / TP 2 · bytes");
        assert_eq!(put_in("", &values), "");
    }
}
