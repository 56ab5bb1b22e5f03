//! What the query of the address asks to see: the page, or a part of it inside another page.
//!
//! `?embed&view=diagram&theme=dark&color=pp&hide=title`. The plan is apart from it, in the fragment.

use crate::diagram::{ColourBy, colour_named};
use leptos::prelude::*;

/// What is shown of a plan in another page: the views by their names, with the id of the one part that
/// each shows, or none for all of them.
const VIEWS: [(&str, &str); 6] = [
    ("full", ""),
    ("summary", "verdict"),
    ("diagram", "gpus"),
    ("memory", "memory"),
    ("schedule", "pipeline"),
    ("checks", "checks"),
];

/// What is for those who change a plan or take it away.
const OF_THE_PAGE: [&str; 3] = ["advice", "pictures", "takeaway"];

/// What the query asks for.
#[derive(Clone)]
pub struct View {
    /// The part that is shown in another page, empty for all; none where this is the page itself.
    embedded: Option<&'static str>,
    /// What is left out on request, words apart by spaces.
    pub hidden: String,
    /// Whether an embedded plan can be changed.
    pub edits: bool,
    /// `light`, `dark`, or empty for the system's colours; none where nothing is said.
    pub theme: Option<&'static str>,
    /// What the GPUs are coloured by.
    pub colour: Option<ColourBy>,
}

impl View {
    /// The view of the address.
    pub fn now() -> View {
        View::of(&window().location().search().unwrap_or_default())
    }

    fn of(query: &str) -> View {
        let entry = |key: &str| {
            query.split(['?', '&']).find_map(|entry| {
                // A wiki writes `&` as `&amp;`.
                let entry = entry.strip_prefix("amp;").unwrap_or(entry);
                let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
                (name == key).then_some(value)
            })
        };
        let asked = entry("view").unwrap_or_default();
        let known = VIEWS.iter().find(|view| view.0 == asked);
        // Another word shows all of it.
        let part = known.map_or("", |view| view.1);
        let embeds = entry("embed").is_some_and(|value| value != "0");
        View {
            embedded: embeds.then_some(part),
            hidden: entry("hide").unwrap_or_default().replace([',', '+'], " "),
            edits: !embeds || entry("edit").is_some_and(|value| value != "0"),
            theme: entry("theme").map(theme_named),
            colour: entry("color").and_then(colour_named),
        }
    }

    /// Whether the page stands inside another one.
    pub fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    /// Whether a part is shown.
    pub fn shows(&self, part: &str) -> bool {
        let asked = match self.embedded {
            None => true,
            Some("") => !OF_THE_PAGE.contains(&part),
            Some(only) => only == part,
        };
        asked && !self.hides(part)
    }

    /// Whether a part is left out on request.
    pub fn hides(&self, part: &str) -> bool {
        self.is_embedded() && self.hidden.split(' ').any(|hidden| hidden == part)
    }
}

/// The colours by their name; the system's for any other.
pub fn theme_named(name: &str) -> &'static str {
    match name {
        "light" => "light",
        "dark" => "dark",
        _ => "",
    }
}
