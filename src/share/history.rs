//! The plans that a reader has been through, as links of any length, for undo and redo.

/// How many steps back there are at most.
pub const MOST_STEPS: usize = 200;

/// The plan of now between those before it and those that were taken back.
#[derive(Debug, Default)]
pub struct History {
    past: Vec<String>,
    now: Option<String>,
    future: Vec<String>,
    /// Whether the last step was typed, and its field is still being typed in.
    typing: bool,
}

impl History {
    /// Takes note of the plan that is shown. What is typed into one field in one go is one step.
    pub fn see(&mut self, link: &str, typed: bool) {
        if self.now.as_deref() == Some(link) {
            return;
        }
        let before = self.now.replace(link.to_owned());
        let same_step = typed && self.typing;
        self.typing = typed;
        self.future.clear();
        if !same_step {
            self.past.extend(before);
            if self.past.len() > MOST_STEPS {
                self.past.remove(0);
            }
        } else if self.past.last().map(String::as_str) == Some(link) {
            // What was typed is what stood there before: nothing is left to undo, and what is typed
            // next is a step.
            self.past.pop();
            self.typing = false;
        }
    }

    /// The field that was typed in is left: what is typed next is another step.
    pub fn settle(&mut self) {
        self.typing = false;
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is a step to take again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Takes the last step back; gives the plan before it.
    pub fn undo(&mut self) -> Option<String> {
        let plan = self.past.pop()?;
        self.future.extend(self.now.replace(plan));
        self.settle();
        self.now.clone()
    }

    /// Takes the next step again; gives the plan after it.
    pub fn redo(&mut self) -> Option<String> {
        let plan = self.future.pop()?;
        self.past.extend(self.now.replace(plan));
        self.settle();
        self.now.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history of plans that were clicked together.
    fn of(links: &[&str]) -> History {
        let mut history = History::default();
        for link in links {
            history.see(link, false);
        }
        history
    }

    #[track_caller]
    fn stands(history: &History, past: &[&str], now: &str, future: &[&str]) {
        assert_eq!(history.past, past);
        assert_eq!(history.now.as_deref(), Some(now));
        assert_eq!(history.future, future);
    }

    #[test]
    fn steps_are_taken_back_and_again() {
        let mut history = of(&["a", "b", "c"]);
        assert_eq!(history.undo().as_deref(), Some("b"));
        assert_eq!(history.undo().as_deref(), Some("a"));
        assert_eq!(history.undo(), None);
        stands(&history, &[], "a", &["c", "b"]);
        assert_eq!(history.redo().as_deref(), Some("b"));
        assert_eq!(history.redo().as_deref(), Some("c"));
        assert_eq!(history.redo(), None);
        stands(&history, &["a", "b"], "c", &[]);
    }

    #[test]
    fn the_plan_that_an_undo_shows_is_no_step() {
        let mut history = of(&["a", "b"]);
        history.undo();
        history.see("a", false);
        stands(&history, &[], "a", &["b"]);
    }

    #[test]
    fn a_new_step_ends_what_was_taken_back() {
        let mut history = of(&["a", "b", "c"]);
        history.undo();
        history.see("d", false);
        stands(&history, &["a", "b"], "d", &[]);
    }

    #[test]
    fn what_is_typed_into_one_field_is_one_step() {
        let mut history = of(&["a"]);
        for link in ["a1", "a12", "a128"] {
            history.see(link, true);
        }
        stands(&history, &["a"], "a128", &[]);
        history.settle();
        history.see("b1", true);
        stands(&history, &["a", "a128"], "b1", &[]);
        history.see("c", false);
        history.see("c1", true);
        stands(&history, &["a", "a128", "b1", "c"], "c1", &[]);
    }

    #[test]
    fn what_is_typed_and_deleted_again_is_no_step() {
        let mut history = of(&["a"]);
        history.see("a1", true);
        history.see("a", true);
        stands(&history, &[], "a", &[]);
        history.see("a2", true);
        stands(&history, &["a"], "a2", &[]);
    }

    #[test]
    fn there_are_two_hundred_steps_back() {
        let links: Vec<String> = (0..300).map(|n| n.to_string()).collect();
        let mut history = of(&links.iter().map(String::as_str).collect::<Vec<_>>());
        let mut steps = 0;
        while history.undo().is_some() {
            steps += 1;
        }
        assert_eq!(steps, MOST_STEPS);
        assert_eq!(
            (history.now.as_deref(), history.past.len()),
            (Some("99"), 0)
        );
        assert_eq!(history.future.len(), MOST_STEPS);
    }
}
