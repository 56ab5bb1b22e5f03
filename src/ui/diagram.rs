//! The diagram: every GPU in its node, coloured by its group, and what one of them does.

mod canvas;
mod focus;
mod keys;
mod legend;
mod picture;
mod table;

use super::state::App;
use crate::core::mesh::Dim;
use canvas::canvas;
use focus::focus_panel;
use legend::legend;
use leptos::prelude::*;
use picture::Picture;
use table::group_table;

/// The diagram's section.
#[component]
pub fn Diagram(
    /// The page's state; the diagram writes its colour and the GPUs in focus.
    app: App,
) -> impl IntoView {
    let picture = Picture::new(app);
    view! {
        <section class="card gpus" aria-labelledby="gpus-title">
            <header>
                <h2 id="gpus-title">"GPUs"</h2>
                <span class="sub" id="gpus-colour">"colour by"</span>
                {colour_buttons(picture)}
                <span class="grow"></span>
                <span class="sub">{move || picture.mesh_words.get()}</span>
            </header>
            <div class="gpus-body">
                <div class="gpus-picture">
                    {canvas(picture)}
                    {legend(picture)}
                </div>
                {focus_panel(picture)}
            </div>
            {group_table(picture)}
        </section>
    }
}

fn colour_buttons(picture: Picture) -> AnyView {
    let button = move |dim: &Dim| {
        let dim = *dim;
        view! {
            <button type="button" title=long_name(dim)
                aria-pressed=move || (picture.dim.get() == dim).to_string()
                on:click=move |_| picture.app.colour.set(dim)>{dim.name()}</button>
        }
    };
    view! {
        <span class="seg" role="group" aria-labelledby="gpus-colour">
            {move || picture.dims().iter().map(button).collect_view()}
        </span>
    }
    .into_any()
}

fn long_name(dim: Dim) -> &'static str {
    match dim {
        Dim::Tp => "Tensor parallel",
        Dim::Cp => "Context parallel",
        Dim::Dp => "Data parallel",
        Dim::Pp => "Pipeline parallel",
        Dim::Etp => "Expert tensor parallel",
        Dim::Ep => "Expert parallel",
        Dim::Edp => "Expert data parallel",
    }
}
