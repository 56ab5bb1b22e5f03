//! Tells the script around the planner when the planner has stopped, so that the plan is not lost.

use leptos::prelude::window;
use std::sync::Once;
use wasm_bindgen::JsValue;

/// Reports the first panic as a `meshplan:crash` event, which `boot.js` listens to. It must not
/// panic itself, so it takes no lock and reads no signal.
pub fn report_panics() {
    static FIRST: Once = Once::new();
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(String::new, |l| format!("{}:{}", l.file(), l.line()));
        let message = info
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| info.payload().downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let text = format!("{message} at {place}");
        FIRST.call_once(|| {
            let detail = js_sys::Object::new();
            let _ = js_sys::Reflect::set(&detail, &"message".into(), &JsValue::from_str(&text));
            let init = web_sys::CustomEventInit::new();
            init.set_detail(&detail);
            if let Ok(event) =
                web_sys::CustomEvent::new_with_event_init_dict("meshplan:crash", &init)
            {
                let _ = window().dispatch_event(&event);
            }
        });
    }));
}
