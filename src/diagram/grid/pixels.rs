//! Pixels, and rectangles of one colour on them.

/// Red, green, blue, opacity.
pub type Rgba = [u8; 4];

/// A picture of pixels, row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raster {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Four bytes a pixel.
    pub pixels: Vec<u8>,
}

impl Raster {
    /// Makes it empty and so large.
    pub(super) fn clear(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width, height);
        let size = u64::from(width) * u64::from(height) * 4;
        self.pixels.clear();
        self.pixels.resize(usize::try_from(size).unwrap_or(0), 0);
    }

    /// Fills whole pixels with a colour. Rows are copied, which is many times as fast as setting
    /// pixel by pixel.
    pub(super) fn fill_sides(&mut self, sides: Sides, colour: Rgba) {
        let (width, height) = (i64::from(self.width), i64::from(self.height));
        let (left, right) = (sides.left.max(0), sides.right.min(width));
        let (top, bottom) = (sides.top.max(0), sides.bottom.min(height));
        if left >= right || top >= bottom {
            return;
        }
        let byte = |column: i64, row: i64| {
            let at = (row * width + column) * 4;
            usize::try_from(at).unwrap_or(usize::MAX)
        };
        let first = byte(left, top)..byte(right, top);
        let length = first.len();
        if let Some(row) = self.pixels.get_mut(first.clone()) {
            row.chunks_exact_mut(4)
                .for_each(|pixel| pixel.copy_from_slice(&colour));
        }
        for row in top + 1..bottom {
            let to = byte(left, row);
            if to.saturating_add(length) <= self.pixels.len() {
                self.pixels.copy_within(first.clone(), to);
            }
        }
    }
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    pub left: i64,
    pub right: i64,
    pub top: i64,
    pub bottom: i64,
}

impl Sides {
    /// What a line of one pixel around it leaves.
    pub fn inner(self) -> Sides {
        Sides {
            left: self.left + 1,
            right: self.right - 1,
            top: self.top + 1,
            bottom: self.bottom - 1,
        }
    }

    /// The line of one pixel around it, inside.
    pub fn lines(self) -> [Sides; 4] {
        [
            Sides {
                bottom: self.bottom.min(self.top + 1),
                ..self
            },
            Sides {
                top: self.top.max(self.bottom - 1),
                ..self
            },
            Sides {
                right: self.right.min(self.left + 1),
                ..self
            },
            Sides {
                left: self.left.max(self.right - 1),
                ..self
            },
        ]
    }
}
