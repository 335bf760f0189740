//! The people: what reps do with their phones, what liars try, and what becomes of syncs.

use std::collections::BTreeSet;

use client_sdk::{Error, Event, EventId, Reason, SyncReport, VisitFilter, VisitId, field};
use rand::{Rng as _, rngs::StdRng};
use server::clock::Clock as _;
use sync_core::hash::Hash;

use super::{Happening, SYNC_MS, World, secret};
use crate::{
    hostile::lies::Lie,
    notes,
    simulation::{
        chance::{chance, happens},
        handset::Called,
        invariants::Invariants,
        liar::Order,
        office,
        reached::Rare,
        story::{Act, Carrier, Deed, PhoneDeed, ServerDeed},
        truth::is_alone,
    },
};

impl World<'_> {
    pub(super) fn act(&mut self, act: &Act) -> anyhow::Result<()> {
        let random = &mut chance(self.story.seed, ("act", act.number));
        self.say(&act.deed);
        match &act.deed {
            Deed::Phone(phone, deed) => self.phone_deed(*phone, *deed, random),
            Deed::Liar(liar, lie) => {
                let code = self.code(self.story.liars[*liar]);
                // A server that went back to a backup rightly takes the tokens that were new then.
                let lie = if *lie == Lie::OldRefreshToken && self.goes_back() { Lie::Nothing } else { *lie };
                let (victims, heard) = (self.victims(*liar), self.heard(*liar));
                self.liars[*liar].tell(Order { lie, code, victims, heard, seed: random.random() });
                Ok(())
            }
            Deed::Decide(tenant) => {
                office::decide(&mut self.machine, *tenant, random);
                Ok(())
            }
            Deed::Except(tenant) => {
                office::except(&mut self.machine, *tenant, random);
                Ok(())
            }
            Deed::Close(tenant) => {
                office::close(&mut self.machine, *tenant, random);
                Ok(())
            }
            Deed::ChangeCustomer(tenant) => {
                office::change_customer(&mut self.machine, *tenant, random);
                Ok(())
            }
            Deed::Revoke(phone) => {
                // Some of it falls into the middle of a sync.
                self.sync(*phone);
                let wait = random.random_range(0..SYNC_MS);
                self.plan_in(wait, Happening::Revoked { phone: *phone });
                Ok(())
            }
            Deed::PutPack(tenant) => {
                office::put_pack(&mut self.machine, *tenant, random);
                self.reached.note(Rare::TwoPacks);
                Ok(())
            }
            Deed::Server(deed) => self.server_deed(*deed),
        }
    }

    fn phone_deed(&mut self, phone: usize, deed: PhoneDeed, random: &mut StdRng) -> anyhow::Result<()> {
        let handset = &mut self.handsets[phone];
        match deed {
            PhoneDeed::Sync => self.sync(phone),
            PhoneDeed::Reboot => {
                handset.platform.reboot();
                handset.restart()?;
            }
            PhoneDeed::SetWall(skew_ms) => handset.platform.set_wall(skew_ms),
            PhoneDeed::Drift(ppm) => handset.platform.set_drift(ppm),
            PhoneDeed::Die(calls) => handset.platform.die_at(Some(calls)),
            PhoneDeed::Backup => handset.back_up()?,
            PhoneDeed::Restore => {
                if handset.put_back()? {
                    self.truth.put_back.insert(phone);
                }
            }
            PhoneDeed::Vanish(ms) => {
                self.handsets[phone].vanished_until_ms = self.now_ms() + ms;
            }
            PhoneDeed::Arrive => {
                self.write(phone, |book, tenant| {
                    let customers = book.customers("")?;
                    let Some(customer) = customers.get(random.random_range(0..customers.len().max(1))) else {
                        return Ok(None);
                    };
                    let visit = book.new_visit(customer.id)?;
                    book.check_in(visit)?;
                    let note = notes::Note::draw(random);
                    book.edit(visit, |draft| {
                        draft.text(field::CHANNEL, note.channel).text(field::CLASS, note.class);
                        // One in ten forgets what has to be filled in.
                        if happens(random, 90.0) {
                            draft.text(field::RESULT, format!("{}{}", secret(tenant), note.result));
                        }
                    })?;
                    Ok(Some(visit))
                })?;
            }
            PhoneDeed::Write => {
                self.write(phone, |book, tenant| {
                    let Some(visit) = pick(book, random)? else { return Ok(None) };
                    let text = format!("{}{}", secret(tenant), notes::text(random, 40));
                    book.edit(visit, |draft| {
                        draft.text([field::CONTENT, field::RESULT][random.random_range(0..2)], text);
                    })?;
                    Ok(Some(visit))
                })?;
            }
            PhoneDeed::MoveEnd(by_ms) => {
                self.write(phone, |book, _| {
                    let Some(visit) = pick(book, random)? else { return Ok(None) };
                    let ended = book.visit(visit)?.and_then(|record| record.fields.ended);
                    let Some(ended) = ended else { return Ok(None) };
                    book.edit(visit, |draft| {
                        draft.time(field::ENDED, ended.plus_millis(by_ms));
                    })?;
                    Ok(Some(visit))
                })?;
            }
            PhoneDeed::Leave => {
                self.write(phone, |book, _| {
                    let open = book.visits(VisitFilter::All)?.into_iter().rfind(|line| line.ended.is_none());
                    let Some(visit) = open.map(|line| line.id) else { return Ok(None) };
                    book.check_out(visit)?;
                    Ok(Some(visit))
                })?;
            }
            PhoneDeed::Submit => self.submit(phone, random)?,
        }
        Ok(())
    }

    /// Calls into an app, and remembers what the rep saw afterwards.
    pub(super) fn write(
        &mut self,
        phone: usize,
        call: impl FnOnce(&client_sdk::Book, usize) -> Result<Option<VisitId>, Error>,
    ) -> anyhow::Result<()> {
        let tenant = self.story.phones[phone].tenant;
        match self.handsets[phone].call(|book| call(book, tenant))? {
            Called::Died => {
                self.died(phone, false);
                // What of it was written before the end, the rep has to look up.
                let seen: Vec<VisitId> = self.truth.last_seen.keys().copied().collect();
                for visit in seen {
                    if self.truth.last_seen.get(&visit).is_some_and(|(of, _)| *of == phone) {
                        self.look(phone, visit)?;
                    }
                }
                Ok(())
            }
            Called::Returned(Ok(Some(visit))) => {
                self.note_written(phone)?;
                self.look(phone, visit)
            }
            Called::Returned(Ok(None)) => Ok(()),
            Called::Returned(Err(error)) => self.takes_no(phone, &error),
        }
    }

    /// Remembers what has to stay in the outbox of a phone until there is a receipt for it.
    fn note_written(&mut self, phone: usize) -> anyhow::Result<()> {
        let outbox = self.handsets[phone].book().outbox()?;
        self.truth.written.extend(outbox.iter().map(|item| (item.entry, phone)));
        Ok(())
    }

    fn look(&mut self, phone: usize, visit: VisitId) -> anyhow::Result<()> {
        if is_alone(phone, &self.story.phones) {
            let fields = self.handsets[phone].book().visit(visit)?.map(|record| record.fields);
            if let Some(fields) = fields {
                self.truth.last_seen.insert(visit, (phone, fields));
            }
        }
        Ok(())
    }

    fn submit(&mut self, phone: usize, random: &mut StdRng) -> anyhow::Result<()> {
        let called = self.handsets[phone].call(|book| {
            let Some(visit) = pick(book, random)? else { return Ok(None) };
            match book.submit(visit, None) {
                Err(Error::ReasonNeeded) => book.submit(visit, Some(Reason::Forgot)).map(Some),
                other => other.map(Some),
            }
        })?;
        match called {
            Called::Died => {
                self.died(phone, false);
                Ok(())
            }
            Called::Returned(Ok(Some(submission))) => {
                self.truth.submits.entry(submission.entry).or_insert_with(|| self.clock.now());
                self.say(format_args!("  submit {}", submission.entry));
                self.note_written(phone)
            }
            Called::Returned(Ok(None)) => Ok(()),
            Called::Returned(Err(error)) => self.takes_no(phone, &error),
        }
    }

    /// An app may say no to its rep for a few good reasons only.
    fn takes_no(&mut self, phone: usize, error: &Error) -> anyhow::Result<()> {
        self.say(format_args!("  phone {phone} says: {error}"));
        match error {
            Error::NotEnrolled | Error::Incomplete { .. } | Error::FixCall { .. } => Ok(()),
            _ => anyhow::bail!("phone {phone} fails where it may not: {error:?}"),
        }
    }

    pub(super) fn sync(&mut self, phone: usize) {
        if self.handsets[phone].is_syncing() {
            return;
        }
        let code = if self.handsets[phone].needs_code { self.code(self.story.phones[phone]) } else { None };
        self.handsets[phone].sync(code);
    }

    pub(super) fn synced(&mut self, phone: usize, called: Called<SyncReport>) -> anyhow::Result<()> {
        let result = match called {
            Called::Died => {
                self.died(phone, true);
                return Ok(());
            }
            Called::Returned(result) => result,
        };
        // Whether the enrolment went through, the book knows.
        let owner = self.handsets[phone].book().owner()?;
        if let Some(owner) = &owner
            && self.truth.devices.insert(phone, owner.device) != Some(owner.device)
        {
            // What the device before could not deliver is made again by this one.
            self.truth.written.retain(|_, of| *of != phone);
        }
        self.handsets[phone].needs_code = owner.as_ref().is_none_or(|owner| owner.re_enrol.is_some());
        match result {
            Ok(report) => {
                self.say(format_args!(
                    "  phone {phone} synced: {:?}, sent {}, received {}, refused {}, made again {}",
                    report.outcome,
                    report.sent,
                    report.received,
                    report.refused.len(),
                    report.made_again
                ));
                if report.made_again > 0 {
                    self.reached.note(Rare::MadeAgain);
                    self.truth.written.retain(|_, of| *of != phone);
                }
                for entry in report.refused {
                    self.truth.refused.insert(entry, phone);
                }
                if report.distrusted > 0 {
                    let events = self.handsets[phone].book().events()?;
                    let distrusts = |(_, event): &(EventId, Event)| match event {
                        Event::Distrusted { visit, detail } => Some(format!("{visit:?}: {detail}")),
                        _ => None,
                    };
                    let what: Vec<String> = events.iter().filter_map(distrusts).collect();
                    anyhow::bail!("phone {phone} distrusts what an honest server sent: {}", what.join("; "));
                }
                Invariants::i7_what_has_no_receipt_waits(phone, &self.handsets[phone], &self.truth)
            }
            Err(error) => {
                self.say(format_args!("  phone {phone}: {error}"));
                match error {
                    Error::ReEnrol { cause } => {
                        anyhow::ensure!(
                            cause == client_sdk::ReEnrolCause::Revoked || self.went_back(phone),
                            "phone {phone} has to be enrolled again, though neither it nor the server ever went back"
                        );
                        self.reached.note(match cause {
                            client_sdk::ReEnrolCause::Forked => Rare::PhoneForked,
                            client_sdk::ReEnrolCause::Revoked => Rare::PhoneRevoked,
                        });
                        self.handsets[phone].needs_code = true;
                        Ok(())
                    }
                    Error::SignInAgain { .. } => {
                        anyhow::ensure!(
                            self.went_back(phone),
                            "phone {phone} has to sign in again, though neither it nor the server ever went back"
                        );
                        self.handsets[phone].needs_code = true;
                        Ok(())
                    }
                    Error::Unreachable { .. } | Error::NotEnrolled => Ok(()),
                    // A code that an earlier try used up, though the answer never came, or that a restored server forgot.
                    Error::ServerRefused { status: 401, .. } => {
                        self.handsets[phone].needs_code = true;
                        Ok(())
                    }
                    Error::ServerRefused { status: 503 | 507, .. } => Ok(()),
                    error => anyhow::bail!("phone {phone} cannot sync: {error:?}"),
                }
            }
        }
    }

    /// Whether a phone or the server was ever put back to a backup.
    fn went_back(&self, phone: usize) -> bool {
        self.truth.server_went_back || self.truth.put_back.contains(&phone)
    }

    pub(super) fn died(&mut self, phone: usize, syncing: bool) {
        self.say(format_args!("  the app of phone {phone} died"));
        self.reached.note(if syncing { Rare::PhoneDiedSyncing } else { Rare::PhoneDied });
    }

    /// The next enrolment code of a rep.
    fn code(&mut self, carrier: Carrier) -> Option<String> {
        let used = self.codes_used.entry((carrier.tenant, carrier.rep)).or_default();
        let code = self.machine.code(carrier, *used);
        *used += usize::from(code.is_some());
        code
    }

    /// The visits of other people in a liar's company, which it has heard of somehow.
    ///
    /// None in worlds that go back to a backup: whoever writes a visit first owns it, and a server that forgot a visit
    /// has forgotten whose it was. Only who knows the random id of another's visit can take it then.
    fn victims(&self, liar: usize) -> Vec<VisitId> {
        let Some(engine) = self.machine.engine() else { return Vec::new() };
        if self.goes_back() {
            return Vec::new();
        }
        let mine = self.story.liars[liar];
        let view = engine.view(self.machine.companies[mine.tenant].tenant);
        let mut found = BTreeSet::new();
        for handset in &self.handsets {
            if handset.carrier.tenant == mine.tenant && handset.carrier != mine {
                found.extend(
                    handset.book().visits(VisitFilter::All).unwrap_or_default().iter().map(|line| line.id),
                );
            }
        }
        found.into_iter().filter(|id| matches!(view.record(*id), Ok(Some(_)))).collect()
    }

    /// Whether the server goes back to a backup in this story.
    fn goes_back(&self) -> bool {
        let goes_back = |act: &Act| matches!(act.deed, Deed::Server(ServerDeed::Restore));
        self.story.acts.iter().any(goes_back)
    }

    /// The anchors of other liars, of any company.
    fn heard(&self, liar: usize) -> Vec<Hash> {
        let others = self.liars.iter().enumerate().filter(|(other, _)| *other != liar);
        others.flat_map(|(_, other)| other.anchors()).collect()
    }
}

/// One of the visits in a book that may still be written in.
fn pick(book: &client_sdk::Book, random: &mut StdRng) -> Result<Option<VisitId>, Error> {
    let visits = book.visits(VisitFilter::All)?;
    if visits.is_empty() {
        return Ok(None);
    }
    // The latest ones are most in hand.
    let back = random.random_range(0..visits.len()).min(random.random_range(0..visits.len()));
    Ok(Some(visits[visits.len() - 1 - back].id))
}
