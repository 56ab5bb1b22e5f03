//! The page on the screen: what stands there, and the smallest change that makes it something
//! else.
//!
//! Children are matched by their place. An element of another tag is made anew; everything else is
//! kept, and with it the focus, the selection and what the reader has opened.

use super::{Element, Handler, Node, Str};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// The handler of an event as it is now; the listener of the element calls whatever stands here.
type Slot = Rc<RefCell<Handler>>;

/// A listener on an element, which goes with it.
struct Listener {
    event: &'static str,
    slot: Slot,
    /// Dropped with the element: the browser's reference alone would dangle.
    _closure: Closure<dyn Fn(web_sys::Event)>,
}

/// A node that stands on the screen.
enum Live {
    Text {
        node: web_sys::Text,
        text: Str,
    },
    Element {
        node: web_sys::Element,
        tag: &'static str,
        attributes: Vec<(&'static str, Str)>,
        listeners: Vec<Listener>,
        children: Vec<Live>,
    },
}

/// An element of the page, with what is shown in it.
pub struct Place {
    parent: web_sys::Element,
    live: Vec<Live>,
}

impl Place {
    /// An element in which nothing is shown yet; what it held is removed.
    pub fn new(parent: web_sys::Element) -> Place {
        parent.set_text_content(None);
        Place {
            parent,
            live: Vec::new(),
        }
    }

    /// Shows elements there, in place of what was shown before.
    pub fn show(&mut self, elements: Vec<Element>) {
        let held = document().active_element();
        let held = held.filter(|held| self.parent.contains(Some(held)));
        let nodes = elements.into_iter().map(Node::Element).collect();
        patch_children(&self.parent, &mut self.live, nodes);
        if held.is_some_and(|held| !held.is_connected()) {
            take_focus(&self.parent);
        }
    }
}

/// Takes the focus of an element that is gone, such as the button of a fix that was applied. Else
/// the next press of Tab would begin at the top of the page.
fn take_focus(place: &web_sys::Element) {
    set_attribute(place, "tabindex", "-1");
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // Elements of the page and of a drawing have their focus under the same name.
    let _ = place
        .unchecked_ref::<web_sys::HtmlElement>()
        .focus_with_options(&options);
}

fn patch_children(parent: &web_sys::Element, live: &mut Vec<Live>, nodes: Vec<Node>) {
    while live.len() > nodes.len() {
        if let Some(gone) = live.pop() {
            let _ = parent.remove_child(gone.node());
        }
    }
    let kept = live.len();
    for (i, node) in nodes.into_iter().enumerate() {
        match live.get_mut(i) {
            Some(old) if i < kept => patch(parent, old, node),
            _ => {
                let made = make(node);
                let _ = parent.append_child(made.node());
                live.push(made);
            }
        }
    }
}

/// Makes what stands there the node, or puts the node in its place.
fn patch(parent: &web_sys::Element, live: &mut Live, new: Node) {
    match (&mut *live, new) {
        (Live::Text { node, text }, Node::Text(wanted)) => {
            if *text != wanted {
                node.set_data(&wanted);
                *text = wanted;
            }
        }
        (
            Live::Element {
                node,
                tag,
                attributes,
                listeners,
                children,
            },
            Node::Element(wanted),
        ) if *tag == wanted.0.tag => {
            let wanted = *wanted.0;
            patch_attributes(node, attributes, wanted.attributes);
            patch_listeners(node, listeners, wanted.handlers);
            patch_children(node, children, wanted.children);
            set_entry(node, wanted.value, wanted.checked);
        }
        (_, new) => {
            let made = make(new);
            let _ = parent.replace_child(made.node(), live.node());
            *live = made;
        }
    }
}

impl Live {
    fn node(&self) -> &web_sys::Node {
        match self {
            Live::Text { node, .. } => node,
            Live::Element { node, .. } => node,
        }
    }
}

/// The page's document. Without one there is no page, and nobody calls this.
fn document() -> web_sys::Document {
    let document = web_sys::window().and_then(|window| window.document());
    document.unwrap_or_else(|| unreachable!())
}

fn make(node: Node) -> Live {
    match node {
        Node::Text(text) => Live::Text {
            node: document().create_text_node(&text),
            text,
        },
        Node::Element(element) => make_element(element),
    }
}

fn make_element(element: Element) -> Live {
    const SVG: &str = "http://www.w3.org/2000/svg";
    let element = *element.0;
    let made = if element.svg {
        document().create_element_ns(Some(SVG), element.tag)
    } else {
        document().create_element(element.tag)
    };
    // The tags are this program's own; a browser that refuses one shows nothing in its place.
    let Ok(node) = made else {
        return make(Node::Text("".into()));
    };
    let (mut attributes, mut listeners, mut children) = (Vec::new(), Vec::new(), Vec::new());
    patch_attributes(&node, &mut attributes, element.attributes);
    patch_listeners(&node, &mut listeners, element.handlers);
    patch_children(&node, &mut children, element.children);
    set_entry(&node, element.value, element.checked);
    Live::Element {
        node,
        tag: element.tag,
        attributes,
        listeners,
        children,
    }
}

fn patch_attributes(
    node: &web_sys::Element,
    old: &mut Vec<(&'static str, Str)>,
    new: Vec<(&'static str, Str)>,
) {
    for (name, value) in &new {
        if !old.iter().any(|(n, v)| n == name && v == value) {
            set_attribute(node, name, value);
        }
    }
    for (name, _) in old.iter() {
        // What has opened stays open: its reader may be at work in it.
        if *name != "open" && !new.iter().any(|(n, _)| n == name) {
            let _ = node.remove_attribute(name);
        }
    }
    *old = new;
}

/// Sets an attribute. A name with two hyphens before it is a property of the style, which the
/// page's policy allows only this way.
fn set_attribute(node: &web_sys::Element, name: &'static str, value: &str) {
    if name.starts_with("--") {
        // Elements of the page and of a drawing have their style under the same name.
        let style = node.unchecked_ref::<web_sys::HtmlElement>().style();
        let _ = style.set_property(name, value);
    } else {
        let _ = node.set_attribute(name, value);
    }
}

fn patch_listeners(
    node: &web_sys::Element,
    listeners: &mut Vec<Listener>,
    handlers: Vec<(&'static str, Handler)>,
) {
    for listener in listeners.iter() {
        if !handlers.iter().any(|(event, _)| *event == listener.event) {
            *listener.slot.borrow_mut() = Rc::new(|_| ());
        }
    }
    for (event, handler) in handlers {
        if let Some(listener) = listeners.iter().find(|l| l.event == event) {
            *listener.slot.borrow_mut() = handler;
            continue;
        }
        let slot: Slot = Rc::new(RefCell::new(handler));
        let calls = slot.clone();
        let closure = Closure::<dyn Fn(web_sys::Event)>::new(move |event| {
            // Let go of the slot first: the handler may change the page, and this slot with it.
            let handler = calls.borrow().clone();
            handler(event);
        });
        let _ = node.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        listeners.push(Listener {
            event,
            slot,
            _closure: closure,
        });
    }
}

/// Sets the entry of an input or a list, after its options, so that the one that is wanted is
/// there; and the state of a switch. Both kinds of element have them under the same names, which
/// one binding reaches.
fn set_entry(node: &web_sys::Element, value: Option<Str>, checked: Option<bool>) {
    let input = node.unchecked_ref::<web_sys::HtmlInputElement>();
    if let Some(value) = value
        && input.value() != value
    {
        input.set_value(&value);
    }
    if let Some(checked) = checked {
        input.set_checked(checked);
    }
}
