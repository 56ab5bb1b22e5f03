//! Sizes of messages as text. They run from bytes to petabytes, so each takes the prefix that
//! suits it, of the family that the reader chose.

use super::decimal::trimmed;
use super::units::MemoryUnit;

impl MemoryUnit {
    /// A size to three digits with the prefix that suits it: `33.6 MB`, or `32 MiB`.
    pub fn scaled(self, bytes: f64) -> String {
        let (step, names) = match self {
            MemoryUnit::Gb => (1e3, ["B", "kB", "MB", "GB", "TB", "PB"]),
            MemoryUnit::Gib => (1024.0, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]),
        };
        let mut size = bytes;
        let mut names = names.iter();
        let mut name = names.next();
        // What would be rounded up to a whole step is told in the next prefix.
        while size >= step - 0.5 && names.len() > 0 {
            size /= step;
            name = names.next();
        }
        let digits = match size {
            s if s >= 100.0 => 0,
            s if s >= 10.0 => 1,
            _ => 2,
        };
        format!("{} {}", trimmed(size, digits), name.unwrap_or(&"B"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(bytes: f64, gb: &str, gib: &str) {
        let both = (MemoryUnit::Gb.scaled(bytes), MemoryUnit::Gib.scaled(bytes));
        assert_eq!(both, (gb.to_owned(), gib.to_owned()));
    }

    #[test]
    fn a_size_takes_the_prefix_that_suits_it() {
        reads(0.0, "0 B", "0 B");
        reads(512.0, "512 B", "512 B");
        reads(33_554_432.0, "33.6 MB", "32 MiB");
        reads(7e9, "7 GB", "6.52 GiB");
        reads(274_877_906_944.0, "275 GB", "256 GiB");
        reads(999_999_999.0, "1 GB", "954 MiB");
        reads(1e19, "10000 PB", "8882 PiB");
    }
}
