//! What the query of the address asks to see: the page, or a part of it inside another page.
//!
//! `?embed&view=diagram&theme=dark&color=pp&hide=title`. The plan is apart from it, in the fragment.

use crate::diagram::{ColourBy, colour_named};
use leptos::prelude::*;

/// What is shown of a plan in another page, and the ids of the parts that show it.
const VIEWS: [(&str, &[&str]); 6] = [
    (
        "full",
        &[
            "verdict",
            "gpus",
            "compare",
            "memory",
            "checks",
            "communication",
            "pipeline",
            "batch",
            "explain",
        ],
    ),
    ("summary", &["verdict"]),
    ("diagram", &["gpus"]),
    ("memory", &["memory"]),
    ("schedule", &["pipeline"]),
    ("checks", &["checks"]),
];

/// What the query asks for.
#[derive(Clone, PartialEq)]
pub struct View {
    /// The parts that are shown in another page; none where this is the page itself.
    embedded: Option<&'static [&'static str]>,
    /// What is left out of them, words apart by spaces.
    hidden: String,
    /// A view that is asked for and that there is not.
    pub unknown: Option<String>,
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
        let (_, parts) = known.unwrap_or(&VIEWS[0]);
        let embeds = entry("embed").is_some_and(|value| value != "0");
        View {
            embedded: embeds.then_some(*parts),
            unknown: (embeds && known.is_none() && !asked.is_empty()).then(|| asked.to_owned()),
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
        let asked = self.embedded.is_none_or(|parts| parts.contains(&part));
        asked && !self.hides(part)
    }

    /// Whether a part is left out on request.
    pub fn hides(&self, part: &str) -> bool {
        self.is_embedded() && self.hidden.split(' ').any(|hidden| hidden == part)
    }

    /// What is left out of the parts on request, for the style sheet: words apart by spaces.
    pub fn hidden(&self) -> String {
        self.hidden.clone()
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
