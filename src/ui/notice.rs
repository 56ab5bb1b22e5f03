//! What could not be read of a link, said above the plan until it is dismissed; and what no link to the
//! plan has room for.

use super::state::App;
use crate::dom::{Element, button, div, el, sometimes};
use crate::share;

/// How many sentences stand there at once: a long script may give sixty, and the plan comes first.
const AT_ONCE: usize = 4;

/// The notice, where there is one.
pub fn notice(app: App) -> Vec<Element> {
    let bar = |notice: super::state::Notice| {
        let mut sentences: Vec<Element> = notice
            .sentences
            .into_iter()
            .map(|sentence| el("p").text(sentence))
            .collect();
        let more = sentences.split_off(sentences.len().min(AT_ONCE));
        let more = (!more.is_empty()).then(|| {
            let summary = el("summary").text(format!("{} more", more.len()));
            el("details").child(summary).children(more)
        });
        let came = el("details")
            .child(el("summary").text("The text as it came"))
            .child(el("code").text(notice.text));
        div("notice")
            .child(
                div("notice-words")
                    .children(sentences)
                    .child(sometimes(more))
                    .child(came),
            )
            .child(button("btn small", "Dismiss", move || {
                app.choose(|choices| choices.notice = None)
            }))
    };
    let unlinked = share::left_out(&app.link(share::encode_both));
    let unlinked = unlinked.map(|said| div("notice").child(el("p").text(said)));
    let unread = app.chosen(|choices| choices.notice.clone());
    let unread = unread.filter(|notice| !notice.is_aside).map(bar);
    unread.into_iter().chain(unlinked).collect()
}
