//! A part of the page as plain data, and how it gets onto the page: only what changed is touched,
//! so that open details, the focus and a selection stay.
//!
//! Every `view!` is a type of its own, with its own code to build and to update it; the dozens
//! that the sections need were a third of the whole download. A `Node` is one type.

use leptos::prelude::*;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::Element;

/// Text that is fixed, or made for this plan.
type Text = Cow<'static, str>;

/// What a click does.
type Click = Rc<dyn Fn()>;

/// An element with its attributes and children, or text.
pub enum Node {
    /// Text; an empty one holds the place of something that is not there now.
    Text(Text),
    /// An element.
    Element(Tag),
}

/// An element.
pub struct Tag {
    name: &'static str,
    attributes: Vec<(&'static str, Text)>,
    click: Option<Click>,
    children: Vec<Node>,
}

/// An element; an empty class is left out.
pub fn el(name: &'static str, class: &'static str, children: Vec<Node>) -> Node {
    let tag = Tag {
        name,
        attributes: Vec::new(),
        click: None,
        children,
    };
    match class {
        "" => Node::Element(tag),
        _ => Node::Element(tag).with("class", class),
    }
}

/// An element that holds a text.
pub fn leaf(name: &'static str, class: &'static str, text: impl Into<Node>) -> Node {
    el(name, class, vec![text.into()])
}

impl Node {
    /// Adds an attribute.
    pub fn with(mut self, name: &'static str, value: impl Into<Text>) -> Node {
        if let Node::Element(tag) = &mut self {
            tag.attributes.push((name, value.into()));
        }
        self
    }

    /// Says what a click does.
    pub fn on_click(mut self, click: impl Fn() + 'static) -> Node {
        if let Node::Element(tag) = &mut self {
            tag.click = Some(Rc::new(click));
        }
        self
    }
}

impl From<&'static str> for Node {
    fn from(text: &'static str) -> Node {
        Node::Text(text.into())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Node {
        Node::Text(text.into())
    }
}

impl From<Option<Node>> for Node {
    fn from(node: Option<Node>) -> Node {
        node.unwrap_or_else(|| "".into())
    }
}

/// Keeps what `host` holds equal to what `build` gives, whenever a signal that it reads changes.
pub fn keep_drawn(host: NodeRef<leptos::html::Section>, build: Box<dyn Fn() -> Vec<Node>>) {
    Effect::new(move |shown: Option<Vec<Shown>>| {
        let mut shown = shown.unwrap_or_default();
        if let Some(host) = host.get() {
            draw_children(&host, &mut shown, build());
        }
        shown
    });
}

/// A node that stands on the page.
struct Shown {
    node: web_sys::Node,
    /// What it was drawn from; the children are in `children`.
    drawn: Node,
    children: Vec<Shown>,
    listener: Option<Listener>,
}

/// A click's listener stays; what it runs is exchanged.
struct Listener {
    run: Rc<RefCell<Click>>,
    /// Dropping it would cut the listener off.
    _closure: Closure<dyn FnMut()>,
}

fn draw_children(parent: &Element, shown: &mut Vec<Shown>, nodes: Vec<Node>) {
    let count = nodes.len();
    for (i, node) in nodes.into_iter().enumerate() {
        match shown.get_mut(i) {
            Some(old) => update(parent, old, node),
            None => shown.extend(create(parent, node).inspect(|new| {
                let _ = parent.append_child(&new.node);
            })),
        }
    }
    for old in shown.drain(count.min(shown.len())..) {
        let _ = parent.remove_child(&old.node);
    }
}

/// Makes a node for a place below `parent`. A browser refuses only names that are no tags.
fn create(parent: &Element, node: Node) -> Option<Shown> {
    let document = document();
    let (node, drawn, children) = match node {
        Node::Text(text) => {
            let node = document.create_text_node(&text).into();
            (node, Node::Text(text), Vec::new())
        }
        Node::Element(mut tag) => {
            let space = match (tag.name, parent.namespace_uri()) {
                ("svg", _) => Some("http://www.w3.org/2000/svg".to_owned()),
                (_, space) => space,
            };
            let element = document
                .create_element_ns(space.as_deref(), tag.name)
                .ok()?;
            for (name, value) in &tag.attributes {
                let _ = element.set_attribute(name, value);
            }
            let mut children = Vec::with_capacity(tag.children.len());
            draw_children(&element, &mut children, std::mem::take(&mut tag.children));
            (element.into(), Node::Element(tag), children)
        }
    };
    let mut shown = Shown {
        node,
        drawn,
        children,
        listener: None,
    };
    shown.listen();
    Some(shown)
}

fn update(parent: &Element, old: &mut Shown, node: Node) {
    match (&mut old.drawn, node) {
        (Node::Text(was), Node::Text(text)) => {
            if *was != text {
                old.node.set_node_value(Some(&text));
                *was = text;
            }
        }
        (Node::Element(was), Node::Element(mut tag)) if was.name == tag.name => {
            let element: &Element = old.node.unchecked_ref();
            if was.attributes != tag.attributes {
                update_attributes(element, &was.attributes, &tag.attributes);
            }
            draw_children(
                element,
                &mut old.children,
                std::mem::take(&mut tag.children),
            );
            *was = tag;
            old.listen();
        }
        (_, node) => {
            if let Some(new) = create(parent, node) {
                let _ = parent.replace_child(&new.node, &old.node);
                *old = new;
            }
        }
    }
}

fn update_attributes(element: &Element, was: &[(&str, Text)], now: &[(&str, Text)]) {
    for (name, _) in was
        .iter()
        .filter(|(name, _)| now.iter().all(|(n, _)| n != name))
    {
        let _ = element.remove_attribute(name);
    }
    for (name, value) in now.iter().filter(|attribute| !was.contains(attribute)) {
        let _ = element.set_attribute(name, value);
    }
}

impl Shown {
    /// Has a click run what was drawn last.
    fn listen(&mut self) {
        let click = match &self.drawn {
            Node::Element(tag) => tag.click.clone(),
            Node::Text(_) => None,
        };
        match (click, &self.listener) {
            (Some(click), Some(listener)) => *listener.run.borrow_mut() = click,
            (Some(click), None) => {
                let run = Rc::new(RefCell::new(click));
                let runs = run.clone();
                let closure = Closure::<dyn FnMut()>::new(move || {
                    // Borrowed no longer than this: the click may have this node drawn anew.
                    let click = runs.borrow().clone();
                    click();
                });
                let _ = self
                    .node
                    .add_event_listener_with_callback("click", closure.as_ref().unchecked_ref());
                self.listener = Some(Listener {
                    run,
                    _closure: closure,
                });
            }
            (None, Some(listener)) => *listener.run.borrow_mut() = Rc::new(|| ()),
            (None, None) => (),
        }
    }
}
