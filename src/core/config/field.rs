//! What is known of a field apart from its value: its kind, its range, its words.

use super::{Field, Misread, Value, words};
use crate::core::decimal;
use crate::core::json::Json;
use crate::core::units::grouped;

/// The kind of value that a field takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A whole number in a range.
    Count {
        /// The least that means something.
        min: u64,
        /// The largest that is planned for.
        max: u64,
    },
    /// A whole number of bytes; typed in GB of 10⁹ bytes.
    Bytes,
    /// A positive rate, with its unit.
    Rate(&'static str),
    /// On or off.
    Flag,
    /// One of a few names.
    Choice(&'static [&'static str]),
    /// Text in a small language of its own.
    Pattern,
    /// A line of people's own words.
    Words {
        /// The most bytes: a longer one is cut.
        most: usize,
    },
    /// An id of the model tables.
    Model,
    /// An id of the GPU table.
    Gpu,
    /// An id of the node table.
    Node,
}

/// Bytes of a GiB.
const GIB: f64 = 1_073_741_824.0;

/// The largest GPU memory that is planned for: a petabyte.
const MAX_BYTES: u64 = 1_000_000_000_000_000;

/// Bytes of a pattern; a layout or a list of a hundred layers needs fewer, and links stay short.
const LONGEST_PATTERN: usize = 256;

/// The smallest and the largest rate that are planned for.
const MIN_RATE: f64 = 1e-3;
const MAX_RATE: f64 = 1e9;

/// A field's place, kind and words.
#[derive(Debug)]
pub struct FieldInfo {
    /// Its group in the JSON and its name, joined by a dot.
    pub path: &'static str,
    /// The short form for tables and links.
    pub short: &'static str,
    /// How the form and the messages call it.
    pub label: &'static str,
    /// The kind of value.
    pub kind: Kind,
    /// Whether it may be left unset.
    pub optional: bool,
}

impl FieldInfo {
    /// The group of the JSON that holds it.
    pub fn group(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(group, _)| group)
    }

    /// Megatron's argument name where it has one.
    pub fn name(&self) -> &'static str {
        self.path
            .split_once('.')
            .map_or(self.path, |(_, name)| name)
    }
}

impl FieldInfo {
    /// The short form that its label begins with, such as the `TP` of `TP tensor`.
    pub fn initials(&self) -> Option<&'static str> {
        let word = self.label.split(' ').next()?;
        let capitals = word.chars().all(|c| c.is_ascii_uppercase());
        (capitals && word.eq_ignore_ascii_case(self.short)).then_some(word)
    }

    /// How a sentence calls it: `TP`, `global batch`, `GPU memory`.
    pub fn spoken(&self) -> String {
        if let Some(initials) = self.initials() {
            return initials.to_owned();
        }
        let mut chars = self.label.chars();
        let first = chars.next().map(|c| c.to_ascii_lowercase());
        match chars.clone().next() {
            Some(second) if second.is_ascii_uppercase() => self.label.to_owned(),
            _ => first.into_iter().chain(chars).collect(),
        }
    }
}

impl Field {
    /// The field at a path such as `parallel.tensor_model_parallel_size`.
    pub fn at(path: &str) -> Option<Field> {
        Field::ALL
            .iter()
            .copied()
            .find(|field| field.info().path == path)
    }

    /// Unit and scale in which a person types the field: parameters in billions, memory in GB.
    pub fn typed_unit(self) -> (&'static str, f64) {
        match (self, self.info().kind) {
            (Field::NumParameters, _) => ("B", 1e9),
            (_, Kind::Bytes) => ("GB", 1e9),
            (_, Kind::Rate(unit)) => (unit, 1.0),
            _ => ("", 1.0),
        }
    }

    /// The range of a whole-number field.
    pub fn range(self) -> Option<(u64, u64)> {
        match self.info().kind {
            Kind::Count { min, max } => Some((min, max)),
            Kind::Bytes => Some((1, MAX_BYTES)),
            _ => None,
        }
    }

    /// The value held inside the field's range; a name is left as it is. No parameters or no memory are
    /// none that anybody told: a single one of them would give figures that mean nothing.
    pub fn clamp(self, value: &Value) -> Value {
        match (value, self.range()) {
            (Value::Count(0), _) if self.typed_unit().1 > 1.0 => Value::Unset,
            (Value::Count(n), Some((min, max))) => Value::Count((*n).clamp(min, max)),
            (Value::Real(x), _) => Value::Real(if x.is_nan() {
                1.0
            } else {
                x.clamp(MIN_RATE, MAX_RATE)
            }),
            _ => value.clone(),
        }
    }

    /// What the field takes, in words that end a sentence.
    pub fn takes(self) -> String {
        match self.info().kind {
            Kind::Count { min, max } => {
                format!("a whole number from {} to {}", grouped(min), grouped(max))
            }
            Kind::Bytes => "a positive amount, in GB on the page and in bytes in JSON".to_owned(),
            Kind::Rate(unit) => format!("a positive number of {unit}"),
            Kind::Flag => "true or false".to_owned(),
            Kind::Choice(words) => format!("one of {}", words.join(", ")),
            Kind::Pattern => {
                format!("Megatron’s own notation, at most {LONGEST_PATTERN} characters")
            }
            Kind::Words { most } => format!("a line of text of at most {most} bytes"),
            Kind::Model => "the id of a model in the library".to_owned(),
            Kind::Gpu => "the id of a GPU in the table".to_owned(),
            Kind::Node => "the id of a node type in the table".to_owned(),
        }
    }

    /// Reads a value as it stands in JSON; text is read as it would be in a link.
    ///
    /// # Errors
    /// Says what is wrong and, where one can be told, the nearest value that would do.
    pub fn read(self, json: &Json) -> Result<Value, Misread> {
        let info = self.info();
        match (info.kind, json) {
            (_, Json::Null) if info.optional => Ok(Value::Unset),
            (Kind::Count { .. } | Kind::Bytes, Json::Number(n)) => self.whole(*n),
            (Kind::Rate(_), Json::Number(x)) if *x > 0.0 && x.is_finite() => Ok(Value::Real(*x)),
            (Kind::Flag, Json::Bool(b)) => Ok(Value::Flag(*b)),
            (Kind::Choice(words), Json::Text(text)) if words.contains(&text.as_str()) => {
                Ok(Value::Text(text.clone()))
            }
            (Kind::Model | Kind::Gpu | Kind::Node, Json::Text(text)) => {
                Ok(Value::Text(text.clone()))
            }
            (Kind::Pattern, Json::Text(text)) if text.len() > LONGEST_PATTERN => {
                Err(Misread::new(self, "is too long"))
            }
            (Kind::Pattern, Json::Text(text)) => Ok(Value::Text(text.clone())),
            (Kind::Pattern, Json::Number(_) | Json::List(_)) => {
                self.read(&Json::Text(listed(json)))
            }
            (Kind::Words { most }, Json::Text(text)) => Ok(words::one_line(text, most)),
            (_, Json::Text(text)) if text.trim().is_empty() => Err(Misread::new(self, "is empty")),
            (Kind::Count { .. } | Kind::Bytes | Kind::Rate(_), Json::Text(text)) => {
                self.number(text, 1.0)
            }
            (Kind::Flag, Json::Text(text)) => match text.as_str() {
                "1" | "true" => Ok(Value::Flag(true)),
                "0" | "false" => Ok(Value::Flag(false)),
                _ => Err(Misread::new(self, "is neither true nor false")),
            },
            (Kind::Choice(_), Json::Text(_)) => Err(Misread::new(self, "is not one of its names")),
            (Kind::Rate(_), Json::Number(_)) => Err(Misread::new(self, "is not positive")),
            _ => Err(Misread::new(self, &format!("is {}", json.kind()))),
        }
    }

    /// Reads what a person typed, in the field's own unit: `40` GB, `7` or `7B` parameters,
    /// `4,096`. Empty text unsets an optional field.
    ///
    /// # Errors
    /// Says what is wrong and, where one can be told, the nearest value that would do.
    pub fn read_typed(self, text: &str) -> Result<Value, Misread> {
        let text = text.trim();
        let info = self.info();
        if text.is_empty() {
            return if info.optional {
                Ok(Value::Unset)
            } else {
                Err(Misread::new(self, "is empty"))
            };
        }
        match info.kind {
            Kind::Count { .. } | Kind::Bytes | Kind::Rate(_) => {
                self.number(text, self.typed_unit().1)
            }
            _ => self.read(&Json::Text(text.to_owned())),
        }
    }

    /// The value as a person would type it.
    pub fn typed(self, value: &Value) -> String {
        let (_, scale) = self.typed_unit();
        match value {
            Value::Unset => String::new(),
            Value::Count(n) if scale > 1.0 => decimal::exact(*n as f64 / scale),
            Value::Count(n) => n.to_string(),
            Value::Real(x) => decimal::exact(*x),
            Value::Flag(b) => b.to_string(),
            Value::Text(text) => text.clone(),
        }
    }

    /// The value as a person would say it, with its unit.
    pub fn said(self, value: &Value) -> String {
        let unit = match value {
            Value::Unset => "",
            _ => self.typed_unit().0,
        };
        let text = self.typed(value);
        if unit.is_empty() {
            text
        } else {
            format!("{text} {unit}")
        }
    }

    fn number(self, text: &str, scale: f64) -> Result<Value, Misread> {
        let Some(plain) = ungrouped(text) else {
            return Err(Misread::new(
                self,
                "has a comma that does not set thousands apart; write decimals with a point",
            ));
        };
        let (digits, suffix) = split_suffix(&plain);
        let (unit, _) = self.typed_unit();
        let scale = match (self, suffix) {
            (_, "") => Some(scale),
            (Field::NumParameters, "M" | "m") => Some(1e6),
            (Field::NumParameters, "B" | "b") => Some(1e9),
            (Field::NumParameters, "T" | "t") => Some(1e12),
            (_, "GiB" | "gib") if unit == "GB" => Some(GIB),
            _ => Some(scale).filter(|_| suffix.eq_ignore_ascii_case(unit)),
        };
        let (Some(number), Some(scale)) = (decimal::parse(digits), scale) else {
            return Err(Misread::new(self, "is not a number"));
        };
        // A million billions is no model, nor as many GB a GPU's memory: the count itself was typed.
        let is_count = scale == 1e9 && suffix.is_empty() && number >= 1e6;
        let scale = if is_count { 1.0 } else { scale };
        let number = number * scale;
        let dust = (number.abs() * 4.0 * f64::EPSILON).clamp(1e-3, 0.4);
        match self.info().kind {
            Kind::Rate(_) if number.is_infinite() => Err(Misread::new(self, "is too large")),
            Kind::Rate(_) if number > 0.0 => Ok(Value::Real(number)),
            Kind::Rate(_) => Err(Misread::new(self, "is not positive")),
            // Scaling by a decimal leaves dust: 6.7 B may be 6,700,000,000.000001.
            _ if scale > 1.0 && (number - number.round()).abs() <= dust => {
                self.whole(number.round())
            }
            _ => self.whole(number),
        }
    }

    fn whole(self, number: f64) -> Result<Value, Misread> {
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        let (min, max) = self.range().unwrap_or((0, u64::MAX));
        let nearest = |n: f64| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let whole = n.round().clamp(0.0, LARGEST) as u64;
            Value::Count(whole.clamp(min, max))
        };
        let problem = if number.is_nan() {
            "is not a number"
        } else if !number.is_finite() || number > LARGEST {
            "is too large"
        } else if number < 0.0 {
            "is negative"
        } else if number.fract() != 0.0 {
            "is not a whole number"
        } else {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            return Ok(Value::Count(number as u64));
        };
        let misread = Misread::new(self, problem);
        if number.is_nan() || problem == "is too large" {
            return Err(misread);
        }
        // A minus sign is more likely a slip than a wish for the least.
        Err(misread.with_nearest(nearest(number.abs())))
    }
}

/// A JSON number or list as the text of a pattern: `[0,1,1]`, or words set apart by spaces.
fn listed(json: &Json) -> String {
    match json {
        Json::List(items) if matches!(items.first(), Some(Json::Text(_))) => {
            let words: Vec<String> = items.iter().map(Json::to_string).collect();
            words.join(" ")
        }
        json => json.to_string(),
    }
}

/// A number and the unit after it: `80` and `GB`, `7` and `B`.
fn split_suffix(text: &str) -> (&str, &str) {
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.');
    let end = end.map_or(0, |at| at.saturating_add(1));
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A number without what sets its thousands apart: `4,096`, `4 096`. A comma that stands
/// elsewhere may be somebody's decimal point, so such a text is none.
fn ungrouped(text: &str) -> Option<String> {
    let whole = text.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let digits = first.chars().filter(char::is_ascii_digit).count();
    let mut grouped = !whole.contains(',') || (1..=3).contains(&digits);
    for group in groups {
        // What follows the last group may be a unit.
        let digits = group.chars().take_while(char::is_ascii_digit).count();
        grouped &= digits == 3;
    }
    let after_point = text.get(whole.len()..).unwrap_or_default();
    (grouped && !after_point.contains(',')).then(|| {
        text.chars()
            .filter(|c| !matches!(c, ',' | ' ' | '_' | '\u{a0}' | '\u{202f}'))
            .collect()
    })
}
