//! What could not be read of a link, said above the plan until it is dismissed.

use super::state::App;
use crate::dom::{Element, button, div, el};

/// The notice, where there is one.
pub fn notice(app: App) -> Vec<Element> {
    let bar = |notice: super::state::Notice| {
        let sentences = notice
            .sentences
            .into_iter()
            .map(|sentence| el("p").text(sentence));
        let came = el("details")
            .child(el("summary").text("The text as it came"))
            .child(el("code").text(notice.text));
        div("notice")
            .child(div("notice-words").children(sentences).child(came))
            .child(button("btn small", "Dismiss", move || {
                app.choose(|choices| choices.notice = None)
            }))
    };
    app.chosen(|choices| choices.notice.clone())
        .map(bar)
        .into_iter()
        .collect()
}
