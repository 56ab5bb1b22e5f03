//! Figures as text: bytes, counts, times and shares, each with its unit.

use super::decimal::{self, fixed};
use super::number::rounded;
use serde::Serialize;

/// Unit of memory on the screen; one choice holds for figures and capacities alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum MemoryUnit {
    /// 10⁹ bytes, as in the guide and on data sheets.
    #[default]
    #[serde(rename = "GB")]
    Gb,
    /// 2³⁰ bytes, as `nvidia-smi` and PyTorch print them.
    #[serde(rename = "GiB")]
    Gib,
}

impl MemoryUnit {
    /// The name of the unit.
    pub fn name(self) -> &'static str {
        match self {
            MemoryUnit::Gb => "GB",
            MemoryUnit::Gib => "GiB",
        }
    }

    /// Bytes of one unit.
    pub fn bytes(self) -> f64 {
        match self {
            MemoryUnit::Gb => 1e9,
            MemoryUnit::Gib => 1_073_741_824.0,
        }
    }

    /// A size with two decimals and without its unit: `33.99`. Trailing zeros of whole numbers go.
    pub fn number(self, bytes: f64) -> String {
        let size = bytes / self.bytes();
        // Small sizes would read as zero with two decimals.
        let digits = if size == 0.0 || size >= 0.1 { 2 } else { 4 };
        let text = fixed(size, digits);
        grouped_decimal(text.strip_suffix(".00").unwrap_or(&text))
    }

    /// A size with its unit: `33.99 GB`.
    pub fn text(self, bytes: f64) -> String {
        format!("{} {}", self.number(bytes), self.name())
    }
}

/// A whole number with thousands set apart: `16,384`.
pub fn grouped(n: u64) -> String {
    grouped_text(&n.to_string())
}

fn grouped_text(digits: &str) -> String {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.to_owned();
    }
    let length = digits.chars().count();
    let mut text = String::with_capacity(length.saturating_add(length / 3));
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && length.saturating_sub(i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A decimal with the thousands of its whole part set apart: `12,700.5`.
fn grouped_decimal(text: &str) -> String {
    match text.split_once('.') {
        Some((whole, rest)) => [&grouped_text(whole), ".", rest].concat(),
        None => grouped_text(text),
    }
}

/// A count of parameters: `7 B`, `46.7 B`, `350 M`.
pub fn parameters(n: f64) -> String {
    let (scale, unit) = match n {
        n if n >= 1e12 => (1e12, "T"),
        n if n >= 1e9 => (1e9, "B"),
        n if n >= 1e6 => (1e6, "M"),
        _ => return grouped(rounded(n)),
    };
    format!("{} {unit}", short(n / scale))
}

/// A number with at most three significant decimals: `7`, `6.74`, `0.125`.
pub fn short(x: f64) -> String {
    decimal::trimmed(x, if x >= 100.0 { 1 } else { 3 })
}

/// A time: `1.2 s`, `46 ms`, `310 µs`.
pub fn seconds(s: f64) -> String {
    match s {
        s if s >= 100.0 => format!("{} s", fixed(s, 0)),
        s if s >= 1.0 => format!("{} s", fixed(s, 1)),
        s if s >= 0.1 => format!("{} s", fixed(s, 2)),
        s if s >= 1e-3 => format!("{} ms", fixed(s * 1e3, 1)),
        s if s > 0.0 => format!("{} µs", fixed(s * 1e6, 0)),
        _ => "0 s".to_owned(),
    }
}

/// A share: `27.3 %`, `1,270 %`. A small one does not read as nothing.
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.000_5 {
        return "below 0.1 %".to_owned();
    }
    let text = decimal::trimmed(share * 100.0, 1);
    format!("{} %", grouped_decimal(&text))
}

/// `1 node`, `2 nodes`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_in_both_units() {
        assert_eq!(MemoryUnit::Gb.text(33_987_418_240.0), "33.99 GB");
        assert_eq!(MemoryUnit::Gib.text(33_987_418_240.0), "31.65 GiB");
        assert_eq!(MemoryUnit::Gb.text(40e9), "40 GB");
        assert_eq!(MemoryUnit::Gb.text(1_234e9), "1,234 GB");
        assert_eq!(MemoryUnit::Gb.text(2e6), "0.0020 GB");
    }

    #[test]
    fn numbers_in_words() {
        assert_eq!(
            (grouped(16_384), grouped(512)),
            ("16,384".into(), "512".into())
        );
        assert_eq!(
            (parameters(7e9), parameters(46.7e9)),
            ("7 B".into(), "46.7 B".into())
        );
        assert_eq!(
            (seconds(0.458), seconds(12.34)),
            ("0.46 s".into(), "12.3 s".into())
        );
        assert_eq!(
            (percent(0.375), percent(0.0)),
            ("37.5 %".into(), "0 %".into())
        );
        assert_eq!(percent(0.000_1), "below 0.1 %");
        assert_eq!(
            (percent(127.0), percent(12_345.678)),
            ("12,700 %".into(), "1,234,567.8 %".into())
        );
        assert_eq!(percent(f64::INFINITY), "infinite %");
        assert_eq!((short(3.5), short(1000.0)), ("3.5".into(), "1000".into()));
    }
}
