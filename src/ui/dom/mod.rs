//! The page as plain data: elements, attributes, text and handlers, made by functions and brought
//! to the screen by one small patch.
//!
//! Leptos keeps the state and runs the effects. Its `view!` gives every element a type and code of
//! its own, which for a page of this many parts is a third more than the download budget allows;
//! one element type for all of them is a few kilobytes. Each part of the page is an effect
//! that makes its nodes anew and changes on the screen only what differs.

mod live;

use std::borrow::Cow;
use std::rc::Rc;

pub use live::{show, show_in};

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

/// An element with what it holds.
#[derive(Clone)]
pub struct Element {
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
    Element {
        tag,
        svg: false,
        attributes: Vec::new(),
        value: None,
        checked: None,
        handlers: Vec::new(),
        children: Vec::new(),
    }
}

/// An element of a drawing.
pub fn svg(tag: &'static str) -> Element {
    Element {
        svg: true,
        ..el(tag)
    }
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

impl Element {
    /// Sets an attribute.
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Into<Str>) -> Element {
        self.attributes.push((name, value.into()));
        self
    }

    /// Sets the class.
    #[must_use]
    pub fn class(self, class: impl Into<Str>) -> Element {
        self.attr("class", class)
    }

    /// Sets an attribute without a value, such as `hidden`, if it holds.
    #[must_use]
    pub fn flag(self, name: &'static str, holds: bool) -> Element {
        if holds { self.attr(name, "") } else { self }
    }

    /// Sets the entry of an input.
    #[must_use]
    pub fn value(mut self, value: impl Into<Str>) -> Element {
        self.value = Some(value.into());
        self
    }

    /// Sets the state of a switch, or of an option of a list.
    #[must_use]
    pub fn checked(mut self, on: bool) -> Element {
        self.checked = Some(on);
        self
    }

    /// Says what an event does. An element has at most one handler of each event.
    #[must_use]
    pub fn on(
        mut self,
        event: &'static str,
        handler: impl Fn(web_sys::Event) + 'static,
    ) -> Element {
        self.handlers.push((event, Rc::new(handler)));
        self
    }

    /// Adds text.
    #[must_use]
    pub fn text(mut self, text: impl Into<Str>) -> Element {
        self.children.push(Node::Text(text.into()));
        self
    }

    /// Adds a child.
    #[must_use]
    pub fn child(mut self, child: impl Into<Node>) -> Element {
        self.children.push(child.into());
        self
    }

    /// Adds several children.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Element {
        self.children
            .extend(children.into_iter().map(Node::Element));
        self
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Node {
        Node::Element(element)
    }
}
