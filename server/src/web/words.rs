//! The words of the pages, from `locales/`, built into the program.

use std::{borrow::Cow, collections::HashMap};

use fluent_templates::{Loader, fluent_bundle::FluentValue, static_loader};

use crate::web::Lang;

static_loader! {
    pub(crate) static WORDS = {
        locales: "./locales",
        fallback_language: "zh-Hans",
        // The isolation marks would end up in attributes and page titles.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// Finds a message; `None` when no language has it.
pub(crate) fn find(lang: Lang, id: &str, args: &[(&'static str, FluentValue<'_>)]) -> Option<String> {
    let args: HashMap<Cow<'static, str>, FluentValue<'_>> =
        args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
    WORDS.try_lookup_with_args(&lang.identifier(), id, &args)
}
