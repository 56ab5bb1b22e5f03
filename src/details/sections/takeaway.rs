//! What leaves the page: link, flags, snippets, Markdown, JSON and CSV, each to be copied or saved.

use super::super::clipboard::copy_button;
use super::super::takeaway::{FORMS, PART, TEXT, text_now, text_of};
use super::super::{Shown, state};
use super::{Section, choice, pictures};
use meshplan::dom::{Element, button, el, paragraph, span};

/// How many characters are shown of a long text; copying and saving take all of it.
const SHOWN: usize = 40_000;

/// The texts.
pub fn section(shown: &Shown) -> Section {
    let Some(form) = FORMS.iter().find(|form| form.name == shown.choices.form) else {
        return (Vec::new(), Vec::new());
    };
    let name = form.name;
    let tabs = FORMS.iter().map(|form| {
        choice(["", ""], form.name == name, form.label(shown), || {
            state::choose(|choices| choices.form = form.name)
        })
    });
    let tabs = span("seg")
        .attr("role", "group")
        .attr("aria-label", "Form")
        .children(tabs);
    let text = text_of(shown, name);
    // What is no text to take away must not be pasted anywhere.
    let none = text.is_err();
    let said = shown.choices.copied;
    let save = move || pictures::save_text(form);
    let header = vec![
        tabs,
        span("grow"),
        button("btn", "Save", save).off(none),
        copy_button("btn", "Copy", name, said, move || text_now(name)).off(none),
    ];
    let body = match text {
        Ok(text) => shown_text(&text),
        Err(reason) => vec![paragraph("sub", reason)],
    };
    (header, body)
}

fn shown_text(text: &str) -> Vec<Element> {
    let end = text.char_indices().nth(SHOWN).map(|(at, _)| at);
    let part = end.and_then(|end| text.get(..end));
    let words = "This is the beginning. Copy and Save take the whole text.";
    let rest = part.map(|_| paragraph("sub", words));
    let shown = el("pre")
        .attr("id", TEXT)
        .attr("tabindex", "0")
        .attr("aria-label", "Text to copy")
        .flag(PART, part.is_some())
        .text(part.unwrap_or(text).to_owned());
    std::iter::once(shown).chain(rest).collect()
}
