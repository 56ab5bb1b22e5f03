//! The picture itself: one path a colour however many GPUs there are, and one listener that finds
//! the GPU under the pointer by its place.

use super::keys::on_key;
use super::picture::Picture;
use crate::diagram::{
    Detail, Highlight, Label, Layout, SHADES, cell_labels, labels_of, node_labels, not_drawn,
    spoken, summary,
};
use leptos::ev::{MouseEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The picture, which takes the keys, and the words that say what it shows.
pub fn canvas(picture: Picture) -> AnyView {
    let frame = NodeRef::<Div>::new();
    let measure = move || {
        if let Some(frame) = frame.get_untracked() {
            picture.width.set(frame.client_width());
        }
    };
    frame.on_load(move |_| measure());
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    let is_drawn = Memo::new(move |_| picture.layout.with(Option::is_some));
    let at_pin = move || {
        let rank = picture.pinned.get();
        rank.map(|rank| picture.with_plan(|plan| spoken(plan, rank)))
    };
    view! {
        <div class="gpus-frame" node_ref=frame tabindex="0" role="application"
            aria-label="Diagram of the GPUs" aria-describedby="gpus-keys"
            hidden=move || !is_drawn.get()
            on:keydown=move |event| on_key(picture, &event)>
            {move || is_drawn.get().then(|| drawing(picture))}
        </div>
        <p class="sub">{move || picture.shape.with(not_drawn)}</p>
        <p class="visually-hidden" id="gpus-keys">
            "Arrow keys move from GPU to GPU, Home and End go to the first and the last, Enter pins "
            "one, Escape lets go. The keys 1 to 5 choose TP, PP, DP, EP or CP as the colour."
        </p>
        <p class="visually-hidden" aria-live="polite">{at_pin}</p>
    }
    .into_any()
}

fn drawing(picture: Picture) -> AnyView {
    let app = picture.app;
    let paths = Memo::new(move |_| match picture.layout.get() {
        Some(layout) => picture.paint.with(|paint| paint.paths(&layout)),
        None => Default::default(),
    });
    let cells = SHADES.into_iter().enumerate().map(|(i, shade)| {
        let data = move || paths.with(|paths| paths.get(i).cloned().unwrap_or_default());
        view! { <path class=shade.class() d=data/> }
    });
    let of_layout = move |read: fn(&Layout) -> String| {
        move || picture.layout.with(|layout| layout.as_ref().map(read).unwrap_or_default())
    };
    let misplaced = move || match picture.layout.get() {
        Some(layout) => picture.paint.with(|paint| paint.misplaced_path(&layout)),
        None => String::new(),
    };
    let names = move || labels(picture.layout.with(|l| l.as_ref().map(node_labels)));
    let texts = move || {
        let layout = picture.layout.get();
        labels(layout.map(|layout| picture.paint.with(|paint| cell_labels(&layout, paint))))
    };
    let hover = move |event: PointerEvent| {
        // A finger that scrolls the page points at nothing.
        if event.pointer_type() != "touch" {
            let rank = rank_under(picture, &event);
            if rank != app.hovered.get_untracked() {
                app.hovered.set(rank);
            }
        }
    };
    let pin = move |event: MouseEvent| {
        if let Some(rank) = rank_under(picture, &event) {
            app.pinned.update(|pinned| *pinned = (*pinned != Some(rank)).then_some(rank));
        }
    };
    let is_focused =
        move || picture.highlight.with(|h| h.as_ref().is_some_and(|h| h.dims_others));
    let name = move || {
        let shape = picture.shape.get();
        picture.paint.with(|paint| summary(&shape, paint))
    };
    view! {
        <svg role="img" aria-label=name viewBox=of_layout(view_box) class=of_layout(size_class)
            class:focused=is_focused on:pointermove=hover on:click=pin
            on:pointerleave=move |_| app.hovered.set(None)>
            <path class="nodes" d=of_layout(Layout::node_path)/>
            <g class="names">{names}</g>
            <g class="cells">{cells.collect_view()}</g>
            <path class="misplaced" d=misplaced/>
            <g class="texts">{texts}</g>
            <g class="highlight">{move || highlight(picture)}</g>
        </svg>
    }
    .into_any()
}

fn view_box(layout: &Layout) -> String {
    format!("0 0 {} {}", layout.width, layout.height)
}

fn size_class(layout: &Layout) -> String {
    match layout.level.detail {
        Detail::Coordinates { .. } => "large",
        Detail::Rank => "medium",
        Detail::Colour if layout.level.height >= 10 => "small",
        Detail::Colour => "tiny",
    }
    .to_owned()
}

/// The group of the GPU in focus, in full colour over the dimmed cells.
fn highlight(picture: Picture) -> Option<AnyView> {
    let (layout, highlight) = (picture.layout.get()?, picture.highlight.get()?);
    let Highlight { shade, members, group, cell, crosses, .. } = highlight;
    let texts = picture.paint.with(|paint| {
        let texts = members.iter().flat_map(|rank| labels_of(&layout, paint, *rank));
        texts.collect::<Vec<Label>>()
    });
    let class = shade.class().to_owned() + if crosses { " crosses" } else { "" };
    Some(
        view! {
            <path class=class d=group/>
            <path class="focus-cell" d=cell/>
            <g class="texts">{labels(Some(texts))}</g>
        }
        .into_any(),
    )
}

fn labels(labels: Option<Vec<Label>>) -> Vec<AnyView> {
    labels.unwrap_or_default().into_iter().map(label).collect()
}

fn label(label: Label) -> AnyView {
    let class = if label.small { "coordinate " } else { "rank " }.to_owned() + label.shade.class();
    view! { <text x=label.x.to_string() y=label.y.to_string() class=class>{label.text}</text> }
        .into_any()
}

/// The rank under the pointer, by the way back from the screen to the layout.
fn rank_under(picture: Picture, event: &MouseEvent) -> Option<u64> {
    let layout = picture.layout.get_untracked()?;
    let svg = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
    let on_screen = svg.get_bounding_client_rect();
    let scale = f64::from(layout.width) / on_screen.width();
    let x = f64::from(event.client_x()) - on_screen.left();
    let y = f64::from(event.client_y()) - on_screen.top();
    layout.rank_at(x * scale, y * scale)
}
