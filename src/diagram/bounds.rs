//! A rectangle, and its text in the data of an SVG path.

/// A rectangle in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Left side.
    pub x: i32,
    /// Top side.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// Radius of the corners.
    pub radius: i32,
}

impl Bounds {
    /// The rectangle that is `by` pixels larger on each side.
    #[must_use]
    pub fn grown(self, by: i32) -> Bounds {
        Bounds {
            x: self.x - by,
            y: self.y - by,
            width: self.width + 2 * by,
            height: self.height + 2 * by,
            radius: self.radius,
        }
    }

    /// Whether two rectangles have a point in common.
    #[must_use]
    pub fn touches(self, other: Bounds) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    /// The middle of the rectangle.
    pub fn centre(self) -> (f64, f64) {
        (
            f64::from(self.x) + f64::from(self.width) / 2.0,
            f64::from(self.y) + f64::from(self.height) / 2.0,
        )
    }

    /// Adds the rectangle to the data of an SVG path.
    pub fn push_to(self, path: &mut String) {
        let r = self.radius;
        let (across, down) = (self.width - 2 * r, self.height - 2 * r);
        push(path, 'M', &[self.x + r, self.y]);
        push(path, 'h', &[across]);
        corner(path, r, r, r);
        push(path, 'v', &[down]);
        corner(path, r, -r, r);
        push(path, 'h', &[-across]);
        corner(path, r, -r, -r);
        // With sharp corners, closing the path draws the last side.
        if r > 0 {
            push(path, 'v', &[-down]);
            corner(path, r, r, -r);
        }
        path.push('z');
    }
}

fn corner(path: &mut String, radius: i32, dx: i32, dy: i32) {
    if radius > 0 {
        push(path, 'a', &[radius, radius, 0, 0, 1, dx, dy]);
    }
}

/// Adds a command and its numbers. Thousands of cells make formatting machinery felt.
fn push(path: &mut String, command: char, numbers: &[i32]) {
    path.push(command);
    for (i, &number) in numbers.iter().enumerate() {
        if i > 0 && number >= 0 {
            path.push(' ');
        }
        push_number(path, number);
    }
}

fn push_number(path: &mut String, number: i32) {
    if number < 0 {
        path.push('-');
    }
    let number = number.unsigned_abs();
    let mut unit = 1;
    while number / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        let digit = u8::try_from(number / unit % 10).unwrap_or(0);
        path.push(char::from(b'0' + digit));
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn path(x: i32, y: i32, width: i32, height: i32, radius: i32, expected: &str) {
        let mut path = String::new();
        Bounds {
            x,
            y,
            width,
            height,
            radius,
        }
        .push_to(&mut path);
        assert_eq!(path, expected);
    }

    #[test]
    fn a_rectangle_is_one_closed_line() {
        path(0, 0, 10, 5, 0, "M0 0h10v5h-10z");
        path(105, 90, 4, 4, 0, "M105 90h4v4h-4z");
        path(-3, -12, 1, 2, 0, "M-3-12h1v2h-1z");
    }

    #[test]
    fn round_corners_are_arcs() {
        path(
            0,
            0,
            10,
            8,
            2,
            "M2 0h6a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h-6a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2z",
        );
    }
}
