//! Decimal text of numbers, written and read.
//!
//! The standard library does both exactly for every number, with tables and long arithmetic that
//! are several kilobytes of the page's download. Plans need less: figures of up to some 17 digits.

/// A power of ten; infinite where `f64` ends.
fn power_of_ten(exponent: u32) -> f64 {
    (0..exponent.min(400)).fold(1.0, |power, _| power * 10.0)
}

/// A number with a fixed count of decimals, rounded: `fixed(33.987, 2)` is `33.99`.
pub fn fixed(x: f64, decimals: u32) -> String {
    if !x.is_finite() {
        return if x.is_nan() { "no number" } else { "infinite" }.to_owned();
    }
    let sign = if x < 0.0 { "-" } else { "" };
    let (scaled, shown) = match x.abs() * power_of_ten(decimals) {
        scaled if scaled < 1e18 => (scaled, decimals),
        // So large that decimals mean nothing.
        _ => (x.abs().min(1e18), 0),
    };
    let digits = super::number::rounded(scaled).to_string();
    let sign = if digits == "0" { "" } else { sign };
    if shown == 0 {
        return format!("{sign}{digits}");
    }
    let places = usize::try_from(shown).unwrap_or(0);
    let missing = places.saturating_add(1).saturating_sub(digits.len());
    let digits = format!("{}{digits}", "0".repeat(missing));
    let (whole, rest) = digits
        .split_at_checked(digits.len().saturating_sub(places))
        .unwrap_or((&digits, ""));
    format!("{sign}{whole}.{rest}")
}

/// The same without zeros at the end: `7`, `6.74`.
pub fn trimmed(x: f64, decimals: u32) -> String {
    let text = fixed(x, decimals);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A number in as few decimals as it takes to read the same number back with [`parse`]. One
/// that no short decimal tells is written as a whole number and a power of two: `3p-70`.
pub fn exact(x: f64) -> String {
    if x.is_finite() && x.abs() < 1e18 {
        let decimal = (0..18)
            .map(|decimals| fixed(x, decimals))
            .find(|text| parse(text) == Some(x));
        if let Some(text) = decimal {
            return text;
        }
    }
    let bits = x.to_bits();
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    let mantissa = if exponent == 0 {
        fraction
    } else {
        fraction | (1 << 52)
    };
    let shift = i64::from(mantissa.trailing_zeros().min(52));
    let power = exponent.max(1).saturating_sub(1075).saturating_add(shift);
    format!(
        "{sign}{}p{power}",
        mantissa
            .checked_shr(u32::try_from(shift).unwrap_or(0))
            .unwrap_or(0)
    )
}

/// A number for people: exact where that is short, else three digits and a power of ten.
pub fn readable(x: f64) -> String {
    if !x.is_finite() || x == 0.0 || (1e-9..1e18).contains(&x.abs()) {
        return if x.is_finite() { exact(x) } else { fixed(x, 0) };
    }
    let (mut mantissa, mut exponent) = (x, 0_i32);
    while mantissa.abs() >= 10.0 {
        mantissa /= 10.0;
        exponent = exponent.saturating_add(1);
    }
    while mantissa.abs() < 1.0 {
        mantissa *= 10.0;
        exponent = exponent.saturating_sub(1);
    }
    format!("{}e{exponent}", trimmed(mantissa, 3))
}

/// Reads `12`, `-1.5`, `.5`, `6.7e9` and what [`exact`] writes. Decimals of up to 15 digits are
/// read exactly.
pub fn parse(text: &str) -> Option<f64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let size = match text.split_once('p') {
        Some((mantissa, power)) => power_of_two(digits_of(mantissa)?, power)?,
        None => decimal(text)?,
    };
    Some(if negative { -size } else { size })
}

/// A whole number of digits alone.
fn digits_of(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn power_of_two(mantissa: u64, power: &str) -> Option<f64> {
    let power: i32 = power.parse().ok().filter(|p: &i32| p.abs() < 1200)?;
    // In two steps: the smallest powers of two are out of reach of one.
    let half = power / 2;
    let rest = power.checked_sub(half)?;
    Some(mantissa as f64 * 2.0_f64.powi(half) * 2.0_f64.powi(rest))
}

fn decimal(text: &str) -> Option<f64> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut mantissa = 0_u64;
    let mut scale = exponent;
    let mut any = false;
    let digits = whole
        .chars()
        .map(|c| (c, false))
        .chain(fraction.chars().map(|c| (c, true)));
    for (c, after_point) in digits {
        let digit = u64::from(c.to_digit(10)?);
        any = true;
        // Digits beyond what a u64 holds only move the point.
        match mantissa.checked_mul(10).and_then(|m| m.checked_add(digit)) {
            Some(more) if more < 1_000_000_000_000_000_000 => {
                mantissa = more;
                scale = scale.saturating_sub(i32::from(after_point));
            }
            _ => scale = scale.saturating_add(i32::from(!after_point)),
        }
    }
    if !any {
        return None;
    }
    let size = mantissa as f64;
    let power = power_of_ten(scale.unsigned_abs());
    Some(match scale {
        _ if mantissa == 0 => 0.0,
        s if s < 0 => size / power,
        _ => size * power,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded() {
        assert_eq!(
            (fixed(33.987, 2), fixed(0.05, 1)),
            ("33.99".into(), "0.1".into())
        );
        assert_eq!(
            (fixed(-1.5, 0), fixed(0.0, 2)),
            ("-2".into(), "0.00".into())
        );
        assert_eq!(
            (fixed(-0.001, 2), fixed(1e300, 2)),
            ("0.00".into(), "1000000000000000000".into())
        );
        assert_eq!(
            (trimmed(7.0, 3), trimmed(6.74, 3), trimmed(100.0, 0)),
            ("7".into(), "6.74".into(), "100".into())
        );
    }

    #[track_caller]
    fn reads(text: &str, expected: Option<f64>) {
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn decimals_are_read() {
        reads("12", Some(12.0));
        reads("-1.5", Some(-1.5));
        reads(".5", Some(0.5));
        reads("6.7e9", Some(6.7e9));
        reads("989.4", Some(989.4));
        reads("1e400", Some(f64::INFINITY));
        reads("1e-400", Some(0.0));
        for none in [
            "", ".", "-", "e5", "1e", "1.2.3", "inf", "nan", "0x10", "1p", "p1", "--1",
        ] {
            reads(none, None);
        }
    }

    #[test]
    fn hostile_numbers_are_shown_shortly() {
        assert_eq!(
            (readable(1e30), readable(-2.5e-12)),
            ("1e30".into(), "-2.5e-12".into())
        );
        assert_eq!(
            (readable(312.5), readable(f64::INFINITY)),
            ("312.5".into(), "infinite".into())
        );
    }

    #[test]
    fn every_number_is_read_back_as_it_was_written() {
        for x in [
            0.0,
            1.0,
            0.1,
            989.5,
            6.738415616,
            1e-9,
            1.0 / 3.0,
            1e22,
            5e-324,
            f64::MAX,
            -2.5e-7,
        ] {
            assert_eq!(parse(&exact(x)), Some(x), "{}", exact(x));
        }
        assert_eq!(
            (exact(312.5), exact(0.1), exact(1e9)),
            ("312.5".into(), "0.1".into(), "1000000000".into())
        );
    }
}
