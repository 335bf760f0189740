//! The fold: from the events of a record to its official state.

use std::collections::BTreeSet;

use super::{
    Cause, Committed, Decision, Frontier, IgnoredDecision, JudgedSubmit, Past, Phase, RecordEvent,
    RecordState, Standing, Submitted, Version,
    ruled::{self, Ignored},
};
use crate::{
    calendar::Calendar,
    document::Heads,
    encoding,
    hash::Hash,
    rules::{OnBreach, Outcome, PackRule, RuleError, Verdict, due, judge, not_evaluable},
    time::Timestamp,
};

/// Computes the official state of a record at `now`.
///
/// The order in which events are given means nothing, and an event given twice counts once: they are taken by time,
/// then kind, then hash. Versions are only ever added: with further events of later times the versions up to now
/// stay as they are. The server sees to it that later events of one record do have later times. `now` is taken as no
/// earlier than the last event.
pub fn official_state(
    rule: &PackRule<'_>,
    calendar: &Calendar,
    events: &[RecordEvent],
    frontier: &dyn Frontier,
    now: Timestamp,
) -> RecordState {
    let mut fold = Fold::new(rule, calendar, frontier);
    for event in in_order(events) {
        match event {
            RecordEvent::Committed(committed) => fold.handle_committed(committed),
            RecordEvent::Decided(decision) => fold.handle_decision(decision),
        }
    }
    fold.pass_time(now);
    fold.into_state()
}

fn in_order(events: &[RecordEvent]) -> Vec<&RecordEvent> {
    let mut keyed: Vec<_> = events
        .iter()
        .map(|event| {
            let (time, kind, hash) = match event {
                RecordEvent::Committed(committed) => (committed.arrived, 0, committed.head),
                RecordEvent::Decided(decision) => (decision.at, 1, decision.submit),
            };
            ((time, kind, hash, encoding::encode(event)), event)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    keyed.dedup_by(|(a, _), (b, _)| a == b);
    keyed.into_iter().map(|(_, event)| event).collect()
}

struct Fold<'a> {
    rule: &'a PackRule<'a>,
    calendar: &'a Calendar,
    frontier: &'a dyn Frontier,
    ended: Option<Timestamp>,
    deadline: Option<Result<Timestamp, RuleError>>,
    passed: bool,
    versions: Vec<Version>,
    /// The past of the last version; `None` while there is none.
    sealed: Option<Past<'a>>,
    submits: Vec<JudgedSubmit>,
    entries: BTreeSet<Hash>,
    ignored: Vec<IgnoredDecision>,
}

impl<'a> Fold<'a> {
    fn new(rule: &'a PackRule<'a>, calendar: &'a Calendar, frontier: &'a dyn Frontier) -> Self {
        Self {
            rule,
            calendar,
            frontier,
            ended: None,
            deadline: None,
            passed: false,
            versions: Vec::new(),
            sealed: None,
            submits: Vec::new(),
            entries: BTreeSet::new(),
            ignored: Vec::new(),
        }
    }

    fn handle_committed(&mut self, committed: &Committed) {
        self.pass_time(committed.arrived);
        self.pin_end(committed);
        // This commit may have brought the deadline forward to before its own arrival; nobody knew until now.
        if matches!(self.deadline, Some(Ok(deadline)) if deadline < committed.arrived) {
            self.close(committed.arrived);
        }
        let first = self.submits.len();
        for submitted in &committed.submits {
            // The first commit that holds an entry is its evidence.
            if self.entries.insert(submitted.entry) {
                let judged = self.judge(committed, submitted);
                self.submits.push(judged);
            }
        }
        if self.passed {
            self.admit_after_deadline(first, committed.arrived);
        } else {
            self.settle_standings();
        }
    }

    fn handle_decision(&mut self, decision: &Decision) {
        self.pass_time(decision.at);
        match self.rule_on(decision) {
            Ok((index, standing)) => {
                if standing == Standing::Approved {
                    let cause = Cause::Decision { submit: decision.submit, ruling: decision.ruling };
                    self.add_version(&[index], decision.at, cause);
                }
                self.submits[index].standing = standing;
                self.submits[index].decisions.push(decision.clone());
                self.settle_standings();
            }
            Err(because) => {
                self.ignored.push(IgnoredDecision { decision: decision.clone(), because });
            }
        }
    }

    /// Closes the record if its deadline lies before `now`.
    fn pass_time(&mut self, now: Timestamp) {
        if let Some(Ok(deadline)) = self.deadline
            && now > deadline
        {
            self.close(deadline);
        }
    }

    /// Seals what was made in time, the deadline having passed.
    fn close(&mut self, at: Timestamp) {
        if self.passed {
            return;
        }
        self.passed = true;
        let in_time = self.indices(0, |submit| submit.standing == Standing::Candidate);
        self.make_official(&in_time, at, Cause::InTime);
        self.admit_after_deadline(0, at);
    }

    /// Pins the end: the earliest of the ends as they stood at each commit before the deadline passed.
    fn pin_end(&mut self, committed: &Committed) {
        let Some(ended) = committed.ended_by_arrival().filter(|_| !self.passed) else { return };
        if self.ended.is_none_or(|pinned| ended < pinned) {
            self.ended = Some(ended);
            let pack = self.rule.pack;
            self.deadline = Some(due(&self.rule.rule.within, &pack.zone, self.calendar, ended));
            self.judge_again();
        }
    }

    fn judge(&self, committed: &Committed, submitted: &Submitted) -> JudgedSubmit {
        let mut submit = submitted.clone();
        submit.evidence.not_after.get_or_insert(committed.arrived);
        let verdict = self.verdict(&submit);
        let standing = undecided(&verdict);
        let (device, arrived) = (committed.device, committed.arrived);
        JudgedSubmit { submit, device, arrived, verdict, standing, decisions: Vec::new() }
    }

    fn verdict(&self, submit: &Submitted) -> Verdict {
        let required = self.rule.rule.required.iter();
        let mut missing: Vec<String> =
            required.filter(|field| !submit.filled.contains(field)).cloned().collect();
        let deadline = match &self.deadline {
            Some(Ok(deadline)) => Some(*deadline),
            Some(Err(error)) => {
                missing.push(error.missing());
                None
            }
            None => {
                missing.push("ended".to_owned());
                None
            }
        };
        missing.sort_unstable();
        missing.dedup();
        match deadline {
            Some(deadline) if missing.is_empty() => judge(self.rule, deadline, &submit.evidence),
            _ => not_evaluable(self.rule, deadline, &submit.evidence, missing),
        }
    }

    /// Judges every submit against the deadline as it is now; what a person has decided stays decided.
    fn judge_again(&mut self) {
        for index in 0..self.submits.len() {
            let verdict = self.verdict(&self.submits[index].submit);
            let submit = &mut self.submits[index];
            if submit.standing.waits() || submit.standing == Standing::Candidate {
                submit.standing = undecided(&verdict);
            }
            submit.verdict = verdict;
        }
        self.settle_standings();
    }

    /// Deals with the submits from `first` on, the deadline having passed.
    fn admit_after_deadline(&mut self, first: usize, at: Timestamp) {
        let in_time = self.indices(first, |submit| submit.standing == Standing::Candidate);
        self.make_official(&in_time, at, Cause::ArrivedLate);
        if self.rule.rule.on_breach == OnBreach::Finding && self.versions.is_empty() {
            let late = self
                .indices(first, |submit| matches!(submit.standing, Standing::Held | Standing::NeedsReview));
            self.make_official(&late, at, Cause::Finding);
        }
        self.settle_standings();
    }

    fn make_official(&mut self, submits: &[usize], at: Timestamp, cause: Cause) {
        if submits.is_empty() {
            return;
        }
        self.add_version(submits, at, cause);
        for &index in submits {
            let standing = &mut self.submits[index].standing;
            if matches!(standing, Standing::Candidate | Standing::Held | Standing::NeedsReview) {
                *standing = Standing::Official;
            }
        }
    }

    /// Adds the version that joins these submits to the last version, unless it contains them already.
    fn add_version(&mut self, submits: &[usize], at: Timestamp, cause: Cause) {
        let last = self.versions.last().map(|version| version.heads.clone());
        let joined: Vec<Heads> = last
            .iter()
            .cloned()
            .chain(submits.iter().map(|&index| self.submits[index].submit.heads.clone()))
            .collect();
        let heads = self.frontier.joint(&joined);
        if last.as_ref() == Some(&heads) {
            return;
        }
        self.sealed = Some(self.frontier.past(&heads));
        self.versions.push(Version {
            number: u32::try_from(self.versions.len()).map_or(u32::MAX, |count| count.saturating_add(1)),
            // Heads may name what they build on too: what counts is what lies behind them.
            merged: !joined.iter().any(|one| self.frontier.joint(std::slice::from_ref(one)) == heads),
            heads,
            at,
            cause,
            submits: submits.iter().map(|&index| self.submits[index].submit.entry).collect(),
        });
    }

    /// Once there is a version, what still waits either adds to it, and is an amendment, or does not.
    fn settle_standings(&mut self) {
        let Some(sealed) = &self.sealed else { return };
        for submit in self.submits.iter_mut().filter(|submit| submit.standing.waits()) {
            let contained = sealed(&submit.submit.heads);
            submit.standing = if contained { Standing::Contained } else { Standing::Amendment };
        }
    }

    fn rule_on(&self, decision: &Decision) -> Result<(usize, Standing), Ignored> {
        let index = self
            .submits
            .iter()
            .position(|submit| submit.submit.entry == decision.submit)
            .ok_or(Ignored::UnknownSubmit)?;
        let submit = &self.submits[index];
        let sealed = self.sealed.as_ref();
        let refused = matches!(submit.standing, Standing::Refused | Standing::Rejected);
        if refused && sealed.is_some_and(|contains| contains(&submit.submit.heads)) {
            return Err(Ignored::NothingToDecide);
        }
        let on_breach = self.rule.rule.on_breach;
        ruled::rule_on(submit.standing, sealed.is_some(), decision.ruling, on_breach)
            .map(|standing| (index, standing))
    }

    fn indices(&self, first: usize, wanted: impl Fn(&JudgedSubmit) -> bool) -> Vec<usize> {
        (first..self.submits.len()).filter(|&index| wanted(&self.submits[index])).collect()
    }

    fn into_state(self) -> RecordState {
        let candidates: Vec<Heads> = self
            .submits
            .iter()
            .filter(|submit| submit.standing == Standing::Candidate)
            .map(|submit| submit.submit.heads.clone())
            .collect();
        RecordState {
            phase: self.phase(),
            ended: self.ended,
            deadline: self.deadline.and_then(Result::ok),
            is_past_deadline: self.passed,
            candidate: (!candidates.is_empty()).then(|| self.frontier.joint(&candidates)),
            versions: self.versions,
            submits: self.submits,
            ignored: self.ignored,
        }
    }

    fn phase(&self) -> Phase {
        let any = |standing| self.submits.iter().any(|submit| submit.standing == standing);
        let undecidable = any(Standing::NeedsReview) || any(Standing::NotEvaluable);
        if any(Standing::Candidate) {
            Phase::Submitted
        } else if !self.versions.is_empty() {
            Phase::Sealed
        } else if self.passed {
            match (undecidable, any(Standing::Held)) {
                (true, _) => Phase::NeedsReview,
                (false, true) => Phase::HeldLate,
                (false, false) => Phase::Overdue,
            }
        } else if undecidable && matches!(self.deadline, Some(Err(_))) {
            Phase::NeedsReview
        } else {
            Phase::Draft
        }
    }
}

/// Where a submit stands by its verdict alone.
fn undecided(verdict: &Verdict) -> Standing {
    match verdict.outcome {
        Outcome::OnTime => Standing::Candidate,
        Outcome::Late => Standing::Held,
        Outcome::NeedsReview | Outcome::Open => Standing::NeedsReview,
        Outcome::NotEvaluable { .. } => Standing::NotEvaluable,
    }
}
