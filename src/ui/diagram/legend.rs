//! The legend: the first groups and their colours, and all of them in a sentence.

use super::picture::Picture;
use crate::diagram::{SHADES, Shade, legend as entries, note, sentence, unassigned};
use leptos::prelude::*;

/// The legend.
pub fn legend(picture: Picture) -> AnyView {
    let of_paint = move || {
        picture.paint.with(|paint| {
            let groups = paint.crossing().groups;
            let shown = entries(paint);
            let repeats = !shown.is_empty() && groups > SHADES_OF_GROUPS;
            let shown: Vec<AnyView> = shown
                .into_iter()
                .enumerate()
                .map(|(i, (group, shade))| {
                    let name = if i == 0 {
                        format!("{} group {group}", paint.dim.name())
                    } else {
                        group.to_string()
                    };
                    entry(shade, name)
                })
                .collect();
            let class = if paint.is_misplaced() { "sentence warn" } else { "sentence" };
            let left = picture.shape.with(|shape| unassigned(shape, paint));
            view! {
                {shown}
                {repeats.then(|| view! { <span>"… colours repeat"</span> })}
                <span class=class>{sentence(paint)}</span>
                {left.map(|left| entry(Shade::Unassigned, left))}
            }
            .into_any()
        })
    };
    let more = move || {
        let text = picture.with_plan(|plan| picture.paint.with(|paint| note(plan, paint)));
        text.map(|text| view! { <p class="sub">{text}</p> })
    };
    view! {
        <div class="legend">{of_paint}</div>
        {more}
    }
    .into_any()
}

/// Groups after which the colours repeat: all shades but the two of no group.
const SHADES_OF_GROUPS: u64 = SHADES.len() as u64 - 2;

fn entry(shade: Shade, name: String) -> AnyView {
    view! {
        <span class="entry"><i class=shade.class() aria-hidden="true"></i>{name}</span>
    }
    .into_any()
}
