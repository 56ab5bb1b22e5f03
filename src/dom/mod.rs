//! The page as plain data: elements, attributes, text and handlers, made by functions and brought
//! to the screen by one small patch.
//!
//! Leptos keeps the state and runs the effects. Its `view!` gives every element a type and code of
//! its own, which for a page of this many parts is a third more than the download budget allows;
//! one element type for all of them is a few kilobytes. Each part of the page makes its nodes anew
//! and changes on the screen only what differs.
//!
//! It knows the browser, and nothing of plans or of Leptos: the details are drawn with it too, by a
//! program of their own.

mod figure;
mod live;
mod parts;

use std::borrow::Cow;
use std::rc::Rc;

pub use figure::{figure, marks, sample, svg_path};
pub use live::Place;
pub use parts::{cell, choice, mark, paragraph, scrolling, sometimes, table};

/// A piece of text of the page.
pub type Str = Cow<'static, str>;

/// What an event does.
pub type Handler = Rc<dyn Fn(web_sys::Event)>;

/// A piece of the page.
#[derive(Clone)]
pub enum Node {
    /// Text.
    Text(Str),
    /// An element.
    Element(Element),
}

/// An element with what it holds. It is handed on as one pointer: by value, every step of making
/// one would copy all of it.
#[derive(Clone)]
pub struct Element(Box<Parts>);

#[derive(Clone)]
struct Parts {
    tag: &'static str,
    svg: bool,
    attributes: Vec<(&'static str, Str)>,
    /// The entry of an input: set where it differs from what stands there.
    value: Option<Str>,
    /// The state of a switch.
    checked: Option<bool>,
    handlers: Vec<(&'static str, Handler)>,
    children: Vec<Node>,
}

/// An element.
pub fn el(tag: &'static str) -> Element {
    new(tag, false)
}

/// An element of a drawing.
pub fn svg(tag: &'static str) -> Element {
    new(tag, true)
}

#[inline(never)]
fn new(tag: &'static str, svg: bool) -> Element {
    Element(Box::new(Parts {
        tag,
        svg,
        attributes: Vec::new(),
        value: None,
        checked: None,
        handlers: Vec::new(),
        children: Vec::new(),
    }))
}

/// A `div` of a class.
pub fn div(class: &'static str) -> Element {
    el("div").class(class)
}

/// A `span` of a class.
pub fn span(class: &'static str) -> Element {
    el("span").class(class)
}

/// A button that does something; never one that sends a form.
pub fn button(class: &'static str, label: impl Into<Str>, click: impl Fn() + 'static) -> Element {
    el("button")
        .attr("type", "button")
        .class(class)
        .on("click", move |_| click())
        .text(label)
}

// What is generic only turns its argument into one type; the work is done once, below.
impl Element {
    /// Sets an attribute.
    #[must_use]
    pub fn attr(self, name: &'static str, value: impl Into<Str>) -> Element {
        self.set(name, value.into())
    }

    /// Sets the class.
    #[must_use]
    pub fn class(self, class: impl Into<Str>) -> Element {
        self.set("class", class.into())
    }

    /// Sets an attribute without a value, such as `hidden`, if it holds.
    #[must_use]
    pub fn flag(self, name: &'static str, holds: bool) -> Element {
        if holds {
            self.set(name, Str::Borrowed(""))
        } else {
            self
        }
    }

    /// Turns a button off, if it holds: it says so, and what it did until here it does no more. It keeps the focus, which `disabled`
    /// would take from who has just pressed it.
    #[must_use]
    pub fn off(mut self, holds: bool) -> Element {
        if holds {
            self.0.handlers.clear();
            self.set("aria-disabled", Str::Borrowed("true"))
        } else {
            self
        }
    }

    /// Sets the entry of an input.
    #[must_use]
    pub fn value(mut self, value: impl Into<Str>) -> Element {
        self.0.value = Some(value.into());
        self
    }

    /// Sets the state of a switch.
    #[must_use]
    pub fn checked(mut self, on: bool) -> Element {
        self.0.checked = Some(on);
        self
    }

    /// Says what an event does. An element has at most one handler of each event.
    #[must_use]
    pub fn on(self, event: &'static str, handler: impl Fn(web_sys::Event) + 'static) -> Element {
        self.handle(event, Rc::new(handler))
    }

    /// Adds text.
    #[must_use]
    pub fn text(self, text: impl Into<Str>) -> Element {
        self.push(Node::Text(text.into()))
    }

    /// Adds a child.
    #[must_use]
    pub fn child(self, child: impl Into<Node>) -> Element {
        self.push(child.into())
    }

    /// Adds several children.
    #[must_use]
    pub fn children(self, children: impl IntoIterator<Item = Element>) -> Element {
        children
            .into_iter()
            .fold(self, |element, child| element.push(Node::Element(child)))
    }

    #[inline(never)]
    fn set(mut self, name: &'static str, value: Str) -> Element {
        self.0.attributes.push((name, value));
        self
    }

    #[inline(never)]
    fn handle(mut self, event: &'static str, handler: Handler) -> Element {
        self.0.handlers.push((event, handler));
        self
    }

    #[inline(never)]
    fn push(mut self, child: Node) -> Element {
        self.0.children.push(child);
        self
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Node {
        Node::Element(element)
    }
}
