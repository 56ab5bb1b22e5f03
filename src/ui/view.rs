//! What the query of the address asks to see: the page, or a part of it inside another page.
//!
//! `?embed&view=diagram&theme=dark&color=pp&hide=title`. The plan is apart from it, in the fragment.

use super::state::Notice;
use crate::core::config::shown;
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

/// What the query may say.
const KEYS: [&str; 6] = ["embed", "view", "theme", "color", "hide", "edit"];

/// What can be left out on request: parts by their ids, and what has none.
const PARTS: &str = "title verdict compare gpus memory checks communication advice pipeline batch explain \
                     pictures takeaway legend tools panel colors";

/// The names of the colours of the page.
const THEMES: &str = "auto light dark";

/// What is for those who change a plan or take it away.
const OF_THE_PAGE: [&str; 3] = ["advice", "pictures", "takeaway"];

/// What the query asks for.
#[derive(Clone, Copy)]
pub struct View {
    /// The part that is shown in another page, empty for all; none where this is the page itself.
    embedded: Option<&'static str>,
    /// What is left out on request, words apart by spaces.
    pub hidden: &'static str,
    /// Whether an embedded plan can be changed.
    pub edits: bool,
    /// `light`, `dark`, or empty for the system's colours; none where nothing is said.
    pub theme: Option<&'static str>,
    /// What the GPUs are coloured by.
    pub colour: Option<ColourBy>,
}

impl View {
    /// The view of the address, and what it asks for that there is not, in words.
    pub fn now() -> (View, Option<Notice>) {
        View::of(&query())
    }

    fn of(query: &str) -> (View, Option<Notice>) {
        let entry = |key: &str| {
            entries(query)
                .find(|entry| entry.0 == key)
                .map(|entry| entry.1)
        };
        let asked = entry("view").unwrap_or_default();
        let known = VIEWS.iter().find(|view| view.0 == asked);
        // Another word shows all of it.
        let part = known.map_or("", |view| view.1);
        let embeds = is_embed(query);
        let hidden = entry("hide").unwrap_or_default();
        // For as long as the page stands.
        let hidden: &'static str = apart_by_spaces(hidden).leak();
        let (theme, colour) = (entry("theme"), entry("color"));
        let named = colour.and_then(colour_named);
        let is_one = |word: &str, known: &str| known.split(' ').any(|one| one == word);
        let words = [
            ("view", asked, known.is_some()),
            (
                "theme",
                theme.unwrap_or_default(),
                theme.is_some_and(|theme| is_one(theme, THEMES)),
            ),
            ("color", colour.unwrap_or_default(), named.is_some()),
        ];
        let hides = hidden
            .split(' ')
            .map(|word| ("hide", word, is_one(word, PARTS)));
        let unknown = words.into_iter().chain(hides);
        let unknown = unknown.filter(|(_, word, known)| !known && !word.is_empty());
        let sentences = unknown.map(|(key, word, _)| {
            [
                "The address says “",
                key,
                "=",
                &shown(word),
                "”, which this version of Meshplan does not know.",
            ]
            .concat()
        });
        let view = View {
            embedded: embeds.then_some(part),
            hidden,
            edits: !embeds || entry("edit").is_some_and(|value| value != "0"),
            theme: theme.map(theme_named),
            colour: named,
        };
        (view, Notice::saying(sentences.collect(), query, None))
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

/// What the address says after “?”.
pub fn query() -> String {
    window().location().search().unwrap_or_default()
}

/// Whether this page stands inside another one.
pub fn is_embedded() -> bool {
    is_embed(&query())
}

fn is_embed(query: &str) -> bool {
    let asked = entries(query).find(|entry| entry.0 == "embed");
    asked.is_some_and(|entry| entry.1 != "0")
}

/// The entries of a query, each as its name and its value.
fn entries(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split(['?', '&']).map(|entry| {
        // A wiki writes `&` as `&amp;`.
        let entry = entry.strip_prefix("amp;").unwrap_or(entry);
        entry.split_once('=').unwrap_or((entry, ""))
    })
}

/// Words apart by spaces. A query has commas or plus signs between them, or either as a percent code; no
/// word has such a code in it.
fn apart_by_spaces(words: &str) -> String {
    let mut left_of_code = 0;
    let plain = |c| {
        if left_of_code > 0 {
            left_of_code -= 1;
            return None;
        }
        if c == '%' {
            left_of_code = 2;
        }
        Some(if matches!(c, '%' | ',' | '+') { ' ' } else { c })
    };
    words.chars().filter_map(plain).collect()
}

/// A query without what it does not say to see: without a plan.
pub fn without_plan(query: &str) -> String {
    let mut kept = String::new();
    for (name, value) in entries(query).filter(|entry| KEYS.contains(&entry.0)) {
        let sign = if kept.is_empty() { "?" } else { "&" };
        kept.push_str(&[sign, name, "=", value].concat());
    }
    kept
}

/// The colours by their name; the system's for any other.
pub fn theme_named(name: &str) -> &'static str {
    match name {
        "light" => "light",
        "dark" => "dark",
        _ => "",
    }
}
