//! One figure of two plans, and what changes.

use super::{Change, Line};
use crate::core::number::rounded;
use crate::core::units::{grouped, percent};

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
    pub say: &'a dyn Fn(f64) -> String,
}

impl Figure<'_> {
    /// The figure as a line.
    pub fn line(self) -> Line {
        let text =
            |figure: Option<f64>| figure.map_or_else(|| "not told".to_owned(), |x| (self.say)(x));
        let mut line = words(self.name, text(self.a), text(self.b));
        let (Some(a), Some(b)) = (self.a, self.b) else {
            return line;
        };
        // What reads the same is no change. The last digits depend on the order in which parts were
        // summed, and may turn what is rounded.
        if line.change == Change::None || (b - a).abs() <= 1e-12 * a.abs().max(b.abs()) {
            line.change = Change::None;
            return line;
        }
        let more = b > a;
        // What is below a tenth has no sign: `below 0.1 %`.
        let signed = |text: &str| {
            let sign = match text.starts_with("below") {
                true => "",
                false if more => "+",
                false => "−",
            };
            [sign, text].concat()
        };
        // A change of a share is one in points, and a share of it confuses; of nothing there is none.
        let is_share = line.a.ends_with('%') || line.b.ends_with('%');
        let by = (self.say)((b - a).abs());
        let by = if is_share {
            by.replace('%', "points")
        } else {
            by
        };
        line.by = signed(&by);
        if a > 0.0 && !is_share {
            let share = percent(((b - a) / a).abs());
            line.by.push_str(&[" (", &signed(&share), ")"].concat());
        }
        line.change = match (self.is_cost, more) {
            (false, _) => Change::Other,
            (true, true) => Change::Worse,
            (true, false) => Change::Better,
        };
        line
    }
}

/// A count as text.
pub fn count(x: f64) -> String {
    grouped(rounded(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::units::MemoryUnit;

    #[track_caller]
    fn says(a: f64, b: f64, say: &dyn Fn(f64) -> String, by: &str, change: Change) {
        let line = Figure {
            name: "",
            a: Some(a),
            b: Some(b),
            is_cost: true,
            say,
        }
        .line();
        assert_eq!((&*line.by, line.change), (by, change), "{line:?}");
    }

    #[test]
    fn a_change_is_an_amount_and_a_share() {
        says(2.0, 3.0, &count, "+1 (+50 %)", Change::Worse);
        says(3.0, 2.0, &count, "−1 (−33.3 %)", Change::Better);
        says(2.0, 2.0, &count, "", Change::None);
    }

    #[test]
    fn of_nothing_there_is_no_share() {
        says(0.0, 3.0, &count, "+3", Change::Worse);
        says(3.0, 0.0, &count, "−3 (−100 %)", Change::Better);
        says(-0.0, 0.0, &count, "", Change::None);
        says(0.0, -0.0, &count, "", Change::None);
    }

    #[test]
    fn the_digits_of_a_share_are_grouped_like_those_of_a_figure() {
        says(8.0, 1016.0, &count, "+1,008 (+12,600 %)", Change::Worse);
    }

    #[test]
    fn what_reads_the_same_is_no_change() {
        says(12.25e9, 12.25e9 + 1.0, &bytes, "", Change::None);
        says(0.1, 0.100_1, &percent, "", Change::None);
    }

    #[test]
    fn the_last_digits_of_a_sum_are_no_change() {
        let turned = 0.1 + 0.2;
        let exact = |x: f64| x.to_string();
        assert_ne!(exact(turned), exact(0.3));
        says(turned, 0.3, &exact, "", Change::None);
    }

    #[test]
    fn a_share_changes_in_points() {
        says(0.1, 0.25, &percent, "+15 points", Change::Worse);
        says(
            0.100_4,
            0.100_6,
            &percent,
            "below 0.1 points",
            Change::Worse,
        );
    }

    fn bytes(x: f64) -> String {
        MemoryUnit::Gb.text(x)
    }
}
