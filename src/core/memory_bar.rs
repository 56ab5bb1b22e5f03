//! The memory of a GPU as a bar: where each part begins and ends, and where the capacity lies.

use super::memory::GuideMemory;

/// The bar is a little longer than what it shows, so that the line of the capacity is seen.
const ROOM: f64 = 1.05;

/// A bar of memory; positions are shares of its length, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryBar {
    /// The parts, side by side.
    pub parts: Vec<BarPart>,
    /// Where the capacity lies, where it is known.
    pub capacity: Option<f64>,
    /// How much of the bar is beyond the capacity; zero when everything fits.
    pub beyond: f64,
}

/// A part of the bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BarPart {
    /// The key of the figure: `weights`, `gradients`, …
    pub key: &'static str,
    /// Its length.
    pub length: f64,
}

impl MemoryBar {
    /// The bar of an estimate.
    pub fn of(memory: &GuideMemory) -> MemoryBar {
        let total = memory.total.0;
        let longest = memory.capacity.map_or(total, |c| c.0.max(total)) * ROOM;
        let share = |bytes: f64| {
            if longest > 0.0 { bytes / longest } else { 0.0 }
        };
        MemoryBar {
            parts: memory
                .formulas
                .iter()
                .map(|part| BarPart {
                    key: part.key,
                    length: share(part.bytes.0),
                })
                .collect(),
            capacity: memory.capacity.map(|c| share(c.0)),
            beyond: memory.free().map_or(0.0, |free| share((-free).max(0.0))),
        }
    }
}

impl GuideMemory {
    /// Bytes of the capacity that are left; negative where they are lacking, and none where the
    /// capacity is unknown.
    pub fn free(&self) -> Option<f64> {
        self.capacity.map(|capacity| capacity.0 - self.total.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Edit, Field};
    use crate::core::memory::Memory;
    use crate::core::{Config, Plan, presets};

    fn memory(config: &Config) -> GuideMemory {
        Memory::of(&Plan::of(config)).guide
    }

    #[test]
    fn the_parts_end_where_the_total_does() {
        let memory = memory(&presets::opening());
        let bar = MemoryBar::of(&memory);
        let all: f64 = bar.parts.iter().map(|part| part.length).sum();
        let capacity = bar.capacity.expect("an A100");
        assert!((all / capacity - memory.total.0 / 40e9).abs() < 1e-12);
        assert_eq!(bar.beyond, 0.0);
        assert!((capacity - 1.0 / ROOM).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_fit_lies_beyond_the_capacity() {
        let memory = memory(&Edit::count(Field::Tp, 1).apply(&presets::opening()));
        let bar = MemoryBar::of(&memory);
        assert!(memory.free().expect("an A100") < 0.0);
        let end = bar.capacity.expect("an A100") + bar.beyond;
        assert!((end - 1.0 / ROOM).abs() < 1e-12);
    }
}
