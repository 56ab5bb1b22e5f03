//! A picture of tiny cells as pixels on a canvas: what is drawn is `diagram::Raster`.

use super::picture::Picture;
use crate::diagram::colours::{self, Colour};
use crate::diagram::{Lit, Paint, Palette, Raster, Rgba, SHADES, Scope, View, light};
use crate::ui::state::{App, Choices};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// More pixels than these to a CSS pixel cost time and show nothing.
const MOST_PIXELS: f64 = 2.0;

/// What changes the colours of the page without a word of the reader.
const COLOURS_CHANGE: [&str; 3] = [
    "(prefers-color-scheme: dark)",
    "(forced-colors: active)",
    // On paper they are light.
    "print",
];

#[derive(Default)]
struct Canvas {
    raster: Raster,
    /// The colours of the page, and when they were read.
    palette: Option<((&'static str, u32), Palette)>,
}

thread_local! {
    /// What is kept from frame to frame, so that moving a picture takes no memory anew.
    static CANVAS: RefCell<Canvas> = RefCell::default();
}

/// What the pixels show.
#[derive(PartialEq)]
struct Seen {
    scope: Scope,
    paint: Paint,
    lit: Option<Lit>,
    /// The theme, and how often the system has changed its colours.
    turn: (&'static str, u32),
    /// Pixels of the screen to a CSS pixel.
    scale: f64,
}

/// Draws a picture whenever what it shows changes.
pub fn show_raster(picture: Picture) {
    let drawn: RefCell<Option<Seen>> = RefCell::new(None);
    let effect = RenderEffect::new(move |_| {
        let choices = |choices: &Choices| (choices.theme, choices.system_colours);
        let turn = picture.app.chosen(choices);
        let scope = picture.scope.get();
        let Some(scope) = scope.filter(|s| s.layout.level.is_tiny() && picture.is_shown()) else {
            return;
        };
        let seen = Seen {
            scope,
            paint: picture.paint.get(),
            lit: picture.lit(),
            turn,
            scale: window().device_pixel_ratio().min(MOST_PIXELS),
        };
        // The reader may have chosen something that these pixels do not show.
        if drawn.borrow().as_ref() != Some(&seen) && draw(picture, &seen).is_some() {
            drawn.replace(Some(seen));
        }
    });
    // For as long as the page stands.
    std::mem::forget(effect);
}

fn draw(picture: Picture, seen: &Seen) -> Option<()> {
    let layout = &seen.scope.layout;
    let mut cells = seen.paint.cells(layout.gpus());
    light(&mut cells, seen.lit.iter().flat_map(Lit::all));
    CANVAS.with_borrow_mut(|canvas| {
        let palette = canvas.palette(picture, seen.turn)?;
        canvas.raster.draw(&View {
            layout,
            window: seen.scope.window,
            scale: seen.scale,
            cells: &cells,
            dims: seen.lit.as_ref().is_some_and(Lit::dims_others),
            palette: &palette,
        });
        put(picture, &canvas.raster).ok()
    })
}

impl Canvas {
    fn palette(&mut self, picture: Picture, turn: (&'static str, u32)) -> Option<Palette> {
        match &self.palette {
            Some((read, palette)) if *read == turn => Some(palette.clone()),
            _ => {
                let palette = read_palette(picture)?;
                self.palette = Some((turn, palette.clone()));
                Some(palette)
            }
        }
    }
}

/// Puts the pixels on the canvas.
fn put(picture: Picture, raster: &Raster) -> Result<(), JsValue> {
    let Some(canvas) = document().get_element_by_id(&picture.id("raster")) else {
        return Ok(());
    };
    let canvas = canvas.unchecked_into::<HtmlCanvasElement>();
    if (canvas.width(), canvas.height()) != (raster.width, raster.height) {
        canvas.set_width(raster.width);
        canvas.set_height(raster.height);
    }
    if raster.pixels.is_empty() {
        return Ok(());
    }
    let image = ImageData::new_with_u8_clamped_array(Clamped(&raster.pixels), raster.width)?;
    let context = canvas.get_context("2d")?;
    if let Some(context) = context {
        let context = context.unchecked_into::<CanvasRenderingContext2d>();
        context.put_image_data(&image, 0.0, 0.0)?;
    }
    Ok(())
}

/// The page's colours as the reader's theme and system have them.
fn read_palette(picture: Picture) -> Option<Palette> {
    let frame = document().get_element_by_id(&picture.id("frame"))?;
    let probe = document().create_element("i").ok()?;
    frame.append_child(&probe).ok()?;
    let style = probe.unchecked_ref::<web_sys::HtmlElement>().style();
    // The tokens are the system's colours where it forces them; the hues are kept.
    let _ = style.set_property("forced-color-adjust", "none");
    let read = |colour: Colour| -> Rgba {
        let _ = style.set_property("color", colour.css);
        let computed = window().get_computed_style(&probe).ok().flatten();
        let text = computed.and_then(|computed| computed.get_property_value("color").ok());
        rgba(&text.unwrap_or_default())
    };
    let shades = SHADES.map(|shade| {
        let style = shade.style();
        // What is hollow has its line's colour, and so has what is alone: it would not be seen.
        let plain = style.fill.filter(|fill| *fill != colours::PANEL);
        read(plain.or(style.stroke).unwrap_or(colours::CONTROL))
    });
    let palette = Palette {
        shades,
        ground: read(colours::PANEL),
        node: read(colours::SUNK),
        line: read(colours::LINE),
        bad: read(colours::BAD),
    };
    probe.remove();
    Some(palette)
}

/// `rgb(230, 159, 0)`, as the browser writes computed colours.
fn rgba(text: &str) -> Rgba {
    let mut colour = [0, 0, 0, 255];
    let numbers = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|part| part.parse::<u8>().ok());
    for (part, number) in colour.iter_mut().take(3).zip(numbers) {
        *part = number;
    }
    colour
}

/// Draws anew when the system changes its colours.
pub fn follow_system_colours(app: App) {
    let changed = Closure::<dyn Fn(web_sys::Event)>::new(move |_| {
        app.choose(|choices| choices.system_colours = choices.system_colours.wrapping_add(1));
    });
    for query in COLOURS_CHANGE {
        if let Ok(Some(media)) = window().match_media(query) {
            let listener = changed.as_ref().unchecked_ref();
            let _ = media.add_event_listener_with_callback("change", listener);
            // The list would be forgotten with its listener.
            std::mem::forget(media);
        }
    }
    changed.forget();
}
