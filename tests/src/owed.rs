//! What a phone and the server say of what one person owes, put side by side.

use std::collections::BTreeMap;

use anyhow::Context as _;
use client_sdk::{Book, OwedFilter, Seen};
use server::projection::View;
use sync_core::{
    hash::Hash,
    id::{CustomerId, DocumentId, UserId},
    rules::{Fulfilment, PassedOver, RuleVersion, Subject},
    time::Timestamp,
};

/// What is said of one obligation: all of it but words and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The rule.
    pub rule: RuleVersion,
    /// What it is about.
    pub subject: Subject,
    /// The customer it is about.
    pub customer: Option<CustomerId>,
    /// From when until when it can be done.
    pub window: (Option<Timestamp>, Option<Timestamp>),
    /// What became of it.
    pub state: Fulfilment,
    /// How much of it was done, and how much is asked for.
    pub done: (u32, u32),
    /// Whether it only counts towards a share.
    pub in_share: bool,
    /// Whether somebody let it off.
    pub let_off: bool,
    /// The document by which somebody ruled of it.
    pub exception: Option<DocumentId>,
    /// What counts.
    pub counted: Vec<Seen>,
    /// What does not, each with why.
    pub passed_over: Vec<(Seen, PassedOver)>,
}

/// What a phone says of what its user alone owes.
///
/// # Errors
/// Those of the book.
pub fn on_phone(book: &Book) -> anyhow::Result<BTreeMap<Hash, Said>> {
    let me = book.owner()?.context("the phone is not enrolled")?.user.id;
    let mine = book.obligations(OwedFilter::All)?.into_iter().filter(|owed| owed.owed_by == [me]);
    Ok(mine
        .map(|owed| {
            let said = Said {
                rule: owed.rule,
                subject: owed.subject,
                customer: owed.customer,
                window: (owed.opens, owed.due),
                state: owed.state,
                done: (owed.done, owed.asked),
                in_share: owed.in_share,
                let_off: owed.let_off,
                exception: owed.exception.map(|exception| exception.document),
                counted: owed.counted,
                passed_over: owed.passed_over,
            };
            (owed.obligation, said)
        })
        .collect())
}

/// What the server says of what somebody alone owes.
///
/// # Errors
/// Those of the store, and an obligation that rests on a fact that is not there.
pub fn on_server(view: &View<'_>, user: UserId) -> anyhow::Result<BTreeMap<Hash, Said>> {
    let seen = |id: &Hash| -> anyhow::Result<Seen> {
        let stored = view.stored_fact(*id)?.context("an obligation rests on a fact that is not there")?;
        Ok(Seen { document: stored.document, kind: stored.fact.kind.name(), at: stored.fact.at })
    };
    let mut all = BTreeMap::new();
    for stored in view.all_obligations()? {
        let owed = stored.obligation;
        if owed.owed_by != [user] {
            continue;
        }
        let id = owed.name().hash();
        let passed_over = owed.passed_over.iter().map(|(fact, why)| Ok((seen(fact)?, *why)));
        let said = Said {
            subject: owed.subject,
            customer: stored.customer,
            window: (owed.opens, owed.due),
            done: owed.done,
            in_share: owed.in_share,
            let_off: owed.let_off,
            exception: owed.exception.map(|fact| seen(&fact)).transpose()?.map(|seen| seen.document),
            counted: owed.counted.iter().map(seen).collect::<anyhow::Result<_>>()?,
            passed_over: passed_over.collect::<anyhow::Result<_>>()?,
            rule: owed.rule,
            state: owed.state,
        };
        all.insert(id, said);
    }
    Ok(all)
}
