//! The languages of the pages.

use fluent_templates::{LanguageIdentifier, langid};
use serde::{Deserialize, Serialize};

/// A language a page can be read in; Simplified Chinese unless the reader chose another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-Hans")]
    ZhHans,
    /// Traditional Chinese.
    #[serde(rename = "zh-Hant")]
    ZhHant,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Lang {
    /// All languages, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::ZhHans, Self::ZhHant, Self::En];

    /// The BCP 47 tag, as in `lang` attributes, the cookie and the switch's links.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::En => "en",
        }
    }

    /// The language's own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ZhHans => "简体",
            Self::ZhHant => "繁體",
            Self::En => "English",
        }
    }

    /// Finds the language of a tag; `None` for a tag the pages do not speak.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    pub(crate) fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::ZhHans => langid!("zh-Hans"),
            Self::ZhHant => langid!("zh-Hant"),
            Self::En => langid!("en"),
        }
    }
}
