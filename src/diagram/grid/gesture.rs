//! What pointers on the picture do: point, drag, pinch, click.

/// A pointer that moves less than this is held to stand still, CSS pixels.
const STILL: f64 = 5.0;

/// Two fingers that move apart by this factor zoom one step.
const PINCH: f64 = 1.3;

/// The wheel turns so far for one step, in the units of its events.
const NOTCH: f64 = 50.0;

/// What a movement asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gesture {
    /// Nothing.
    Nothing,
    /// A pointer that is not pressed points at a place.
    Point,
    /// The picture is dragged by so many pixels.
    Drag(i32, i32),
    /// So many steps of detail more or fewer, around a place.
    Zoom(i32, (f64, f64)),
}

/// One pointer that is pressed.
#[derive(Debug, Clone, Copy)]
struct Pressed {
    id: i32,
    start: (f64, f64),
    now: (f64, f64),
}

/// The pointers that are pressed, and how far the wheel has turned.
#[derive(Debug, Default)]
pub struct Pointers {
    pressed: Vec<Pressed>,
    /// Whether the press has become a drag or a pinch, and its end is no click.
    is_moving: bool,
    /// The distance of two fingers at the last step.
    apart: f64,
    turned: f64,
}

impl Pointers {
    /// A pointer is pressed at a place.
    pub fn press(&mut self, id: i32, at: (f64, f64)) {
        self.pressed.retain(|pressed| pressed.id != id);
        if self.pressed.is_empty() {
            self.is_moving = false;
        }
        self.pressed.push(Pressed {
            id,
            start: at,
            now: at,
        });
        self.apart = self.distance();
        if self.pressed.len() > 1 {
            self.is_moving = true;
        }
    }

    /// A pointer moves to a place. `can_pan` says whether there is anything to drag.
    pub fn move_to(&mut self, id: i32, at: (f64, f64), can_pan: bool) -> Gesture {
        let several = self.pressed.len() > 1;
        let Some(pressed) = self.pressed.iter_mut().find(|pressed| pressed.id == id) else {
            return Gesture::Point;
        };
        let before = pressed.now;
        if several {
            pressed.now = at;
            return self.pinch();
        }
        let far = |from: f64, to: f64| (to - from).abs() > STILL;
        if !self.is_moving && !far(pressed.start.0, at.0) && !far(pressed.start.1, at.1) {
            return Gesture::Nothing;
        }
        if !can_pan {
            return Gesture::Point;
        }
        self.is_moving = true;
        pressed.now = at;
        Gesture::Drag(whole(before.0 - at.0), whole(before.1 - at.1))
    }

    /// A pointer is let go. Gives whether that is a click.
    pub fn release(&mut self, id: i32) -> bool {
        self.pressed.retain(|pressed| pressed.id != id);
        let is_click = !self.is_moving && self.pressed.is_empty();
        if is_click {
            self.turned = 0.0;
        }
        is_click
    }

    /// The wheel turns. Gives the steps of detail that it asks for.
    pub fn turn(&mut self, by: f64) -> i32 {
        // Another direction begins anew.
        if by * self.turned > 0.0 {
            self.turned = 0.0;
        }
        self.turned -= by;
        let steps = whole(self.turned / NOTCH).clamp(-1, 1);
        if steps != 0 {
            self.turned = 0.0;
        }
        steps
    }

    fn pinch(&mut self) -> Gesture {
        let distance = self.distance();
        let steps = if distance > self.apart * PINCH {
            1
        } else if distance * PINCH < self.apart {
            -1
        } else {
            return Gesture::Nothing;
        };
        self.apart = distance;
        let (first, second) = (self.at(0), self.at(1));
        Gesture::Zoom(
            steps,
            ((first.0 + second.0) / 2.0, (first.1 + second.1) / 2.0),
        )
    }

    fn at(&self, finger: usize) -> (f64, f64) {
        self.pressed
            .get(finger)
            .map_or((0.0, 0.0), |pressed| pressed.now)
    }

    fn distance(&self) -> f64 {
        let (first, second) = (self.at(0), self.at(1));
        (first.0 - second.0).hypot(first.1 - second.1)
    }
}

fn whole(x: f64) -> i32 {
    #[allow(clippy::cast_possible_truncation)]
    let whole = x.trunc() as i32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_that_stands_still_is_a_click() {
        let mut pointers = Pointers::default();
        pointers.press(1, (10.0, 10.0));
        assert_eq!(pointers.move_to(1, (13.0, 8.0), true), Gesture::Nothing);
        assert!(pointers.release(1));
    }

    #[test]
    fn a_press_that_moves_drags_the_picture_and_is_no_click() {
        let mut pointers = Pointers::default();
        pointers.press(1, (100.0, 100.0));
        assert_eq!(
            pointers.move_to(1, (90.0, 104.0), true),
            Gesture::Drag(10, -4)
        );
        assert_eq!(
            pointers.move_to(1, (88.0, 104.0), true),
            Gesture::Drag(2, 0)
        );
        assert!(!pointers.release(1));
        pointers.press(1, (100.0, 100.0));
        assert_eq!(pointers.move_to(1, (0.0, 0.0), false), Gesture::Point);
        assert!(pointers.release(1));
    }

    #[test]
    fn a_pointer_that_is_not_pressed_points() {
        let mut pointers = Pointers::default();
        assert_eq!(pointers.move_to(1, (1.0, 1.0), true), Gesture::Point);
        pointers.press(2, (0.0, 0.0));
        assert_eq!(pointers.move_to(1, (1.0, 1.0), true), Gesture::Point);
    }

    #[test]
    fn two_fingers_zoom_around_their_middle() {
        let mut pointers = Pointers::default();
        pointers.press(1, (100.0, 100.0));
        pointers.press(2, (200.0, 100.0));
        assert_eq!(pointers.move_to(2, (220.0, 100.0), false), Gesture::Nothing);
        assert_eq!(
            pointers.move_to(2, (240.0, 100.0), false),
            Gesture::Zoom(1, (170.0, 100.0))
        );
        assert_eq!(
            pointers.move_to(2, (200.0, 100.0), false),
            Gesture::Zoom(-1, (150.0, 100.0))
        );
        assert!(!pointers.release(2) && !pointers.release(1));
    }

    #[test]
    fn the_wheel_zooms_a_notch_or_many_small_turns_at_a_time() {
        let mut pointers = Pointers::default();
        assert_eq!(pointers.turn(-120.0), 1);
        assert_eq!(pointers.turn(120.0), -1);
        let small: Vec<i32> = (0..6).map(|_| pointers.turn(-20.0)).collect();
        assert_eq!(small, [0, 0, 1, 0, 0, 1]);
        pointers.turn(-40.0);
        assert_eq!(pointers.turn(20.0), 0);
    }
}
