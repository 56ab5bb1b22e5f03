//! One figure of two plans, and what changes.

use super::{Change, Line};
use crate::core::number::rounded;
use crate::core::units::{MemoryUnit, grouped, percent, seconds};

/// A line of words.
pub fn words(name: &str, a: String, b: String) -> Line {
    let change = if a == b { Change::None } else { Change::Other };
    Line {
        name: name.to_owned(),
        a,
        b,
        by: String::new(),
        change,
        field: None,
    }
}

/// A figure of both plans; `None` where a plan does not tell it.
pub struct Figure<'a> {
    /// What it is.
    pub name: &'a str,
    /// It in A.
    pub a: Option<f64>,
    /// It in B.
    pub b: Option<f64>,
    /// Whether less of it is better.
    pub is_cost: bool,
    /// It as text.
    pub say: fn(MemoryUnit, f64) -> String,
    /// The unit of memory.
    pub unit: MemoryUnit,
}

impl Figure<'_> {
    /// The figure as a line.
    pub fn line(self) -> Line {
        let text = |figure: Option<f64>| {
            figure.map_or_else(|| "not told".to_owned(), |x| (self.say)(self.unit, x))
        };
        let mut line = words(self.name, text(self.a), text(self.b));
        let (Some(a), Some(b)) = (self.a, self.b) else {
            return line;
        };
        if a.total_cmp(&b).is_eq() {
            line.change = Change::None;
            return line;
        }
        let more = b > a;
        let sign = if more { "+" } else { "−" };
        // A change of a share is one in points, and a share of it confuses; of nothing there is none.
        let is_share = line.a.ends_with('%') || line.b.ends_with('%');
        let by = (self.say)(self.unit, (b - a).abs());
        let by = if is_share {
            by.replace('%', "points")
        } else {
            by
        };
        line.by = [sign, &by].concat();
        if a > 0.0 && b > 0.0 && !is_share {
            let share = percent(((b - a) / a).abs());
            line.by.push_str(&[" (", sign, &share, ")"].concat());
        }
        line.change = match (self.is_cost, more) {
            (false, _) => Change::Other,
            (true, true) => Change::Worse,
            (true, false) => Change::Better,
        };
        line
    }
}

/// Bytes as text.
pub fn bytes(unit: MemoryUnit, x: f64) -> String {
    unit.text(x)
}

/// A count as text.
pub fn count(_: MemoryUnit, x: f64) -> String {
    grouped(rounded(x))
}

/// A share as text.
pub fn share(_: MemoryUnit, x: f64) -> String {
    percent(x)
}

/// Seconds as text.
pub fn time(_: MemoryUnit, x: f64) -> String {
    seconds(x)
}
