//! A tale: one attempt of a liar, what it writes into its log for it, and its own judgement of the answers.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use client_sdk::{RefusalCode, Timestamp, VisitId};
use rand::{Rng as _, rngs::StdRng};
use server::clock::Clock as _;
use sync_core::{
    encoding,
    hash::Hash,
    log::{Chain, Commit, EntryKind, Receipt, SignedReceipt},
    record::SubmitStatus,
    rules::{Basis, Flags, Outcome},
};

use super::Life;
use crate::{
    HostilePhone, SimulatedClock,
    hostile::{OutOfReach, Problem, draft::Draft},
};

/// Problems that say that something else came between: a copy of an earlier request that arrived late, or a server that
/// went back to a backup.
const CAME_BETWEEN: [&str; 3] = ["anchor_stale", "log_forked", "log_gap"];

/// How a tale ends that was not told to its end.
#[derive(Debug)]
pub(super) enum Ended {
    /// Nothing can be said of it, because the network or the server was not up to it.
    Interrupted {
        /// What happened.
        why: String,
        /// Whether the phone is still enrolled.
        enrolled: bool,
    },
    /// The server took a lie for the truth, or the truth for a lie.
    Believed(String),
}

impl From<anyhow::Error> for Ended {
    fn from(error: anyhow::Error) -> Self {
        Self::Interrupted { why: format!("{error:#}"), enrolled: error.is::<OutOfReach>() }
    }
}

/// Ends a tale without a judgement.
pub(super) fn interrupted(why: impl Into<String>) -> Ended {
    Ended::Interrupted { why: why.into(), enrolled: true }
}

/// One attempt.
pub(super) struct Tale<'a> {
    pub(super) phone: &'a mut HostilePhone,
    pub(super) life: &'a mut Life,
    pub(super) random: StdRng,
    pub(super) victims: Vec<VisitId>,
    pub(super) heard: Vec<Hash>,
    clock: &'a SimulatedClock,
    /// Entries that have to be accepted.
    honest: BTreeSet<Hash>,
    /// Entries that have to be refused, each with the codes it may be refused with.
    lies: BTreeMap<Hash, &'static [RefusalCode]>,
    begun: bool,
}

impl<'a> Tale<'a> {
    pub(super) fn new(
        phone: &'a mut HostilePhone,
        life: &'a mut Life,
        clock: &'a SimulatedClock,
        random: StdRng,
        victims: Vec<VisitId>,
        heard: Vec<Hash>,
    ) -> Self {
        let (honest, lies) = Default::default();
        Self { phone, life, random, victims, heard, clock, honest, lies, begun: false }
    }

    /// The true time.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    // --- what it writes ---

    /// Begins a visit of its own.
    pub(super) fn draft(&mut self) -> anyhow::Result<Draft> {
        Draft::new(self.random.random())
    }

    /// Writes an entry that has to be accepted.
    pub(super) fn write(&mut self, kind: EntryKind) -> Hash {
        let entry = self.phone.append(kind);
        self.honest.insert(entry);
        entry
    }

    /// Writes a change that has to be accepted.
    pub(super) fn change(&mut self, draft: &Draft, change: Vec<u8>) {
        self.write(EntryKind::Change { document: draft.id, change: change.into() });
    }

    /// Writes an entry that has to be refused.
    pub(super) fn lie(&mut self, kind: EntryKind, codes: &'static [RefusalCode]) -> Hash {
        let entry = self.phone.append(kind);
        self.lies.insert(entry, codes);
        entry
    }

    /// Writes a change that has to be refused.
    pub(super) fn lie_change(&mut self, document: VisitId, change: Vec<u8>, codes: &'static [RefusalCode]) {
        self.lie(EntryKind::Change { document, change: change.into() }, codes);
    }

    /// Writes bytes that are no entry and have to be refused.
    pub(super) fn lie_bytes(&mut self, bytes: Vec<u8>, codes: &'static [RefusalCode]) {
        let entry = self.phone.append_bytes(bytes);
        self.lies.insert(entry, codes);
    }

    /// Submits a draft as it is.
    pub(super) fn submit(&mut self, draft: &Draft) -> Hash {
        let (heads, value) = (draft.document.heads(), draft.document.values().hash());
        let entry = self.write(EntryKind::Submit { document: draft.id, heads, value, reason: None });
        self.life.submits.insert(entry, self.clock.now());
        entry
    }

    /// Writes a whole visit that ended at an instant and submits it.
    pub(super) fn visit(&mut self, ended: Timestamp) -> anyhow::Result<(Draft, Hash)> {
        let draft = self.fill(ended)?;
        let submit = self.submit(&draft);
        Ok((draft, submit))
    }

    /// Writes a whole visit that ended at an instant.
    pub(super) fn fill(&mut self, ended: Timestamp) -> anyhow::Result<Draft> {
        let mut draft = self.draft()?;
        for change in draft.fill(&self.phone.author, ended)? {
            self.change(&draft, change);
        }
        Ok(draft)
    }

    /// Writes a visit that is true, so that there is something beside the lie that has to be accepted.
    pub(super) fn bystander(&mut self) -> anyhow::Result<()> {
        let ended = self.now().plus_millis(-self.random.random_range(0..3_600_000));
        self.visit(ended).map(|_| ())
    }

    // --- what it sends ---

    /// Asks for an anchor, and puts its log where the server says that it is.
    pub(super) async fn session(&mut self) -> Result<(), Ended> {
        let answer = self.phone.pull().await?;
        let held = Chain { next_index: answer.next_index, head: answer.device_head };
        if self.begun && held != self.phone.chain {
            return Err(interrupted("the server holds another log"));
        }
        self.begun = true;
        self.phone.step_back(held);
        self.life.past.last = self.life.past.last.take().filter(|(chain, ..)| *chain == held);
        let anchor = answer.anchor.ok_or_else(|| interrupted("there is no anchor"))?;
        self.life.past.anchors.push(anchor);
        Ok(())
    }

    /// Hands a true visit over, so that there is a page and an answered anchor in its log, and begins another session.
    pub(super) async fn prepare(&mut self) -> Result<(), Ended> {
        self.session().await?;
        self.bystander()?;
        self.accepted().await?;
        self.session().await
    }

    /// Ends the log with the session's anchor, hands it over and judges the receipt.
    pub(super) async fn accepted(&mut self) -> Result<Receipt, Ended> {
        let commit = self.phone.commit()?;
        let reading = self.phone.clock_reading();
        let answer = self.phone.post("/v1/commit", encoding::encode(&commit)).await?;
        let receipt = match answer {
            Ok(body) => receipt(&body)?,
            Err(problem) if CAME_BETWEEN.contains(&problem.code.as_str()) => {
                return Err(interrupted(format!("{problem:?}")));
            }
            Err(problem) => return Err(refused(&problem, "a page in good form")),
        };
        self.judge(&receipt)?;
        let chain = Chain { next_index: receipt.last + 1, head: receipt.head };
        self.phone.step_back(chain);
        let anchor = self.phone.anchor.as_ref().context("there was an anchor")?;
        self.life.past.last = Some((chain, anchor.anchor.time, reading));
        self.life.past.pages.push((commit, receipt.clone()));
        self.honest.clear();
        self.life.entries_refused |= !self.lies.is_empty();
        self.lies.clear();
        Ok(receipt)
    }

    /// Sends something in the place of a commit that has to be refused as a whole with one of the codes, and makes sure
    /// that nothing of it was kept and the next page is taken as if nothing had been.
    pub(super) async fn refused(&mut self, body: Vec<u8>, codes: &[&str]) -> Result<(), Ended> {
        let held = match self.life.past.last {
            Some((chain, ..)) => chain,
            None => return Err(interrupted("it does not know what the server holds")),
        };
        match self.phone.post("/v1/commit", body).await? {
            Ok(_) => return Err(Ended::Believed("the commit was taken".to_owned())),
            Err(problem) => self.is_one_of(&problem, codes)?,
        }
        self.life.commits_refused = true;
        self.honest.clear();
        self.lies.clear();
        self.phone.step_back(held);
        self.session().await?;
        self.bystander()?;
        self.accepted().await.map(|_| ())
    }

    /// The same, for a commit in good form.
    pub(super) async fn refused_commit(&mut self, commit: &Commit, codes: &[&str]) -> Result<(), Ended> {
        self.refused(encoding::encode(commit), codes).await
    }

    /// Sends an old page again, the same or not quite: it gets the receipt it had, if the server still knows it.
    pub(super) async fn repeated(&mut self, page: &Commit, had: &Receipt) -> Result<(), Ended> {
        match self.phone.post("/v1/commit", encoding::encode(page)).await? {
            Ok(body) => {
                let again = receipt(&body)?;
                let same = (again.first, again.last, again.head) == (had.first, had.last, had.head)
                    && again.refused == had.refused;
                let say =
                    || Ended::Believed(format!("page {}..={} has another receipt", had.first, had.last));
                same.then_some(()).ok_or_else(say)
            }
            Err(problem) => self.is_one_of(&problem, &[]),
        }
    }

    // --- how it judges ---

    /// A refusal has to have one of the codes; it says nothing if something else came between.
    pub(super) fn is_one_of(&self, problem: &Problem, codes: &[&str]) -> Result<(), Ended> {
        match problem.code.as_str() {
            code if codes.contains(&code) => Ok(()),
            code if CAME_BETWEEN.contains(&code) => Err(interrupted(format!("{problem:?}"))),
            _ => Err(refused(problem, &format!("what should be refused with {codes:?}"))),
        }
    }

    fn judge(&self, receipt: &Receipt) -> Result<(), Ended> {
        let believed = |what: String| Err(Ended::Believed(what));
        let refused: BTreeMap<Hash, RefusalCode> =
            receipt.refused.iter().map(|refused| (refused.entry, refused.code)).collect();
        for (entry, code) in &refused {
            match self.lies.get(entry) {
                None => return believed(format!("entry {entry} is true and was refused with {code:?}")),
                Some(codes) if !codes.contains(code) => {
                    return believed(format!("entry {entry} was refused with {code:?}, not with {codes:?}"));
                }
                Some(_) => {}
            }
        }
        if let Some((entry, codes)) = self.lies.iter().find(|(entry, _)| !refused.contains_key(entry)) {
            return believed(format!("entry {entry} was accepted and not refused with {codes:?}"));
        }
        let submits = receipt.records.iter().flat_map(|record| &record.submits);
        submits.filter(|submit| self.life.submits.contains_key(&submit.entry)).try_for_each(|submit| {
            match is_exact(submit) {
                true => self.is_true(submit),
                false => believed(format!("the verdict does not follow from the evidence: {submit:?}")),
            }
        })
    }

    /// What is proven of a submit has to be true.
    fn is_true(&self, submit: &SubmitStatus) -> Result<(), Ended> {
        let made = self.life.submits.get(&submit.entry);
        let (Some(made), Some(deadline)) = (made, submit.verdict.deadline) else { return Ok(()) };
        let says = (&submit.verdict.outcome, submit.verdict.basis);
        if says == (&Outcome::OnTime, Basis::Proven) && *made > deadline
            || says == (&Outcome::Late, Basis::Proven) && *made <= deadline
        {
            return Err(Ended::Believed(format!("made {made}, due {deadline}, and proven {:?}", says.0)));
        }
        Ok(())
    }

    /// What a receipt says of a submit.
    pub(super) fn status<'r>(&self, receipt: &'r Receipt, submit: Hash) -> Result<&'r SubmitStatus, Ended> {
        let submits = receipt.records.iter().flat_map(|record| &record.submits);
        submits
            .into_iter()
            .find(|status| status.entry == submit)
            .ok_or_else(|| Ended::Believed(format!("the receipt does not know submit {submit}")))
    }

    /// The evidence of a submit has to be flagged.
    pub(super) fn flagged(&self, receipt: &Receipt, submit: Hash, flag: Flags) -> Result<(), Ended> {
        let evidence = self.status(receipt, submit)?.verdict.evidence.as_ref();
        if evidence.is_some_and(|evidence| evidence.flags.intersects(flag)) {
            return Ok(());
        }
        Err(Ended::Believed(format!("nothing is found odd about {evidence:?}, not even {flag:?}")))
    }
}

/// Whether a verdict is what its own bounds say, to the millisecond.
fn is_exact(submit: &SubmitStatus) -> bool {
    let verdict = &submit.verdict;
    let (Some(deadline), Some(evidence)) = (verdict.deadline, &verdict.evidence) else { return true };
    if matches!(verdict.outcome, Outcome::NotEvaluable { .. }) {
        return true;
    }
    let says = |outcome| (&verdict.outcome, verdict.basis) == (&outcome, Basis::Proven);
    let proven_late = evidence.not_before > deadline;
    let arrived_in_time = evidence.not_after.is_some_and(|not_after| not_after <= deadline);
    let proven_on_time =
        !proven_late && arrived_in_time && !evidence.flags.intersects(Flags::SERVER_TIME_SUSPECT);
    says(Outcome::Late) == proven_late && says(Outcome::OnTime) == proven_on_time
}

fn receipt(body: &[u8]) -> Result<Receipt, Ended> {
    let signed: Result<SignedReceipt, _> = encoding::decode(body);
    signed.map(|signed| signed.receipt).map_err(|error| Ended::Believed(format!("no receipt: {error}")))
}

/// The server said no: because it is not up to it or does not know the phone any more, or against the protocol.
fn refused(problem: &Problem, what: &str) -> Ended {
    match problem.status {
        401 => Ended::Interrupted { why: format!("{problem:?}"), enrolled: false },
        503 | 507 => interrupted(format!("{problem:?}")),
        _ => Ended::Believed(format!("{what} is answered {problem:?}")),
    }
}
