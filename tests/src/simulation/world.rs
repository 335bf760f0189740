//! A world: takes everything in its order from one queue, lets the shipped code do what it does, and looks at all of it
//! after every step.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
    sync::Arc,
};

use client_sdk::{
    Error, Event, EventId, Reason, Request, Response, SyncReport, Timestamp, Unreachable, VisitFilter,
    VisitId, field,
};
use rand::{Rng as _, rngs::StdRng};
use server::clock::Clock as _;
use sync_core::hash::Hash;
use tokio::sync::oneshot;

use super::{
    chance::{chance, happens},
    handset::{Called, Handset},
    invariants::{Broken, Invariants, waits},
    liar::{Liar, Order},
    line::Sent,
    machine::Machine,
    network::{Caller, Network, PATIENCE_MS},
    office,
    reached::{Rare, Reached},
    story::{Act, Deed, PhoneDeed, ServerDeed, Story},
    trace::Trace,
    truth::{Truth, is_alone},
};
use crate::{SimulatedClock, clock::shanghai, hostile::lies::Lie, notes};

/// The Monday on which the companies are founded; worlds begin in the week after it.
pub(super) const FOUNDED: &str = "2026-09-07T08:00";

/// How long the operator's hand stays on the clock.
const CLOCK_WRONG_MS: u64 = 40_000;
/// How long a sync takes, about.
const SYNC_MS: u64 = 3_000;
/// How soon the server is started again after it died.
const DOWN_MS: u64 = 90_000;
/// How often all phones may have to sync after everything healed until all is quiet.
const ROUNDS: usize = 12;
/// After so long every deadline has passed.
const DEADLINES_MS: u64 = 20 * 24 * 3_600_000;

/// What ended a world before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, as a sentence.
    pub what: String,
    /// What had happened.
    pub trace: Trace,
}

/// One world while it lasts.
pub(super) struct World<'a> {
    pub(super) story: &'a Story,
    /// The true time.
    pub(super) clock: Arc<SimulatedClock>,
    pub(super) machine: Machine,
    pub(super) handsets: Vec<Handset>,
    pub(super) liars: Vec<Liar>,
    pub(super) truth: Truth,
    pub(super) reached: Reached,
    pub(super) trace: Trace,
    begins: Timestamp,
    network: Network,
    queue: BTreeMap<(u64, u64), Happening>,
    happenings: u64,
    exchanges: BTreeMap<u64, Exchange>,
    invariants: Invariants,
    codes_used: BTreeMap<(usize, usize), usize>,
    writing: bool,
}

/// Something that is going to happen.
enum Happening {
    Act(usize),
    Arrives { exchange: u64 },
    Answers { exchange: u64, response: Response },
    GivenUp { exchange: u64 },
    DiskWrites,
    ServerStarts,
    ClockJumps { by_ms: i64 },
    Revoked { phone: usize },
    ClockIsRight,
    DiskHasRoom,
    Tick,
}

/// A request that somebody waits for.
struct Exchange {
    caller: Caller,
    request: Request,
    answer_ms: Option<u64>,
    answer: Option<oneshot::Sender<Result<Response, Unreachable>>>,
    /// How many copies of it are still on their way, also when nobody waits for the answer any more.
    copies_left: usize,
}

impl From<Broken> for anyhow::Error {
    fn from(broken: Broken) -> Self {
        anyhow::Error::msg(broken.to_string())
    }
}

impl<'a> World<'a> {
    /// Plays a story to its end; `folder` is for the phones' files.
    pub(super) fn play(story: &'a Story, folder: &Path) -> (Trace, Reached, Result<(), String>) {
        match Self::begin(story, folder) {
            Ok(mut world) => {
                let end = world.live().map_err(|error| format!("{error:#}"));
                if let Err(what) = &end {
                    world.say(format_args!("*** {what}"));
                }
                (world.trace, world.reached, end)
            }
            Err(error) => (Trace::new(), Reached::default(), Err(format!("{error:#}"))),
        }
    }

    fn begin(story: &'a Story, folder: &Path) -> anyhow::Result<Self> {
        let clock = Arc::new(SimulatedClock::at(shanghai(FOUNDED)?));
        let machine = Machine::new(story.seed, &story.weather, Arc::clone(&clock))?;
        clock.pass_ms(story.weather.begins_ms);
        let mut handsets = Vec::new();
        for (phone, carrier) in story.phones.iter().enumerate() {
            let seed = chance(story.seed, ("handset", phone)).random();
            let folder = folder.join(phone.to_string());
            handsets.push(Handset::new(*carrier, folder, Arc::clone(&clock), seed)?);
        }
        let liars = (0..story.liars.len()).map(|liar| {
            let seed = chance(story.seed, ("liar", liar)).random();
            Liar::new(Arc::clone(&clock), seed)
        });
        let mut world = Self {
            story,
            begins: clock.now(),
            machine,
            handsets,
            liars: liars.collect(),
            truth: Truth::default(),
            reached: Reached::default(),
            trace: Trace::new(),
            network: Network::new(story.seed, &story.weather),
            queue: BTreeMap::new(),
            happenings: 0,
            exchanges: BTreeMap::new(),
            invariants: Invariants::default(),
            codes_used: BTreeMap::new(),
            writing: false,
            clock,
        };
        for (index, act) in story.acts.iter().enumerate() {
            world.plan_at(act.at_ms, Happening::Act(index));
        }
        Ok(world)
    }

    fn live(&mut self) -> anyhow::Result<()> {
        self.machine.start()?;
        while let Some(((at_ms, _), happening)) = self.queue.pop_first() {
            if at_ms > self.story.weather.lasts_ms {
                self.queue.insert((at_ms, 0), happening);
                break;
            }
            self.step(at_ms, happening)?;
        }
        self.heal()?;
        self.come_to_rest()?;
        self.let_pass(DEADLINES_MS)?;
        self.come_to_rest()?;
        self.invariants_at_rest()?;
        let before = self.machine.index_digest();
        self.say("the power goes once more");
        self.machine.power_cut();
        self.machine.start()?;
        let after = self.machine.index_digest();
        anyhow::ensure!(
            before == after,
            "I17 is broken: the index was {before} and is {after} after a power cut"
        );
        Ok(())
    }

    /// One thing happens, and all that follows from it at once.
    fn step(&mut self, at_ms: u64, happening: Happening) -> anyhow::Result<()> {
        self.clock.pass_until(self.begins.plus_millis(at_ms as i64));
        self.machine.tick();
        match happening {
            Happening::Act(index) => {
                let story = self.story;
                self.act(&story.acts[index])?;
            }
            Happening::Arrives { exchange } => self.arrives(exchange),
            Happening::Answers { exchange, response } => self.answers(exchange, response)?,
            Happening::GivenUp { exchange } => {
                if let Some(answer) = self.exchanges.get_mut(&exchange).and_then(|e| e.answer.take()) {
                    // Whoever waited may be gone.
                    let _ = answer.send(Err(Unreachable("no answer came".to_owned())));
                }
                self.forget(exchange);
            }
            Happening::DiskWrites => {
                self.writing = false;
                let written = self.machine.write();
                if written > 1 {
                    self.reached.note(Rare::TwoInOneBatch);
                }
                if self.machine.disk.is_off() {
                    // Nothing more gets out.
                    self.machine_may_have_died();
                }
            }
            Happening::ServerStarts => self.start_server()?,
            Happening::ClockJumps { by_ms } => self.clock_jumps(by_ms),
            Happening::Revoked { phone } => {
                if let Some(owner) = self.handsets[phone].book().owner()? {
                    self.machine.revoke(self.story.phones[phone].tenant, owner.device);
                }
            }
            Happening::ClockIsRight => self.machine.clock.set_skew_ms(0),
            Happening::DiskHasRoom => self.machine.disk.set_full(false),
            Happening::Tick => {}
        }
        self.settle()?;
        self.reached.add(&self.machine.reached());
        self.invariants.after_step(&self.machine)?;
        Ok(())
    }

    /// Lets the server and the apps do what they can without time passing.
    fn settle(&mut self) -> anyhow::Result<()> {
        loop {
            let mut moved = false;
            for (exchange, response) in self.machine.run() {
                moved = true;
                self.send_answer(exchange, response);
            }
            for note in self.machine.notes() {
                self.say(note);
            }
            self.machine_may_have_died();
            if self.machine.has_waiting() && !self.writing {
                self.writing = true;
                let wait = chance(self.story.seed, ("disk", self.happenings))
                    .random_range(0..=self.story.weather.disk_ms);
                self.plan_in(wait, Happening::DiskWrites);
            }
            for phone in 0..self.handsets.len() {
                if let Some(called) = self.handsets[phone].poll()? {
                    moved = true;
                    self.synced(phone, called)?;
                }
                for sent in self.handsets[phone].line.take() {
                    moved = true;
                    self.send(Caller::Phone(phone), sent);
                }
            }
            for liar in 0..self.liars.len() {
                if let Some(said) = self.liars[liar].poll()? {
                    moved = true;
                    self.say(format_args!("liar {liar}: {said}"));
                    self.liars[liar].confess(&mut self.truth, &mut self.reached)?;
                }
                for sent in self.liars[liar].line.take() {
                    moved = true;
                    self.send(Caller::Liar(liar), sent);
                }
            }
            if !moved {
                return Ok(());
            }
        }
    }

    // --- the network ---

    fn send(&mut self, caller: Caller, sent: Sent) {
        let in_dead_spot = match caller {
            Caller::Phone(phone) => self.handsets[phone].vanished_until_ms > self.now_ms(),
            Caller::Liar(_) => false,
        };
        let fate = self.network.fate(caller, in_dead_spot);
        self.happenings += 1;
        let exchange = self.happenings;
        match fate.arrivals_ms.len() {
            0 => self.reached.note(Rare::RequestLost),
            1 => {}
            _ => self.reached.note(Rare::RequestDoubled),
        }
        for wait in &fate.arrivals_ms {
            if *wait > 3_600_000 {
                self.reached.note(Rare::RequestDelayed);
            }
            self.plan_in(*wait, Happening::Arrives { exchange });
        }
        self.plan_in(PATIENCE_MS, Happening::GivenUp { exchange });
        let exchanged = Exchange {
            caller,
            request: sent.request,
            answer_ms: fate.answer_ms,
            answer: Some(sent.answer),
            copies_left: fate.arrivals_ms.len(),
        };
        self.exchanges.insert(exchange, exchanged);
    }

    fn arrives(&mut self, exchange: u64) {
        if let Some(exchanged) = self.exchanges.get_mut(&exchange) {
            exchanged.copies_left -= 1;
            self.invariants.sees_request(&exchanged.request);
            if self.machine.is_up() {
                self.machine.handle(exchange, &exchanged.request);
            }
        }
        self.forget(exchange);
    }

    fn send_answer(&mut self, exchange: u64, response: Response) {
        let Some(exchanged) = self.exchanges.get(&exchange) else { return };
        match exchanged.answer_ms {
            Some(wait) => self.plan_in(wait, Happening::Answers { exchange, response }),
            None => self.reached.note(Rare::AnswerLost),
        }
    }

    fn answers(&mut self, exchange: u64, response: Response) -> anyhow::Result<()> {
        if let Some(exchanged) = self.exchanges.get_mut(&exchange)
            && let Some(answer) = exchanged.answer.take()
        {
            let tenant = match exchanged.caller {
                Caller::Phone(phone) => self.story.phones[phone].tenant,
                Caller::Liar(liar) => self.story.liars[liar].tenant,
            };
            self.invariants.sees_answer(
                &self.machine,
                &mut self.truth,
                &exchanged.request,
                &response,
                tenant,
            )?;
            let _ = answer.send(Ok(response));
        }
        self.forget(exchange);
        Ok(())
    }

    /// Drops an exchange once nothing of it can happen any more.
    fn forget(&mut self, exchange: u64) {
        if self.exchanges.get(&exchange).is_some_and(|e| e.answer.is_none() && e.copies_left == 0) {
            self.exchanges.remove(&exchange);
        }
    }

    // --- the people ---

    fn act(&mut self, act: &Act) -> anyhow::Result<()> {
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
    fn write(
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

    fn sync(&mut self, phone: usize) {
        if self.handsets[phone].is_syncing() {
            return;
        }
        let code = if self.handsets[phone].needs_code { self.code(self.story.phones[phone]) } else { None };
        self.handsets[phone].sync(code);
    }

    fn synced(&mut self, phone: usize, called: Called<SyncReport>) -> anyhow::Result<()> {
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

    fn died(&mut self, phone: usize, syncing: bool) {
        self.say(format_args!("  the app of phone {phone} died"));
        self.reached.note(if syncing { Rare::PhoneDiedSyncing } else { Rare::PhoneDied });
    }

    /// The next enrolment code of a rep.
    fn code(&mut self, carrier: super::story::Carrier) -> Option<String> {
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

    // --- the server ---

    fn server_deed(&mut self, deed: ServerDeed) -> anyhow::Result<()> {
        match deed {
            ServerDeed::PowerCut(calls) => self.machine.disk.cut_power_at(Some(calls)),
            ServerDeed::DiskFails(calls) => self.machine.disk.fail_at(Some(calls)),
            ServerDeed::DiskFull(ms) => {
                self.machine.disk.set_full(true);
                self.plan_in(ms, Happening::DiskHasRoom);
            }
            ServerDeed::ClockJumps(by_ms) => {
                // Some of it falls into the middle of syncs.
                for phone in 0..self.handsets.len() {
                    self.sync(phone);
                }
                let wait = chance(self.story.seed, ("jump", self.happenings)).random_range(0..SYNC_MS);
                self.plan_in(wait, Happening::ClockJumps { by_ms });
            }
            ServerDeed::IndexSpoils => {
                self.machine.stop();
                self.machine.spoil_index();
                self.start_server()?;
            }
            ServerDeed::Restart => {
                self.machine.stop();
                self.start_server()?;
            }
            ServerDeed::JournalRots(at) => {
                if self.machine.is_up() && !self.machine.disk.is_troubled() {
                    let starts = self.machine.starts_on_a_rotten_journal(at);
                    anyhow::ensure!(
                        !starts,
                        "I1 is broken: the server starts on a damaged journal as if it were whole"
                    );
                    self.start_server()?;
                }
            }
            ServerDeed::Backup => self.machine.back_up()?,
            ServerDeed::Restore => {
                if self.machine.put_back()? {
                    self.truth.server_went_back = true;
                    self.invariants.server_went_back();
                    self.reached.note(Rare::ServerRestored);
                    self.start_server()?;
                }
            }
        }
        Ok(())
    }

    /// A clock that is wrong while the server starts cannot be told from a right one: see the assumptions. It looks at its
    /// clock every second, so it did just before.
    fn clock_jumps(&mut self, by_ms: i64) {
        if let Some(engine) = self.machine.engine() {
            engine.time();
            let now = self.clock.now();
            self.truth.clock_was_wrong.push((now, now.plus_millis(CLOCK_WRONG_MS as i64)));
            self.machine.clock.set_skew_ms(by_ms);
            self.plan_in(CLOCK_WRONG_MS, Happening::ClockIsRight);
        }
    }

    fn start_server(&mut self) -> anyhow::Result<()> {
        if !self.machine.is_up() {
            self.machine.clock.set_skew_ms(0);
            let now = self.clock.now();
            for (_, until) in &mut self.truth.clock_was_wrong {
                *until = now.min(*until);
            }
            match self.machine.start() {
                Ok(()) => self.say("the server is up"),
                // The disk may still be against it.
                Err(error) if self.machine.disk.is_troubled() => {
                    self.say(format_args!("the server does not start: {error:#}"));
                    self.machine.power_cut();
                    self.plan_in(DOWN_MS, Happening::ServerStarts);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn machine_may_have_died(&mut self) {
        if let Some(cause) = self.machine.died() {
            self.say(format_args!("the server is down: {cause}"));
            self.writing = false;
            self.queue.retain(|_, happening| !matches!(happening, Happening::DiskWrites));
            self.plan_in(DOWN_MS, Happening::ServerStarts);
        }
    }

    // --- the end ---

    fn heal(&mut self) -> anyhow::Result<()> {
        self.say("everything heals");
        self.network.heal();
        self.machine.heal();
        for handset in &mut self.handsets {
            handset.vanished_until_ms = 0;
            handset.platform.die_at(None);
            handset.platform.set_wall(0);
        }
        self.start_server()?;
        // What is under way ends, and the clock is calm.
        self.let_pass(10 * 60_000)
    }

    /// Everybody syncs until nobody has anything left to say.
    fn come_to_rest(&mut self) -> anyhow::Result<()> {
        for _ in 0..ROUNDS {
            self.everybody_syncs()?;
            if self.is_quiet()? {
                // Once more, so that everybody has heard of what the last one brought.
                return self.everybody_syncs();
            }
        }
        anyhow::bail!(
            "I20 liveness: {ROUNDS} rounds of syncs after everything healed, phones still have work to hand over"
        )
    }

    fn everybody_syncs(&mut self) -> anyhow::Result<()> {
        for phone in 0..self.handsets.len() {
            self.sync(phone);
        }
        self.settle()?;
        self.let_pass(5 * 60_000)
    }

    fn is_quiet(&self) -> anyhow::Result<bool> {
        for handset in &self.handsets {
            if handset.is_syncing() || handset.needs_code || handset.book().outbox()?.iter().any(waits) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn let_pass(&mut self, ms: u64) -> anyhow::Result<()> {
        let until = self.now_ms() + ms;
        self.plan_in(ms, Happening::Tick);
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > until {
                break;
            }
            let ((at_ms, _), happening) = entry.remove_entry();
            self.step(at_ms.max(self.now_ms()), happening)?;
        }
        Ok(())
    }

    fn invariants_at_rest(&mut self) -> anyhow::Result<()> {
        let Self { invariants, machine, handsets, truth, reached, .. } = self;
        invariants.at_rest(machine, handsets, truth, reached)?;
        let digest = self.machine.index_digest();
        self.say(format_args!("at rest, the index is {digest}"));
        Ok(())
    }

    // --- time ---

    fn now_ms(&self) -> u64 {
        u64::try_from(self.clock.now().millis_since(self.begins)).unwrap_or(0)
    }

    fn plan_in(&mut self, wait_ms: u64, happening: Happening) {
        self.plan_at(self.now_ms() + wait_ms, happening);
    }

    fn plan_at(&mut self, at_ms: u64, happening: Happening) {
        self.happenings += 1;
        self.queue.insert((at_ms, self.happenings), happening);
    }

    fn say(&mut self, what: impl fmt::Display) {
        let now = self.clock.now();
        self.trace.line(now, what);
    }
}

/// What is in every text of a company, and may never be seen by another.
pub(super) fn secret(tenant: usize) -> String {
    format!("〔机密{tenant}〕")
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
