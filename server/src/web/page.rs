//! What every page knows about its reader: language, zone, time, session; and how templates say things to them.

use fluent_templates::fluent_bundle::FluentValue;
use jiff::tz::TimeZone;
use sync_core::{admission::RefusalCode, hash::Hash, rules::Period, time::Timestamp};

use crate::web::{
    Lang, asset, moment, path,
    view::{OwedState, State, Value},
    words,
};

/// A rendered page.
pub type Html = axum::response::Html<String>;

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The user's name.
    pub user: String,
    /// The company's name.
    pub company: String,
    /// Goes into every form and must come back with it.
    pub form_token: String,
}

/// Everything about a page that is not its content.
#[derive(Debug, Clone)]
pub struct Page {
    /// The reader's language.
    pub lang: Lang,
    /// The zone of the tenant's pack: all times are shown in it.
    pub zone: TimeZone,
    /// When the page is made.
    pub now: Timestamp,
    /// Who is signed in; `None` before sign-in.
    pub session: Option<Session>,
    /// The page's own path and query: where the language switch comes back to.
    pub here: String,
}

impl Page {
    /// The message in the reader's language; `⟦id⟧` when there is none, which a test forbids.
    pub(crate) fn t(&self, id: &str) -> String {
        self.message(id, &[])
    }

    /// The message with its `$name`.
    pub(crate) fn named(&self, id: &str, name: &str) -> String {
        self.message(id, &[("name", FluentValue::from(name))])
    }

    /// The message with its `$name` and its `$other`.
    pub(crate) fn two(&self, id: &str, name: &str, other: &str) -> String {
        self.message(id, &[("name", FluentValue::from(name)), ("other", FluentValue::from(other))])
    }

    /// The message with its `$count`.
    pub(crate) fn counted(&self, id: &str, count: &u64) -> String {
        self.message(id, &[("count", FluentValue::from(*count))])
    }

    /// The message with a version number or another small number as its `$count`.
    pub(crate) fn version(&self, id: &str, number: &u32) -> String {
        self.counted(id, &u64::from(*number))
    }

    /// The word for a state.
    pub(crate) fn state(&self, state: &State) -> String {
        self.t(&format!("state-{}", state.name()))
    }

    /// The word for what became of an obligation.
    pub(crate) fn owed_state(&self, state: &OwedState) -> String {
        self.t(&format!("owed-{}", state.name()))
    }

    /// A month, a quarter or other days.
    pub(crate) fn period(&self, period: &Period) -> String {
        moment::period(self, *period)
    }

    /// When something arrived, in words.
    pub(crate) fn arrived(&self, at: &Timestamp) -> String {
        self.named("history-arrived", &self.when(at))
    }

    /// Which page of how many, from 1.
    pub(crate) fn page_of(&self, page: &u64, pages: &u64) -> String {
        self.message(
            "pager-page-of",
            &[("page", FluentValue::from(*page)), ("pages", FluentValue::from(*pages))],
        )
    }

    /// The word for a code that a pack or a document names, or the code itself when it is not ours.
    pub(crate) fn coded(&self, prefix: &str, code: &str) -> String {
        // Fluent ids are ASCII words; anything else cannot be a message and is shown as it stands.
        let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let found = if plain { words::find(self.lang, &format!("{prefix}-{code}"), &[]) } else { None };
        found.unwrap_or_else(|| code.to_owned())
    }

    /// A field's value in words.
    pub(crate) fn value(&self, value: &Value) -> String {
        match value {
            Value::Text(text) | Value::Name(text) => text.clone(),
            Value::Choice(code) => self.coded("choice", code),
            Value::Choices(codes) => {
                let words: Vec<String> = codes.iter().map(|code| self.coded("choice", code)).collect();
                words.join(&self.t("list-comma"))
            }
            Value::Time(at) => self.weekday(at),
            Value::Count(count) => count.to_string(),
            Value::Money(cents) => {
                let (sign, cents) = (if *cents < 0 { "-" } else { "" }, cents.unsigned_abs());
                format!("{sign}{}.{:02}", cents / 100, cents % 100)
            }
            Value::Flag(flag) => self.t(if *flag { "flag-yes" } else { "flag-no" }),
        }
    }

    /// The word for a check that an entry failed.
    pub(crate) fn refusal(&self, code: &RefusalCode) -> String {
        self.t(&format!("refusal-{}", code.name()))
    }

    /// Day and minute, short.
    pub(crate) fn when(&self, at: &Timestamp) -> String {
        moment::minute(self, *at)
    }

    /// Day and minute with the weekday.
    pub(crate) fn weekday(&self, at: &Timestamp) -> String {
        moment::weekday_minute(self, *at)
    }

    /// A deadline's day and minute, short.
    pub(crate) fn due(&self, at: &Timestamp) -> String {
        moment::due_minute(self, *at)
    }

    /// A deadline's day and minute with the weekday.
    pub(crate) fn due_weekday(&self, at: &Timestamp) -> String {
        moment::due_weekday_minute(self, *at)
    }

    /// The second, with the offset.
    pub(crate) fn exact(&self, at: &Timestamp) -> String {
        moment::exact(self, *at)
    }

    /// The time for a `datetime` attribute, in UTC.
    pub(crate) fn machine(&self, at: &Timestamp) -> String {
        at.to_string()
    }

    /// The first twelve digits of a hash.
    pub(crate) fn short(&self, hash: &Hash) -> String {
        hash.to_string().chars().take(12).collect()
    }

    /// The address of an asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        asset::url(name)
    }

    /// The switch's link for a language.
    pub(crate) fn switch(&self, lang: &Lang) -> String {
        format!("{}/{}?back={}", path::LANGUAGE, lang.tag(), crate::web::filter::percent_encoded(&self.here))
    }

    /// The address inside the page of a submit.
    pub(crate) fn submit_anchor(&self, submit: &Hash) -> String {
        format!("submit-{}", self.short(submit))
    }

    fn message(&self, id: &str, args: &[(&'static str, FluentValue<'_>)]) -> String {
        words::find(self.lang, id, args).unwrap_or_else(|| format!("⟦{id}⟧"))
    }
}
