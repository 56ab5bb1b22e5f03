//! Whole-number arithmetic that cannot overflow or divide by zero, and the units of the report.

use serde::{Serialize, Serializer};

/// Product of whole numbers, held at `u64::MAX` where it would overflow.
pub fn product(factors: &[u64]) -> u64 {
    factors
        .iter()
        .fold(1, |all, factor| all.saturating_mul(*factor))
}

/// Whether `divisor` divides `n` without a remainder; zero divides nothing.
pub fn divides(divisor: u64, n: u64) -> bool {
    n.checked_rem(divisor) == Some(0)
}

/// `n / divisor`, rounded down; zero for a divisor of zero.
pub fn quotient(n: u64, divisor: u64) -> u64 {
    n.checked_div(divisor).unwrap_or(0)
}

/// `n % divisor`; zero for a divisor of zero.
pub fn remainder(n: u64, divisor: u64) -> u64 {
    n.checked_rem(divisor).unwrap_or(0)
}

/// `n / divisor`, rounded up; zero for a divisor of zero.
pub fn quotient_up(n: u64, divisor: u64) -> u64 {
    let down = quotient(n, divisor);
    if divides(divisor, n) || divisor == 0 {
        down
    } else {
        down.saturating_add(1)
    }
}

/// The whole numbers that divide `n`, ascending; empty for zero.
pub fn divisors(n: u64) -> Vec<u64> {
    let mut low = Vec::new();
    let mut high = Vec::new();
    let mut d = 1_u64;
    while d.saturating_mul(d) <= n {
        if divides(d, n) {
            low.push(d);
            let other = quotient(n, d);
            if other != d {
                high.push(other);
            }
        }
        d = d.saturating_add(1);
    }
    high.reverse();
    low.extend(high);
    low
}

/// The multiple of `step` that is nearest to `n` and at least `step`; ties go up.
pub fn nearest_multiple(n: u64, step: u64) -> u64 {
    let down = product(&[quotient(n, step), step]);
    let up = down.saturating_add(step);
    let nearest = if n.saturating_sub(down) < up.saturating_sub(n) {
        down
    } else {
        up
    };
    nearest.max(step)
}

/// The greatest common divisor; of zero and `n` it is `n`.
pub fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, remainder(a, b));
    }
    a
}

/// The least common multiple, held at `u64::MAX`; of zero it is zero.
pub fn lcm(a: u64, b: u64) -> u64 {
    quotient(a, gcd(a, b)).saturating_mul(b)
}

/// A number rounded to a whole one, held inside what `u64` can say; zero for what is no number.
pub fn rounded(x: f64) -> u64 {
    // `as` saturates.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = x.round() as u64;
    whole
}

/// Whether `n` is 1, 2, 4, 8, …
pub fn is_power_of_two(n: u64) -> bool {
    n.is_power_of_two()
}

/// A number of bytes. `f64` holds whole bytes exactly up to 2⁵³, nine petabytes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Bytes(pub f64);

impl Bytes {
    /// The sum of several sizes.
    pub fn sum(parts: &[Bytes]) -> Bytes {
        Bytes(parts.iter().map(|part| part.0).sum())
    }
}

impl Serialize for Bytes {
    /// A whole number of bytes is written as an integer.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if self.0.fract() == 0.0 && self.0 >= 0.0 && self.0 < EXACT {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            serializer.serialize_u64(self.0 as u64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_held_at_the_largest_number() {
        assert_eq!(product(&[2, 3, 4]), 24);
        assert_eq!(product(&[u64::MAX, 2]), u64::MAX);
        assert_eq!(product(&[]), 1);
    }

    #[test]
    fn zero_divides_nothing() {
        assert!(!divides(0, 8));
        assert_eq!(
            (quotient(8, 0), remainder(8, 0), quotient_up(8, 0)),
            (0, 0, 0)
        );
    }

    #[test]
    fn divisors_are_complete_and_sorted() {
        assert_eq!(divisors(62), [1, 2, 31, 62]);
        assert_eq!(divisors(64), [1, 2, 4, 8, 16, 32, 64]);
        assert_eq!(divisors(36), [1, 2, 3, 4, 6, 9, 12, 18, 36]);
        assert!(divisors(0).is_empty());
    }

    #[test]
    fn the_nearest_multiple_is_never_zero() {
        assert_eq!(nearest_multiple(500, 16), 496);
        assert_eq!(nearest_multiple(504, 16), 512);
        assert_eq!(nearest_multiple(3, 16), 16);
        assert_eq!(nearest_multiple(512, 16), 512);
    }

    #[test]
    fn least_common_multiple() {
        assert_eq!((gcd(12, 18), lcm(4, 6), lcm(0, 3)), (6, 12, 0));
    }
}
