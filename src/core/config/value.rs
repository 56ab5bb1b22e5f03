//! The value of one field, whatever its type, and how a typed field takes it.

use crate::core::json::Json;

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not said; the field's default or the preset's figure holds.
    Unset,
    /// A whole number.
    Count(u64),
    /// A rate.
    Real(f64),
    /// On or off.
    Flag(bool),
    /// A name from a table or a choice.
    Text(String),
}

impl Value {
    /// The value as it stands in the JSON of a plan.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Unset => Json::Null,
            Value::Count(n) => Json::Number(*n as f64),
            Value::Real(x) => Json::Number(*x),
            Value::Flag(b) => Json::Bool(*b),
            Value::Text(text) => Json::Text(text.clone()),
        }
    }

    /// The whole number, if it is one.
    pub fn count(&self) -> Option<u64> {
        match self {
            Value::Count(n) => Some(*n),
            _ => None,
        }
    }
}

/// A type that a field of a plan can have.
pub trait Slot {
    /// The value of the field.
    fn get(&self) -> Value;
    /// Takes a value; `false` when it is of another type.
    fn set(&mut self, value: Value) -> bool;
}

/// Whether a field of the type may be unset.
pub trait Optional {
    /// Whether it may.
    const OPTIONAL: bool = false;
}

macro_rules! slot {
    ($ty:ty, $variant:ident) => {
        impl Optional for $ty {}

        impl Slot for $ty {
            fn get(&self) -> Value {
                Value::$variant(self.clone())
            }
            fn set(&mut self, value: Value) -> bool {
                if let Value::$variant(inner) = value {
                    *self = inner;
                    return true;
                }
                false
            }
        }
    };
}

slot!(u64, Count);
slot!(f64, Real);
slot!(bool, Flag);
slot!(String, Text);

impl<T> Optional for Option<T> {
    const OPTIONAL: bool = true;
}

impl<T: Slot + Default> Slot for Option<T> {
    fn get(&self) -> Value {
        self.as_ref().map_or(Value::Unset, Slot::get)
    }
    fn set(&mut self, value: Value) -> bool {
        if value == Value::Unset {
            *self = None;
            return true;
        }
        let mut inner = T::default();
        let taken = inner.set(value);
        if taken {
            *self = Some(inner);
        }
        taken
    }
}

/// Makes an enum whose values have names in JSON, and lets a field have it as its type.
macro_rules! choice {
    (
        $(#[$doc:meta])*
        $Choice:ident { $( $(#[$value_doc:meta])* $Value:ident = $word:literal, )* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $Choice {
            $( $(#[$value_doc])* $Value, )*
        }

        impl $Choice {
            /// The names of the values.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The name of the value.
            pub fn word(self) -> &'static str {
                match self { $( $Choice::$Value => $word, )* }
            }
        }

        impl $crate::core::config::Optional for $Choice {}

        impl $crate::core::config::Slot for $Choice {
            fn get(&self) -> $crate::core::config::Value {
                $crate::core::config::Value::Text(self.word().to_owned())
            }
            fn set(&mut self, value: $crate::core::config::Value) -> bool {
                let $crate::core::config::Value::Text(word) = value else { return false };
                *self = match word.as_str() {
                    $( $word => $Choice::$Value, )*
                    _ => return false,
                };
                true
            }
        }
    };
}

pub(super) use choice;
