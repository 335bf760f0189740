//! The records asked about: one of the owner's in each state, and spare ones for decisions that are permitted.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use client_sdk::{Reason, VisitId, field};
use server::engine::Ruled;
use sync_core::{
    hash::Hash,
    record::{Phase, Ruling},
};

use crate::{
    draft::Draft,
    site::{Company, Site},
};

/// The states of a record that make a difference to what may be done about it.
pub(crate) const STATES: [&str; 7] =
    ["draft", "overdue", "submitted", "sealed", "held", "amending", "decided"];

/// What stands in every record.
pub(crate) const NOTE: &str = "only-for-the-line-9d2e";

/// Decisions that are permitted: at each of two doors three who may decide, one of them also with nothing but what that
/// door wants, with three or two rulings.
const SPARE_HELD: usize = 2 * 4 * 3;
const SPARE_AMENDING: usize = 2 * 4 * 2;

/// Records of the owner, each with its last submit.
pub(crate) struct Records {
    of_state: BTreeMap<&'static str, (VisitId, String)>,
    pub(crate) spares: Spares,
}

/// Records that are used once.
#[derive(Clone)]
pub(crate) struct Spares(BTreeMap<&'static str, Vec<(VisitId, String)>>);

impl Records {
    /// Lets the owner work for a week.
    pub(crate) async fn make(site: &Site, company: &mut Company) -> anyhow::Result<Self> {
        let (tenant, customer) = (company.tenant, company.customers[0]);
        let head = company.person("head").user;
        let phone = company.phone_of("owner")?;
        let mut drafts: Vec<(&'static str, Draft)> = Vec::new();
        let first = ["overdue", "sealed", "held", "decided", "amending"];
        let spares = [vec!["held"; SPARE_HELD], vec!["amending"; SPARE_AMENDING]].concat();
        for (number, state) in (0..).zip(first.into_iter().chain(spares)) {
            let mut draft = Draft::new(number)?;
            draft.write(phone, field::PLACE, NOTE)?;
            draft.fill(phone, customer, site.engine().time().now)?;
            if ["sealed", "amending"].contains(&state) {
                draft.submit(phone);
            }
            drafts.push((state, draft));
        }
        phone.deliver().await?;
        site.until("2026-09-12T08:00").await?;
        for (number, state) in (1_000..).zip(["draft", "submitted"]) {
            let mut draft = Draft::new(number)?;
            draft.write(phone, field::PLACE, NOTE)?;
            if state == "submitted" {
                draft.fill(phone, customer, site.engine().time().now)?;
            }
            drafts.push((state, draft));
        }
        let mut made: BTreeMap<&'static str, Vec<(VisitId, String)>> = BTreeMap::new();
        for (state, draft) in &mut drafts {
            if *state == "amending" {
                draft.write(phone, field::RESULT, "更正后的结果")?;
            }
            let submits = ["held", "decided", "amending", "submitted"].contains(state);
            let submit = if submits { draft.submit(phone) } else { Hash::ZERO };
            made.entry(*state).or_default().push((draft.id, submit.to_string()));
        }
        let receipt = phone.deliver().await?;
        ensure!(receipt.refused.is_empty(), "{:?}", receipt.refused);
        let of_state: BTreeMap<_, _> =
            made.iter_mut().filter_map(|(state, all)| Some((*state, all.pop()?))).collect();
        // A submit of the sealed record was made before the seal.
        let records = Self { of_state, spares: Spares(made) }.with_seal(site, company)?;
        let (document, submit) = records.of("decided")?;
        let submit = submit.parse()?;
        let ruling = Ruling::AcceptLate;
        let ruled = Ruled { document, submit, ruling, reason: Reason::Forgot, note: String::new() };
        site.engine().decide(tenant, head, ruled).await?;
        records.are_as_they_are_called(site, company)?;
        Ok(records)
    }

    /// The record in a state and its submit.
    pub(crate) fn of(&self, state: &str) -> anyhow::Result<(VisitId, String)> {
        self.of_state.get(state).cloned().with_context(|| format!("no record is {state}"))
    }

    /// All records.
    pub(crate) fn ids(&self) -> impl Iterator<Item = VisitId> {
        self.of_state.values().chain(self.spares.0.values().flatten()).map(|(id, _)| *id)
    }

    fn with_seal(mut self, site: &Site, company: &Company) -> anyhow::Result<Self> {
        let sealed = self.of_state.get_mut("sealed").context("nothing is sealed")?;
        let record = site.engine().view(company.tenant).record(sealed.0)?.context("no record")?;
        sealed.1 = record.status.submits.first().context("no submit")?.entry.to_string();
        Ok(self)
    }

    fn are_as_they_are_called(&self, site: &Site, company: &Company) -> anyhow::Result<()> {
        let view = site.engine().view(company.tenant);
        for (state, (id, _)) in &self.of_state {
            let status = view.record(*id)?.context("no record")?.status;
            let phase = match *state {
                "draft" => Phase::Draft,
                "overdue" => Phase::Overdue,
                "submitted" => Phase::Submitted,
                "held" => Phase::HeldLate,
                _ => Phase::Sealed,
            };
            ensure!(status.phase == phase, "the record that is called {state} is {:?}", status.phase);
            ensure!(*state != "amending" || status.submits.len() == 2, "no amendment waits");
        }
        Ok(())
    }
}

impl Spares {
    /// Takes one in a state.
    pub(crate) fn take(&mut self, state: &str) -> anyhow::Result<(VisitId, String)> {
        self.0.get_mut(state).and_then(Vec::pop).with_context(|| format!("no spare record is {state}"))
    }
}
