//! A JSON value of any form, read only to limit its depth. serde_json allows 128 levels in values that it
//! reads, but does not count the levels of ignored ones.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

pub(super) struct DepthChecked;

impl<'de> Deserialize<'de> for DepthChecked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DepthVisitor)
    }
}

struct DepthVisitor;

impl<'de> Visitor<'de> for DepthVisitor {
    type Value = DepthChecked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<DepthChecked, A::Error> {
        while entries.next_entry::<IgnoredAny, DepthChecked>()?.is_some() {}
        Ok(DepthChecked)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<DepthChecked, A::Error> {
        while items.next_element::<DepthChecked>()?.is_some() {}
        Ok(DepthChecked)
    }

    fn visit_unit<E: de::Error>(self) -> Result<DepthChecked, E> {
        Ok(DepthChecked)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<DepthChecked, E> {
        Ok(DepthChecked)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<DepthChecked, E> {
        Ok(DepthChecked)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<DepthChecked, E> {
        Ok(DepthChecked)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<DepthChecked, E> {
        Ok(DepthChecked)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<DepthChecked, E> {
        Ok(DepthChecked)
    }
}
