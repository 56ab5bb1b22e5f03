//! The browser's side of files: saving, copying, and turning a drawing into pixels. What the browser
//! refuses comes back in words.

use js_sys::{Array, Promise, Uint8Array};
use meshplan::diagram::colours::Theme;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Document, HtmlAnchorElement, Url, Window};

/// What became of a file, in a sentence: done, or why not.
pub type Said = Result<String, &'static str>;

const REFUSED: &str = "The browser does not let this page save a file. Open the page in a window of its own and try again.";
const NO_PIXELS: &str =
    "The browser does not turn the picture into pixels. The SVG holds the same picture.";
const NO_CLIPBOARD: &str =
    "The browser does not let this page copy. The SVG can be saved as a file.";

/// The most pixels of a PNG, and of its longer side: more than this, some browsers draw nothing.
const MOST_PIXELS: (f64, f64) = (16e6, 8192.0);

/// How many pixels a CSS pixel becomes where there is room.
const SCALE: f64 = 2.0;

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

/// The address of the page alone.
pub fn address() -> String {
    let href = window().and_then(|window| window.location().href().ok());
    let href = href.unwrap_or_default();
    href.split(['#', '?']).next().unwrap_or_default().to_owned()
}

/// What the GPUs on the page are coloured by, as the button that is pressed calls it.
pub fn pressed_colour() -> Option<String> {
    let pressed = document()?.query_selector("#gpus-colours [aria-pressed=true]");
    pressed.ok().flatten()?.text_content()
}

/// The colours of the page: chosen by the reader, or those of the system.
pub fn theme_of_page() -> Theme {
    let chosen = document()
        .and_then(|document| document.document_element())
        .and_then(|root| root.get_attribute("data-theme"));
    let dark = match chosen.as_deref() {
        Some(name) => name == "dark",
        None => window()
            .and_then(|window| {
                window
                    .match_media("(prefers-color-scheme: dark)")
                    .ok()
                    .flatten()
            })
            .is_some_and(|dark| dark.matches()),
    };
    if dark { Theme::Dark } else { Theme::Light }
}

/// Hands a file to the browser to be saved.
pub fn save(bytes: &[u8], kind: &str, name: &str, ending: &str) -> Said {
    let name = [name, ending].concat();
    offer(bytes, kind, &name).ok_or(REFUSED)?;
    Ok(["The browser saves ", &name, "."].concat())
}

fn offer(bytes: &[u8], kind: &str, name: &str) -> Option<()> {
    let url = Held::new(bytes, kind)?;
    let link = document()?.create_element("a").ok()?;
    let link: HtmlAnchorElement = link.unchecked_into();
    link.set_href(&url.0);
    link.set_download(name);
    link.click();
    Some(())
}

/// Copies a text.
pub async fn copy(text: &str) -> Said {
    let navigator: JsValue = window().ok_or(NO_CLIPBOARD)?.navigator().into();
    // Not there outside of a secure context.
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into());
    let there = there
        .ok()
        .and_then(|c| c.dyn_into::<web_sys::Clipboard>().ok());
    let copied = JsFuture::from(there.ok_or(NO_CLIPBOARD)?.write_text(text)).await;
    copied.map_err(|_| NO_CLIPBOARD)?;
    Ok("Copied.".to_owned())
}

/// A drawing as a PNG, in twice its size where there is room for so many pixels.
pub async fn rasterized(svg: &str) -> Result<Vec<u8>, &'static str> {
    pixels(svg).await.map_err(|_| NO_PIXELS)
}

async fn pixels(svg: &str) -> Result<Vec<u8>, JsValue> {
    let url = Held::new(svg.as_bytes(), "image/svg+xml").ok_or(JsValue::NULL)?;
    let image = web_sys::HtmlImageElement::new()?;
    let loaded = Promise::new(&mut |done, failed| {
        image.set_onload(Some(&done));
        image.set_onerror(Some(&failed));
        image.set_src(&url.0);
    });
    JsFuture::from(loaded).await?;
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    let (most, longest) = MOST_PIXELS;
    let scale = SCALE
        .min((most / (width * height).max(1.0)).sqrt())
        .min(longest / width.max(height).max(1.0));
    let canvas = document().ok_or(JsValue::NULL)?.create_element("canvas")?;
    let canvas: web_sys::HtmlCanvasElement = canvas.unchecked_into();
    let (width, height) = ((width * scale).floor(), (height * scale).floor());
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let context: web_sys::CanvasRenderingContext2d = context.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
    let encoded = Promise::new(&mut |done, failed| {
        if let Err(refused) = canvas.to_blob(&done) {
            let _ = failed.call1(&JsValue::NULL, &refused);
        }
    });
    let blob: Blob = JsFuture::from(encoded).await?.dyn_into()?;
    let bytes = JsFuture::from(blob.array_buffer()).await?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

/// An address of bytes, for as long as it is held.
struct Held(String);

impl Held {
    fn new(bytes: &[u8], kind: &str) -> Option<Held> {
        let parts = Array::of1(&Uint8Array::from(bytes));
        let options = BlobPropertyBag::new();
        options.set_type(kind);
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
        Some(Held(Url::create_object_url_with_blob(&blob).ok()?))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.0);
    }
}
