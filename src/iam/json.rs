//! JSON as a tree that borrows its texts, keeps the order of fields, and keeps a field that stands twice.
//!
//! `serde_json::Value` copies each text and forgets repeated fields; policies are read by the hundred thousand, and a
//! statement with two `Action`s is one that AWS would not take.

use std::{borrow::Cow, fmt, ops::Deref, slice};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// Texts of an element that may be one or many; it nearly always is one, for which nothing is allocated.
#[derive(Debug, Clone)]
pub enum Texts<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Deref for Texts<'a> {
    type Target = [Cow<'a, str>];

    fn deref(&self) -> &Self::Target {
        match self {
            Self::One(text) => slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

impl<'a> FromIterator<Cow<'a, str>> for Texts<'a> {
    fn from_iter<T: IntoIterator<Item = Cow<'a, str>>>(texts: T) -> Self {
        Self::Many(texts.into_iter().collect())
    }
}

/// A list of one says the same as the text alone.
impl PartialEq for Texts<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Texts<'_> {}

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    /// A number by its text.
    Number(String),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Fields<'a>),
}

/// The fields of an object, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields<'a>(pub Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Fields<'a> {
    /// Takes a field's value out; of a field that stands twice, the last, as other readers of JSON do.
    pub fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let (_, value) = self.0.iter_mut().rev().find(|(key, _)| key == name)?;
        Some(std::mem::replace(value, Json::Null))
    }

    /// A field that stands more than once.
    pub fn repeated(&self) -> Option<&str> {
        let mut rest = self.0.as_slice();
        while let Some(((key, _), after)) = rest.split_first() {
            if after.iter().any(|(other, _)| other == key) {
                return Some(key);
            }
            rest = after;
        }
        None
    }
}

impl<'a> Json<'a> {
    /// A text, or a Boolean's or number's.
    pub fn scalar(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
            Self::Number(text) => Some(Cow::Owned(text)),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// One text or a list of them.
    pub fn texts(self) -> Option<Texts<'a>> {
        let text = |json: Self| match json {
            Self::Text(text) => Some(text),
            _ => None,
        };
        match self {
            Self::List(items) => items.into_iter().map(text).collect(),
            single => text(single).map(Texts::One),
        }
    }

    /// One scalar or a list of them.
    pub fn scalars(self) -> Option<Texts<'a>> {
        match self {
            Self::List(items) => items.into_iter().map(Self::scalar).collect(),
            single => single.scalar().map(Texts::One),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Json<'de>, S::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Json<'de>, M::Error> {
        let mut fields = Vec::with_capacity(8);
        while let Some(Key(key)) = map.next_key()? {
            fields.push((key, map.next_value()?));
        }
        Ok(Json::Object(Fields(fields)))
    }
}

/// A field's name, borrowed unless it is escaped.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyReader;

        impl<'de> Visitor<'de> for KeyReader {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }

        deserializer.deserialize_str(KeyReader).map(Key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_borrowed_and_repetitions_kept() {
        let json: Json<'_> = serde_json::from_str(r#"{"a":["x",1,true,null,"\u0041"],"b":{},"a":1.5}"#).unwrap();
        let Json::Object(mut fields) = json else { panic!() };
        assert_eq!(fields.repeated(), Some("a"));
        assert!(matches!(&fields.0[0].1, Json::List(items) if items[0] == Json::Text(Cow::Borrowed("x"))));
        assert_eq!(fields.take("a").and_then(Json::scalars).unwrap()[..], [Cow::Borrowed("1.5")]);
        assert_eq!(fields.take("c"), None);
    }
}
