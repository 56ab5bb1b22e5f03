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
