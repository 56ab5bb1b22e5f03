//! A JSON value as text and back, for what a plan holds but Meshplan could not read.
//!
//! A string that does not look like JSON is written bare, as it was typed; everything else is
//! JSON, but that a backslash is followed by the very character that it stands for.

use crate::core::decimal;
use crate::core::json::Json;
use std::iter::Peekable;
use std::str::Chars;

/// Lists and objects inside each other beyond this are kept as text.
const DEEPEST: usize = 32;

/// The value as text.
pub fn write(value: &Json) -> String {
    match value {
        Json::Text(text) if parse(text).is_none() => text.clone(),
        _ => {
            let mut text = String::new();
            put(value, &mut text);
            text
        }
    }
}

/// The value of a text.
pub fn read(text: &str) -> Json {
    parse(text).unwrap_or_else(|| Json::Text(text.to_owned()))
}

/// A number in as few characters as it takes to read the same number back.
pub fn number(x: f64) -> String {
    decimal::exact(x)
}

fn put(value: &Json, text: &mut String) {
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(true) => text.push_str("true"),
        Json::Bool(false) => text.push_str("false"),
        Json::Number(x) => text.push_str(&number(*x)),
        Json::Text(string) => put_string(string, text),
        Json::List(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                put(item, text);
            }
            text.push(']');
        }
        Json::Object(entries) => {
            text.push('{');
            for (i, (key, item)) in entries.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                put_string(key, text);
                text.push(':');
                put(item, text);
            }
            text.push('}');
        }
    }
}

fn put_string(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
}

fn parse(text: &str) -> Option<Json> {
    let mut reader = Reader(text.chars().peekable());
    let value = reader.value(0)?;
    reader.0.next().is_none().then_some(value)
}

struct Reader<'a>(Peekable<Chars<'a>>);

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        match self.0.peek()? {
            '"' => self.string().map(Json::Text),
            '[' => {
                let mut items = Vec::new();
                self.between('[', ']', |reader| {
                    items.push(reader.value(depth.saturating_add(1))?);
                    Some(())
                })?;
                Some(Json::List(items))
            }
            '{' => {
                let mut entries = Vec::new();
                self.between('{', '}', |reader| {
                    let key = reader.string()?;
                    reader.take(':')?;
                    entries.push((key, reader.value(depth.saturating_add(1))?));
                    Some(())
                })?;
                Some(Json::Object(entries))
            }
            _ => self.word(),
        }
    }

    /// Items between two brackets, with a comma between them.
    fn between(
        &mut self,
        open: char,
        close: char,
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.take(open)?;
        if self.0.next_if_eq(&close).is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            if self.0.next_if_eq(&close).is_some() {
                return Some(());
            }
            self.take(',')?;
        }
    }

    fn take(&mut self, c: char) -> Option<()> {
        self.0.next_if_eq(&c).map(|_| ())
    }

    fn string(&mut self) -> Option<String> {
        self.take('"')?;
        let mut text = String::new();
        loop {
            match self.0.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.0.next()?),
                c => text.push(c),
            }
        }
    }

    /// `null`, `true`, `false` or a number.
    fn word(&mut self) -> Option<Json> {
        let mut word = String::new();
        while let Some(c) = self.0.next_if(|c| !matches!(c, ',' | ']' | '}')) {
            word.push(c);
        }
        match word.as_str() {
            "null" => Some(Json::Null),
            "true" => Some(Json::Bool(true)),
            "false" => Some(Json::Bool(false)),
            // Rust reads more than JSON as numbers, such as `inf` and `+1`.
            _ if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                decimal::parse(&word)
                    .filter(|x| x.is_finite())
                    .map(Json::Number)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn written(value: Json, text: &str) {
        assert_eq!(write(&value), text);
        assert_eq!(read(text), value);
    }

    #[test]
    fn typed_text_is_bare_and_json_is_json() {
        written(Json::Text("4x".into()), "4x");
        written(Json::Text("4".into()), "\"4\"");
        written(Json::Text("a\"\\".into()), "a\"\\");
        written(Json::Text(String::new()), "");
        written(Json::Number(-2.5), "-2.5");
        written(Json::Number(1e300), "1681218273811815p946");
        written(Json::Bool(true), "true");
        written(
            Json::List(vec![
                Json::Null,
                Json::Text("\"".into()),
                Json::List(vec![]),
            ]),
            r#"[null,"\"",[]]"#,
        );
        written(
            Json::Object(vec![("a".into(), Json::Number(1.0))]),
            r#"{"a":1}"#,
        );
    }

    #[test]
    fn deep_nesting_is_text() {
        let deep = "[".repeat(4000);
        assert_eq!(read(&deep), Json::Text(deep.clone()));
    }
}
