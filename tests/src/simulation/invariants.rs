//! The invariants: what is true of every world after every step, one function each, its name and first line the
//! sentence. What they need to remember is what passed over the wire.
//!
//! I3, I4, I11, I12 and I19 also follow from comparing everything with the reference [model](super::model). What is
//! true of what is owed stands in `owed`.

mod owed;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use client_sdk::{OutboxItem, OutboxState, Request, Response, VisitFilter};
use server::event::{Event, EventKind};
use sync_core::{
    document::Document,
    encoding,
    hash::Hash,
    id::{DeviceId, DocumentId, TenantId},
    log::{Commit, Entry, EntryKind, JournalRoot, ServerKey, SignedReceipt},
    protocol::PullResponse,
    record::{Cause, Seal, Standing},
    rules::{Basis, Outcome},
    time::Timestamp,
};

use super::{
    handset::Handset,
    machine::Machine,
    model::Model,
    reached::{Rare, Reached},
    truth::Truth,
    world::secret,
};

/// How many requests may be worked on at a time in a world as small as these.
const OPEN_REQUESTS: usize = 200;

/// Something that may never be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    invariant: &'static str,
    what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is broken: {}", self.invariant, self.what)
    }
}

type Kept = Result<(), Broken>;

fn broken(invariant: &'static str, what: impl fmt::Display) -> Kept {
    Err(Broken { invariant, what: what.to_string() })
}

/// The invariants, and what they remember.
#[derive(Default)]
pub(super) struct Invariants {
    /// The commits that were sent, by their last entry.
    sent: BTreeMap<Hash, Commit>,
    /// The receipts that were given, by device and page.
    receipts: BTreeMap<(DeviceId, u64, u64), Vec<u8>>,
    /// The newest receipt of each device that its phone has.
    newest: BTreeMap<(TenantId, DeviceId), (u64, Vec<u8>)>,
    /// The newest anchor of each device: its sequence and time.
    anchors: BTreeMap<DeviceId, (u64, Timestamp)>,
    /// The roots of the journal that were told, by size.
    roots: BTreeMap<u64, Hash>,
    /// The seals that were told.
    seals: BTreeMap<(DocumentId, u32), Seal>,
}

impl Invariants {
    // --- what passes over the wire ---

    /// Remembers what a phone hands over.
    pub(super) fn sees_request(&mut self, request: &Request) {
        if request.url.ends_with("/v1/commit")
            && let Ok(commit) = encoding::decode::<Commit>(&request.body)
            && let Some(last) = commit.entries.last()
            && is_linked(&commit)
        {
            self.sent.insert(Entry::hash_of(last), commit);
        }
    }

    /// Checks what a phone is told, and takes note of what it was promised by it.
    pub(super) fn sees_answer(
        &mut self,
        machine: &Machine,
        truth: &mut Truth,
        request: &Request,
        response: &Response,
        tenant: usize,
    ) -> Kept {
        Self::i5_no_byte_of_a_company_reaches_another(response, tenant, machine.companies.len())?;
        if !matches!(response.status, 200 | 201) {
            return Self::errors_are_clean(request, response);
        }
        if request.url.ends_with("/v1/pull")
            && let Ok(answer) = encoding::decode::<PullResponse>(&response.body)
            && let Some(signed) = &answer.anchor
        {
            let anchor = &signed.anchor;
            self.i10_anchors_never_go_back(anchor.device, anchor.sequence, anchor.time)?;
            Self::i12_no_anchor_comes_from_a_wrong_clock(anchor.time, truth)?;
            self.i9_the_journal_only_grows(anchor.journal)?;
        }
        if request.url.ends_with("/v1/commit")
            && let Ok(signed) = encoding::decode::<SignedReceipt>(&response.body)
        {
            self.i8_receipts_verify_and_are_the_same_again(&signed, &response.body, machine)?;
            let receipt = &signed.receipt;
            self.i9_the_journal_only_grows(receipt.journal)?;
            for record in &receipt.records {
                for seal in &record.seals {
                    self.i4_a_version_never_changes(record.document, seal)?;
                }
            }
            Self::i15_a_revoked_device_is_given_nothing(receipt.device, receipt.received, machine)?;
            let newest = self.newest.entry((receipt.tenant, receipt.device)).or_default();
            if receipt.last >= newest.0 {
                *newest = (receipt.last, response.body.clone());
            }
            if let Some(commit) = self.sent.get(&receipt.head) {
                let refused: BTreeSet<u64> = receipt.refused.iter().map(|refused| refused.index).collect();
                for (index, bytes) in (commit.first..).zip(&commit.entries) {
                    if !refused.contains(&index) {
                        let again = truth.acknowledged.insert(Entry::hash_of(bytes), receipt.device);
                        truth.reclaimed |= truth.server_went_back && again.is_some();
                    }
                }
            }
        }
        Ok(())
    }

    /// Whoever restores a backup loses what came after it, until the phones bring it again.
    pub(super) fn server_went_back(&mut self) {
        self.receipts.clear();
        self.newest.clear();
        self.anchors.clear();
        self.roots.clear();
        self.seals.clear();
    }

    // --- after every step ---

    /// Checks what can be checked at any moment.
    pub(super) fn after_step(&self, machine: &Machine) -> Kept {
        self.i1_no_receipt_is_forgotten(machine)?;
        Self::i16_queues_are_bounded(machine)
    }

    /// I1, at any moment: what a phone has a receipt for, the server holds, under that receipt.
    fn i1_no_receipt_is_forgotten(&self, machine: &Machine) -> Kept {
        let Some(engine) = machine.engine() else { return Ok(()) };
        for ((tenant, device), (last, receipt)) in &self.newest {
            let kept = engine.view(*tenant).receipt(*device, *last);
            if !kept.is_ok_and(|kept| kept.is_some_and(|kept| encoding::encode(&kept) == *receipt)) {
                return broken(
                    "I1",
                    format_args!("the receipt of device {device} up to entry {last} is gone"),
                );
            }
        }
        Ok(())
    }

    /// I16: nothing grows without bound.
    fn i16_queues_are_bounded(machine: &Machine) -> Kept {
        match machine.open_requests() {
            open if open > OPEN_REQUESTS => broken("I16", format_args!("{open} requests are open")),
            _ => Ok(()),
        }
    }

    /// I4: version n of a record is the same for ever.
    fn i4_a_version_never_changes(&mut self, document: DocumentId, seal: &Seal) -> Kept {
        let known = self.seals.entry((document, seal.version.number)).or_insert_with(|| seal.clone());
        if known == seal {
            return Ok(());
        }
        broken(
            "I4",
            format_args!("version {} of {document} was {known:?} and is {seal:?}", seal.version.number),
        )
    }

    /// I5: no byte of a company reaches another.
    fn i5_no_byte_of_a_company_reaches_another(response: &Response, tenant: usize, tenants: usize) -> Kept {
        for other in (0..tenants).filter(|other| *other != tenant) {
            let canary = secret(other);
            if response.body.windows(canary.len()).any(|window| window == canary.as_bytes()) {
                return broken("I5", format_args!("company {tenant} is told what is company {other}'s"));
            }
        }
        Ok(())
    }

    /// Errors are what the protocol knows, never a failure of the server's own.
    fn errors_are_clean(request: &Request, response: &Response) -> Kept {
        match response.status {
            400..=499 | 503 | 507 => Ok(()),
            status => broken(
                "an honest answer",
                format_args!(
                    "{} is answered {status}: {}",
                    request.url,
                    String::from_utf8_lossy(&response.body)
                ),
            ),
        }
    }

    /// I8: a receipt verifies, and the same page gets the same one, byte for byte.
    fn i8_receipts_verify_and_are_the_same_again(
        &mut self,
        signed: &SignedReceipt,
        bytes: &[u8],
        machine: &Machine,
    ) -> Kept {
        let receipt = &signed.receipt;
        let key = machine.engine().map(|engine| ServerKey::from_bytes(&engine.server_key()));
        if let Some(Ok(key)) = key
            && signed.verify(&key).is_err()
        {
            return broken("I8", format_args!("a receipt of device {} does not verify", receipt.device));
        }
        let page = (receipt.device, receipt.first, receipt.last);
        let known = self.receipts.entry(page).or_insert_with(|| bytes.to_owned());
        if known == bytes {
            return Ok(());
        }
        broken("I8", format_args!("page {}..={} of device {} has two receipts", page.1, page.2, page.0))
    }

    /// I9: the journal is only ever added to.
    fn i9_the_journal_only_grows(&mut self, root: JournalRoot) -> Kept {
        if *self.roots.entry(root.size).or_insert(root.hash) == root.hash {
            return Ok(());
        }
        broken("I9", format_args!("the journal of {} records has two roots", root.size))
    }

    /// I10: the anchors of a device go forward, in number and in time.
    fn i10_anchors_never_go_back(&mut self, device: DeviceId, sequence: u64, time: Timestamp) -> Kept {
        // Answers may overtake each other on the way: only the number tells which is newer.
        match self.anchors.get(&device) {
            Some((newest, at)) if sequence > *newest && time < *at => broken(
                "I10",
                format_args!("anchor {sequence} of device {device} is earlier than the one before"),
            ),
            Some((newest, at)) if sequence == *newest && time != *at => {
                broken("I10", format_args!("anchor {sequence} of device {device} was given twice"))
            }
            Some((newest, _)) if sequence < *newest => Ok(()),
            _ => {
                self.anchors.insert(device, (sequence, time));
                Ok(())
            }
        }
    }

    /// I12: while the server's clock is set wrong, and it saw that, no anchor is given.
    fn i12_no_anchor_comes_from_a_wrong_clock(time: Timestamp, truth: &Truth) -> Kept {
        if truth.clock_was_wrong.iter().any(|(from, until)| *from < time && time < *until) {
            return broken(
                "I12",
                format_args!("an anchor was given at {time}, while the server's clock was wrong"),
            );
        }
        Ok(())
    }

    /// I15: nothing that arrives after a device was revoked is accepted.
    fn i15_a_revoked_device_is_given_nothing(
        device: DeviceId,
        received: Timestamp,
        machine: &Machine,
    ) -> Kept {
        let Some(engine) = machine.engine() else { return Ok(()) };
        for company in &machine.companies {
            if let Ok(Some(known)) = engine.view(company.tenant).device(device)
                && known.revoked.is_some_and(|revoked| revoked < received)
            {
                return broken(
                    "I15",
                    format_args!("device {device} was revoked and got a receipt afterwards"),
                );
            }
        }
        Ok(())
    }

    // --- at rest ---

    /// Checks what is true once everything has healed and all is quiet.
    pub(super) fn at_rest(
        &mut self,
        machine: &Machine,
        handsets: &[Handset],
        truth: &Truth,
        reached: &mut Reached,
    ) -> anyhow::Result<()> {
        let events = machine.journal()?;
        let is_suspect = |event: &server::event::Event| {
            matches!(event.kind, EventKind::Committed { time_suspect: true, .. })
        };
        if events.iter().any(is_suspect) {
            reached.note(Rare::ClockSuspect);
        }
        if truth.reclaimed {
            reached.note(Rare::ReceiptsReclaimed);
        }
        Self::i1_no_acknowledged_entry_is_lost(&events, truth)?;
        Self::i18_every_change_takes_effect_once(&events)?;
        Self::i17_the_index_is_what_the_journal_says(machine)?;
        let engine = machine.engine().ok_or_else(|| anyhow::anyhow!("the server is down"))?;
        let now = engine.time().now;
        let model = Model::read(&events)?;
        Self::i14_liars_change_nothing_of_others(&events, &model, machine, truth, now)?;
        for company in &machine.companies {
            let view = engine.view(company.tenant);
            // I3, I4, I19: verdicts, versions, standings and counts are what the reference model makes of the journal.
            let differences = model.differences(company.tenant, &view, now)?;
            if let Some(first) = differences.first() {
                anyhow::bail!("the model differs in {} places, first: {first}", differences.len());
            }
            owed::i21_the_ledger_is_what_looking_at_everything_gives(&view, now)?;
            owed::note_owed(&view, reached)?;
            for rep in &company.reps {
                for (_, line) in view.lines_of(rep.user, None, 10_000)? {
                    for seal in &line.status.seals {
                        self.i4_a_version_never_changes(line.status.document, seal)?;
                        note_version(reached, &seal.version.cause, seal.version.merged);
                    }
                    for submit in &line.status.submits {
                        Self::i11_what_is_proven_is_true(submit.entry, &submit.verdict, truth)?;
                        note_submit(reached, &submit.verdict.outcome, submit.verdict.basis, submit.standing);
                    }
                    let record = view.record(line.status.document)?;
                    let record = record.ok_or_else(|| anyhow::anyhow!("a line without its record"))?;
                    // I13: what the server serves, loads.
                    let document = Document::load(line.status.document, &record.saved)?;
                    if client_sdk::Visit::read(&document.values()).ended > line.status.ended {
                        reached.note(Rare::EndMoved);
                    }
                }
            }
        }
        for (phone, handset) in handsets.iter().enumerate() {
            Self::i2_everybody_has_the_same(phone, handset, machine)?;
            Self::i6_what_was_refused_is_still_there(phone, handset, truth)?;
            Self::i7_nothing_waits(phone, handset, machine)?;
            Self::no_work_is_lost(phone, handset, truth)?;
            owed::i23_a_phone_says_of_what_is_owed_what_the_server_says(phone, handset, machine, now)?;
        }
        owed::i22_what_was_said_of_closed_days_stays(machine, reached)
    }

    /// I1: no acknowledged entry is lost.
    fn i1_no_acknowledged_entry_is_lost(events: &[Event], truth: &Truth) -> Kept {
        let mut held = BTreeSet::new();
        for event in events {
            if let EventKind::Committed { commit, .. } = &event.kind {
                held.extend(commit.entries.iter().map(|entry| Entry::hash_of(entry)));
            }
        }
        for (entry, device) in &truth.acknowledged {
            if !held.contains(entry) && !truth.may_be_gone(*device) {
                return broken(
                    "I1",
                    format_args!("entry {entry} of device {device} had a receipt and is gone"),
                );
            }
        }
        Ok(())
    }

    /// I2: phones of one rep and the server have the same documents with the same values.
    fn i2_everybody_has_the_same(phone: usize, handset: &Handset, machine: &Machine) -> anyhow::Result<()> {
        let company = &machine.companies[handset.carrier.tenant];
        let rep = &company.reps[handset.carrier.rep];
        let engine = machine.engine().ok_or_else(|| anyhow::anyhow!("the server is down"))?;
        let view = engine.view(company.tenant);
        let book = handset.book();
        let there: BTreeSet<DocumentId> =
            view.lines_of(rep.user, None, 10_000)?.iter().map(|(_, line)| line.status.document).collect();
        let here: BTreeSet<DocumentId> = book.visits(VisitFilter::All)?.iter().map(|line| line.id).collect();
        if here != there {
            broken(
                "I2",
                format_args!("phone {phone} has {} visits, the server {}", here.len(), there.len()),
            )?;
        }
        for id in here {
            let record = view.record(id)?.ok_or_else(|| anyhow::anyhow!("{id} is gone"))?;
            let fields = client_sdk::Visit::read(&Document::load(id, &record.saved)?.values());
            let local = book.visit(id)?.ok_or_else(|| anyhow::anyhow!("{id} is gone"))?;
            if local.fields != fields {
                broken(
                    "I2",
                    format_args!("phone {phone} reads {id} as {:?}, the server as {fields:?}", local.fields),
                )?;
            }
            // I3: and the same is said of them.
            if local.status.as_ref() != Some(&record.status) {
                broken(
                    "I3",
                    format_args!(
                        "phone {phone} has of {id} {:?}, the server {:?}",
                        local.status, record.status
                    ),
                )?;
            }
        }
        Ok(())
    }

    /// I6: what was refused stays on the phone with its reason until the rep disposes of it.
    fn i6_what_was_refused_is_still_there(
        phone: usize,
        handset: &Handset,
        truth: &Truth,
    ) -> anyhow::Result<()> {
        let outbox = handset.book().outbox()?;
        for (entry, of) in &truth.refused {
            let kept = outbox.iter().any(|item| item.entry == *entry && !waits(item));
            if *of == phone && !kept && !truth.put_back.contains(&phone) {
                broken(
                    "I6",
                    format_args!("entry {entry} was refused and is not in the outbox of phone {phone}"),
                )?;
            }
        }
        Ok(())
    }

    /// I7: at rest nothing waits, and the server holds as many entries of a phone as the phone wrote.
    fn i7_nothing_waits(phone: usize, handset: &Handset, machine: &Machine) -> anyhow::Result<()> {
        let waiting = handset.book().outbox()?.iter().filter(|item| waits(item)).count();
        if waiting > 0 {
            broken("I7", format_args!("{waiting} entries of phone {phone} still wait"))?;
        }
        let Some(owner) = handset.book().owner()? else { anyhow::bail!("phone {phone} is not enrolled") };
        let company = &machine.companies[handset.carrier.tenant];
        let engine = machine.engine().ok_or_else(|| anyhow::anyhow!("the server is down"))?;
        if engine.view(company.tenant).device(owner.device)?.is_none() {
            broken("I7", format_args!("the server does not know phone {phone}"))?;
        }
        Ok(())
    }

    /// I7, after each sync: what was written stands in the outbox until there is a receipt for it.
    pub(super) fn i7_what_has_no_receipt_waits(
        phone: usize,
        handset: &Handset,
        truth: &Truth,
    ) -> anyhow::Result<()> {
        if truth.server_went_back || truth.put_back.contains(&phone) {
            return Ok(());
        }
        let outbox: BTreeSet<Hash> = handset.book().outbox()?.iter().map(|item| item.entry).collect();
        for (entry, of) in &truth.written {
            if *of == phone && !outbox.contains(entry) && !truth.acknowledged.contains_key(entry) {
                broken(
                    "I7",
                    format_args!("entry {entry} is off the outbox of phone {phone} without a receipt"),
                )?;
            }
        }
        Ok(())
    }

    /// No work is lost: what a rep saw last in a visit of theirs alone is there at the end.
    fn no_work_is_lost(phone: usize, handset: &Handset, truth: &Truth) -> anyhow::Result<()> {
        if truth.put_back.contains(&phone) {
            return Ok(());
        }
        for (visit, (of, fields)) in &truth.last_seen {
            if *of != phone {
                continue;
            }
            let there = handset.book().visit(*visit)?.map(|record| record.fields);
            if there.as_ref() != Some(fields) {
                broken(
                    "I1",
                    format_args!("the rep of phone {phone} saw {fields:?} in {visit}, there is {there:?}"),
                )?;
            }
        }
        Ok(())
    }

    /// I11, I12: what is proven is true: on time was made in time, late was made late, whoever made it.
    fn i11_what_is_proven_is_true(entry: Hash, verdict: &sync_core::rules::Verdict, truth: &Truth) -> Kept {
        let (Some(made), Some(deadline)) = (truth.submits.get(&entry), verdict.deadline) else {
            return Ok(());
        };
        let is_true = match (&verdict.outcome, verdict.basis) {
            (Outcome::OnTime, Basis::Proven) => *made <= deadline,
            (Outcome::Late, Basis::Proven) => *made > deadline,
            _ => true,
        };
        if is_true {
            return Ok(());
        }
        broken(
            "I11",
            format_args!(
                "submit {entry} was made {made}, due {deadline}, and is proven {:?}",
                verdict.outcome
            ),
        )
    }

    /// I14: what liars do changes nothing about the records of others.
    fn i14_liars_change_nothing_of_others(
        events: &[Event],
        model: &Model,
        machine: &Machine,
        truth: &Truth,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        if truth.liars.is_empty() {
            return Ok(());
        }
        let without = match Model::read(&without_liars(events, truth)) {
            Ok(without) => without,
            // Somebody built on what a liar wrote.
            Err(error) => {
                broken("I14", format_args!("without the liars the journal makes no sense: {error:#}"))?;
                return Ok(());
            }
        };
        for company in &machine.companies {
            let with = model.at(company.tenant, now)?;
            for (id, alone) in without.at(company.tenant, now)? {
                if with.get(&id) != Some(&alone) {
                    let with = with.get(&id);
                    broken("I14", format_args!("{id} is {with:?}, and without the liars it is {alone:?}"))?;
                }
            }
        }
        Ok(())
    }

    /// I17: an index made again from the journal is the index that was.
    fn i17_the_index_is_what_the_journal_says(machine: &Machine) -> anyhow::Result<()> {
        let (is, should) = (machine.index_digest(), machine.rebuilt_digest()?);
        if is != should {
            broken("I17", format_args!("the index is {is}, the journal says {should}"))?;
        }
        Ok(())
    }

    /// I18: a change takes effect once, however often it arrived.
    fn i18_every_change_takes_effect_once(events: &[Event]) -> Kept {
        let mut accepted = BTreeSet::new();
        for event in events {
            let EventKind::Committed { commit, receipt, .. } = &event.kind else { continue };
            let refused: BTreeSet<u64> =
                receipt.receipt.refused.iter().map(|refused| refused.index).collect();
            for (index, bytes) in (commit.first..).zip(&commit.entries) {
                let is_change =
                    Entry::decode(bytes).is_ok_and(|entry| matches!(entry.kind, EntryKind::Change { .. }));
                if is_change && !refused.contains(&index) && !accepted.insert(Entry::hash_of(bytes)) {
                    return broken("I18", format_args!("entry {index} was accepted twice"));
                }
            }
        }
        Ok(())
    }
}

/// Whether each entry of a commit follows the one before it; then the last stands for all.
fn is_linked(commit: &Commit) -> bool {
    commit.entries.windows(2).all(|pair| {
        // What cannot be read names nothing before it.
        Entry::decode(&pair[1]).map_or(true, |next| next.previous == Entry::hash_of(&pair[0]))
    })
}

/// A journal in which nothing of the liars' devices happened; every other event keeps its place.
fn without_liars(events: &[Event], truth: &Truth) -> Vec<Event> {
    let mut known = BTreeSet::new();
    let mut kept = events.to_vec();
    for event in &mut kept {
        let is_a_liars = match &mut event.kind {
            EventKind::DeviceEnrolled { device, .. }
            | EventKind::RefreshRotated { device, .. }
            | EventKind::DeviceRevoked { device }
            | EventKind::AnchorsRecalled { device, .. }
            | EventKind::Quarantined { device, .. }
            | EventKind::QuarantineReleased { device, .. } => truth.liars.contains(device),
            EventKind::AnchorIssued(anchor) => truth.liars.contains(&anchor.device),
            EventKind::Committed { commit, .. } => {
                let is_a_liars = truth.liars.contains(&commit.statement.device);
                if !is_a_liars {
                    known.extend(commit.entries.iter().filter_map(|bytes| about(bytes)));
                }
                is_a_liars
            }
            EventKind::Decided { document, .. } => !known.contains(document),
            EventKind::DeadlinePassed(documents) => {
                documents.retain(|document| known.contains(document));
                false
            }
            _ => false,
        };
        if is_a_liars {
            event.kind = EventKind::CustomersRemoved(Vec::new());
        }
    }
    kept
}

/// The document an entry is about.
fn about(bytes: &[u8]) -> Option<DocumentId> {
    match Entry::decode(bytes).ok()?.kind {
        EntryKind::Change { document, .. }
        | EntryKind::Submit { document, .. }
        | EntryKind::CheckIn { document }
        | EntryKind::CheckOut { document } => Some(document),
        EntryKind::Boot | EntryKind::Anchor { .. } | EntryKind::ClockSet { .. } => None,
    }
}

/// Whether an item of an outbox waits to be sent.
pub(super) fn waits(item: &OutboxItem) -> bool {
    !matches!(item.state, OutboxState::Refused { .. })
}

fn note_submit(reached: &mut Reached, outcome: &Outcome, basis: Basis, standing: Standing) {
    let rare = match (outcome, basis) {
        (Outcome::OnTime, Basis::Proven) => Some(Rare::ProvenOnTime),
        (Outcome::Late, Basis::Proven) => Some(Rare::ProvenLate),
        (Outcome::OnTime, Basis::Measured) => Some(Rare::MeasuredOnTime),
        (Outcome::Late, Basis::Measured) => Some(Rare::MeasuredLate),
        (Outcome::NeedsReview, _) => Some(Rare::NeedsReview),
        (Outcome::NotEvaluable { .. }, _) => Some(Rare::NotEvaluable),
        _ => None,
    };
    if let Some(rare) = rare {
        reached.note(rare);
    }
    match standing {
        Standing::Held => reached.note(Rare::Held),
        Standing::Amendment => reached.note(Rare::Amendment),
        _ => {}
    }
}

fn note_version(reached: &mut Reached, cause: &Cause, merged: bool) {
    match cause {
        Cause::ArrivedLate => reached.note(Rare::ArrivedLate),
        Cause::Decision { .. } => reached.note(Rare::Approved),
        Cause::InTime | Cause::Finding => {}
    }
    if merged {
        reached.note(Rare::MergedVersion);
    }
}
