//! What is done with the plan as a whole, in the bar: undo, redo, compare, copy.

use super::clipboard::copy_button;
use super::sections::pictures;
use super::state::{Shown, step};
use super::{compare, page, takeaway};
use meshplan::dom::{Element, button, div, el, paragraph};
use meshplan::share::history::History;
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, Node};

/// The button that begins and ends a comparison.
pub const COMPARE: &str = "compare-button";

/// The menu of what can be copied.
const MENU: &str = "copy-menu";

/// The tools.
pub fn tools(shown: &Shown, history: &History) -> Vec<Element> {
    let comparing = shown.other.is_some();
    vec![
        button("btn", "↶", || step(History::undo))
            .attr("aria-label", "Undo")
            .attr("title", "Undo (Ctrl+Z)")
            .off(!history.can_undo()),
        button("btn", "↷", || step(History::redo))
            .attr("aria-label", "Redo")
            .attr("title", "Redo (Ctrl+Shift+Z)")
            .off(!history.can_redo()),
        button("btn", "Compare", compare::toggle)
            .attr("id", COMPARE)
            .attr("title", "Compare this plan with another one")
            .attr("aria-pressed", if comparing { "true" } else { "false" }),
        menu(shown),
    ]
}

/// Every form in which the plan can be copied.
fn menu(shown: &Shown) -> Element {
    let said = shown.choices.copied;
    let texts = takeaway::FORMS.iter().map(|form| {
        copy_button("", form.label(shown), form.name, said, || {
            takeaway::text_now(form.name)
        })
    });
    let list = div("menu-list")
        .attr("role", "group")
        .attr("aria-label", "Copy as")
        .children(texts)
        .children(pictures::copies(shown))
        .child(paragraph("sub", shown.told.clone()).attr("role", "status"));
    el("details")
        .attr("id", MENU)
        .class("menu")
        .child(el("summary").class("btn").text("Copy…"))
        .child(list)
}

/// Moves the focus inside the open menu by a key: to the next entry or the one before, round and round, to
/// the first or the last. Says whether it did.
pub fn walk_menu(key: &str) -> bool {
    let walked = || {
        let menu = page::element(MENU).filter(|menu| menu.has_attribute("open"))?;
        let focused = page::focused().filter(|focused| menu.contains(Some(focused)))?;
        let list = menu.last_element_child()?;
        let first = list.first_element_child();
        // What is said of the copy follows the entries.
        let last = list.last_element_child()?.previous_element_sibling();
        let entry = |element: &web_sys::Element| element.tag_name() == "BUTTON";
        let to = match key {
            "ArrowDown" => focused.next_element_sibling().filter(entry).or(first),
            "ArrowUp" => focused.previous_element_sibling().filter(entry).or(last),
            "Home" => first,
            _ => last,
        };
        let to = to?.dyn_into::<web_sys::HtmlElement>().ok()?;
        to.focus().ok()
    };
    walked().is_some()
}

/// Closes the menu, unless `inside` is a part of it; with the keys its summary takes the focus.
pub fn close_menu(inside: Option<EventTarget>) {
    let Some(menu) = page::element(MENU) else {
        return;
    };
    let by_keys = inside.is_none();
    let inside = inside.and_then(|target| target.dyn_into::<Node>().ok());
    let is_open = menu.has_attribute("open");
    if !is_open || inside.is_some_and(|node| menu.contains(Some(&node))) {
        return;
    }
    let _ = menu.remove_attribute("open");
    if by_keys && let Some(summary) = menu.first_element_child() {
        let _ = summary.unchecked_ref::<web_sys::HtmlElement>().focus();
    }
}
