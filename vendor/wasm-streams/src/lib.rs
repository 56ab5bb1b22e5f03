//! Web streams and Rust streams, one as the other: as much of `wasm-streams` as Leptos's server
//! functions name.
//!
//! Meshplan has no server and calls none of it. The whole crate exports three JavaScript classes,
//! which no linker can leave out: almost six kilobytes of the page's download for code that never runs.
//! This one exports nothing, so it costs nothing unless it is called.

use futures_util::stream::{self, LocalBoxStream, Stream, StreamExt};
use js_sys::{Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{ReadableStreamDefaultController, ReadableStreamDefaultReader};

/// What a stream gives: chunks, or the error that ended it.
type Chunk = Result<JsValue, JsValue>;

/// A stream of the browser that can be read.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Takes a stream of the browser.
    pub fn from_raw(raw: web_sys::ReadableStream) -> ReadableStream {
        ReadableStream(raw)
    }

    /// Gives the stream of the browser back.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// Lets the browser read a Rust stream, chunk by chunk as it asks for them.
    pub fn from_stream(chunks: impl Stream<Item = Chunk> + 'static) -> ReadableStream {
        let chunks: Rc<RefCell<LocalBoxStream<'static, Chunk>>> =
            Rc::new(RefCell::new(chunks.boxed_local()));
        let pull = move |controller: ReadableStreamDefaultController| -> Promise {
            let chunks = chunks.clone();
            future_to_promise(async move {
                // The browser asks for one chunk at a time; the stream is put back after each.
                let mut now = chunks.replace(stream::empty().boxed_local());
                let next = now.next().await;
                *chunks.borrow_mut() = now;
                match next {
                    Some(chunk) => controller.enqueue_with_chunk(&chunk?)?,
                    None => controller.close()?,
                }
                Ok(JsValue::UNDEFINED)
            })
        };
        let pull = Closure::<dyn FnMut(ReadableStreamDefaultController) -> Promise>::new(pull);
        let source = Object::new();
        // A plain object takes any property.
        let _ = Reflect::set(&source, &"pull".into(), &pull.into_js_value());
        let made = web_sys::ReadableStream::new_with_underlying_source(&source);
        ReadableStream(made.unwrap_or_else(|refused| refused.unchecked_into()))
    }

    /// Reads the stream of the browser as a Rust stream.
    pub fn into_stream(self) -> impl Stream<Item = Chunk> {
        let reader: ReadableStreamDefaultReader = self.0.get_reader().unchecked_into();
        stream::unfold(Some(reader), |reader| async move {
            let reader = reader?;
            let result = match JsFuture::from(reader.read()).await {
                Ok(result) => result,
                Err(error) => return Some((Err(error), None)),
            };
            let part = |name: &str| Reflect::get(&result, &name.into()).unwrap_or_default();
            (!part("done").is_truthy()).then(|| (Ok(part("value")), Some(reader)))
        })
    }
}
