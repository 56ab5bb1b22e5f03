//! JSON text of whatever serde can write, in little code: what is done for every type of the report
//! is one call, and the numbers are the browser's.

use serde::ser::{self, Serialize, Serializer};
use std::fmt;
use wasm_bindgen::JsValue;

/// The JSON text so far.
#[derive(Default)]
pub struct Writer {
    /// What is written.
    pub text: String,
}

/// That there is no JSON for a value. No type of the core ends so.
#[derive(Debug)]
pub struct Unwritable;

impl std::error::Error for Unwritable {}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it has no JSON")
    }
}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Unwritable {
        Unwritable
    }
}

type Written = Result<(), Unwritable>;

// One body for all types: inlined into each of them it would be most of the program.
impl Writer {
    /// A value, or how one begins: after a comma where another one stands before it.
    #[inline(never)]
    fn put(&mut self, token: &str) {
        if !self.text.is_empty() && !self.text.ends_with(['[', '{', ':']) {
            self.text.push(',');
        }
        self.text.push_str(token);
    }

    #[inline(never)]
    fn key(&mut self, key: &str) {
        self.quoted(key);
        self.text.push(':');
    }

    /// A variant that holds something: an object of one entry.
    #[inline(never)]
    fn variant(&mut self, name: &str, begin: &str) {
        self.put("{");
        self.key(name);
        self.text.push_str(begin);
    }

    #[inline(never)]
    fn quoted(&mut self, text: &str) {
        self.put("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => self.text.extend(['\\', c]),
                // Written as \u00XX.
                '\0'..='\x1f' => {
                    self.text.push_str("\\u00");
                    for half in [u32::from(c) >> 4, u32::from(c) & 15] {
                        self.text.extend(char::from_digit(half, 16));
                    }
                }
                _ => self.text.push(c),
            }
        }
        self.text.push('"');
    }

    #[inline(never)]
    fn count(&mut self, number: u64) {
        // JavaScript reads the nearest number where there are more digits than it keeps.
        self.put(&number.to_string());
    }

    /// The shortest digits that are read as this number; `null` for what JSON has not.
    #[inline(never)]
    fn float(&mut self, number: f64) {
        let text = js_sys::JSON::stringify(&JsValue::from_f64(number));
        self.put(&text.map_or_else(|_| "null".to_owned(), String::from));
    }

    fn end(&mut self, end: &str) -> Written {
        self.text.push_str(end);
        Ok(())
    }
}

/// Methods that write a number.
macro_rules! numbers {
    ($to:ident as $wide:ty: $($method:ident($number:ty)),*) => {
        $(fn $method(self, value: $number) -> Written {
            self.$to(value as $wide);
            Ok(())
        })*
    };
}

/// Methods that write a lone word.
macro_rules! words {
    ($($method:ident($($argument:ty),*) $word:expr),*) => {
        $(fn $method(self, $(_: $argument),*) -> Written {
            self.put($word);
            Ok(())
        })*
    };
}

impl Serializer for &mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    // Lists of ranks are long, so counts are written here; the browser writes the other numbers.
    numbers!(count as u64: serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64));
    numbers!(float as f64: serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64));
    numbers!(float as f64: serialize_f32(f32), serialize_f64(f64), serialize_i128(i128), serialize_u128(u128));
    words!(serialize_none() "null", serialize_unit() "null", serialize_unit_struct(&'static str) "null");

    fn serialize_bool(self, value: bool) -> Written {
        self.put(if value { "true" } else { "false" });
        Ok(())
    }
    fn serialize_char(self, value: char) -> Written {
        self.quoted(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }
    fn serialize_str(self, value: &str) -> Written {
        self.quoted(value);
        Ok(())
    }
    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.collect_seq(value)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.quoted(variant);
        Ok(())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        self.variant(variant, "");
        value.serialize(&mut *self)?;
        self.end("}")
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Unwritable> {
        self.put("[");
        Ok(self)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self, Unwritable> {
        self.put("[");
        Ok(self)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.put("[");
        Ok(self)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, Unwritable> {
        self.variant(variant, "[");
        Ok(self)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self, Unwritable> {
        self.put("{");
        Ok(self)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Unwritable> {
        self.put("{");
        Ok(self)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, Unwritable> {
        self.variant(variant, "{");
        Ok(self)
    }
}

/// What a list holds, of each kind that serde tells apart.
macro_rules! lists {
    ($($kind:ident $method:ident $end:expr),*) => {
        $(impl ser::$kind for &mut Writer {
            type Ok = ();
            type Error = Unwritable;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                value.serialize(&mut **self)
            }
            fn end(self) -> Written {
                Writer::end(self, $end)
            }
        })*
    };
}

/// The same of objects with fields.
macro_rules! objects {
    ($($kind:ident $end:expr),*) => {
        $(impl ser::$kind for &mut Writer {
            type Ok = ();
            type Error = Unwritable;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Written {
                self.key(key);
                value.serialize(&mut **self)
            }
            fn end(self) -> Written {
                Writer::end(self, $end)
            }
        })*
    };
}

lists!(
    SerializeSeq serialize_element "]",
    SerializeTuple serialize_element "]",
    SerializeTupleStruct serialize_field "]",
    SerializeTupleVariant serialize_field "]}"
);
objects!(SerializeStruct "}", SerializeStructVariant "}}");

impl ser::SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Unwritable;
    /// Every key of the core is text.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        key.serialize(&mut **self)?;
        self.text.push(':');
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }
    fn end(self) -> Written {
        Writer::end(self, "}")
    }
}
