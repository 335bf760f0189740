//! The official state: one loop over what happened to a record, on sets of changes.

use sync_core::{
    document::Visit,
    hash::Hash,
    id::CustomerId,
    record::{Cause, Decision, Phase, Ruling, Standing},
    rules::{Basis, Evidence, Flags, OnBreach, Outcome, PackRule, TimeMode},
    time::Timestamp,
};

use super::{Changes, Happening, ModelRecord, ModelSubmit, ModelVersion, Record, Submit};

/// What must be true of a record at an instant.
pub(super) fn state(record: &Record, now: Timestamp) -> anyhow::Result<ModelRecord> {
    let rule = record.rules().in_force(record.first_end().unwrap_or(record.created))?;
    let mut course = Course {
        record,
        rule,
        ended: None,
        deadline: None,
        closed: false,
        submits: Vec::new(),
        versions: Vec::new(),
    };
    for happening in &record.happened {
        match happening {
            Happening::Page(page) => {
                course.pass_time(page.arrived);
                course.pin(page.ended, page.arrived);
                let brought = page.submits.iter().cloned();
                course.submits.extend(brought.map(|submit| Handed {
                    submit,
                    fate: None,
                    decisions: Vec::new(),
                }));
                if course.closed {
                    course.join_late(page.arrived);
                }
            }
            Happening::Decision(decision) => {
                course.pass_time(decision.at);
                course.rule_on(decision);
            }
        }
        course.settle();
    }
    course.pass_time(now);
    course.settle();
    course.into_record()
}

/// A record on its way through time.
struct Course<'a> {
    record: &'a Record,
    rule: PackRule<'a>,
    ended: Option<Timestamp>,
    /// The last instant in time, or what is missing to say so.
    deadline: Option<Result<Timestamp, String>>,
    /// Whether the deadline has passed.
    closed: bool,
    submits: Vec<Handed>,
    versions: Vec<Version>,
}

/// A submit, and what became of it once something did.
struct Handed {
    submit: Submit,
    fate: Option<Standing>,
    decisions: Vec<Decision>,
}

struct Version {
    at: Timestamp,
    cause: Cause,
    submits: Vec<Hash>,
    merged: bool,
    changes: Changes,
}

impl Course<'_> {
    fn pass_time(&mut self, now: Timestamp) {
        if let Some(Ok(deadline)) = self.deadline
            && now > deadline
        {
            self.close(deadline);
        }
    }

    /// The deadline has passed: what was made in time becomes official.
    fn close(&mut self, at: Timestamp) {
        if !self.closed {
            self.closed = true;
            self.join(&[Standing::Candidate], at, Cause::InTime);
            self.join_late(at);
        }
    }

    /// Until the deadline passes, the earliest end counts. It may turn out to have passed already.
    fn pin(&mut self, ended: Option<Timestamp>, arrived: Timestamp) {
        let Some(ended) = ended.filter(|_| !self.closed) else { return };
        let earliest = self.ended.map_or(ended, |pinned| pinned.min(ended));
        self.ended = Some(earliest);
        self.deadline = Some(self.record.rules().due(&self.rule.rule.within, earliest));
        // What waits is judged anew by the new deadline before anything of this page is looked at.
        self.settle();
        if matches!(self.deadline, Some(Ok(deadline)) if deadline < arrived) {
            self.close(arrived);
        }
    }

    /// After the deadline: what was made in time counts all the same; under `finding` anything does, if nothing has.
    fn join_late(&mut self, at: Timestamp) {
        self.join(&[Standing::Candidate], at, Cause::ArrivedLate);
        if self.rule.rule.on_breach == OnBreach::Finding && self.versions.is_empty() {
            self.join(&[Standing::Held, Standing::NeedsReview], at, Cause::Finding);
        }
    }

    /// Makes official what stands so.
    fn join(&mut self, standings: &[Standing], at: Timestamp, cause: Cause) {
        let places = 0..self.submits.len();
        let chosen: Vec<usize> = places.filter(|&n| standings.contains(&self.standing(n))).collect();
        if !chosen.is_empty() {
            self.add_version(&chosen, at, cause);
        }
        for n in chosen {
            self.submits[n].fate = Some(Standing::Official);
        }
    }

    /// The version before and these submits together, unless that is the version before.
    fn add_version(&mut self, chosen: &[usize], at: Timestamp, cause: Cause) {
        let before = self.official();
        let parts = || chosen.iter().map(|&n| &self.submits[n].submit.changes).chain(before);
        let changes: Changes = parts().flatten().copied().collect();
        if before == Some(&changes) {
            return;
        }
        let merged = parts().all(|part| *part != changes);
        let submits = chosen.iter().map(|&n| self.submits[n].submit.entry).collect();
        self.versions.push(Version { at, cause, submits, merged, changes });
    }

    /// What is official now.
    fn official(&self) -> Option<&Changes> {
        self.versions.last().map(|version| &version.changes)
    }

    /// What waits beside a version and adds nothing to it waits no longer.
    fn settle(&mut self) {
        for n in 0..self.submits.len() {
            let adds_nothing =
                self.official().is_some_and(|official| self.submits[n].submit.changes.is_subset(official));
            if self.standing(n) == Standing::Amendment && adds_nothing {
                self.submits[n].fate = Some(Standing::Contained);
            }
        }
    }

    fn standing(&self, n: usize) -> Standing {
        let handed = &self.submits[n];
        if let Some(fate) = handed.fate {
            return fate;
        }
        match (self.judge(&handed.submit).0, self.official()) {
            (Outcome::OnTime, _) => Standing::Candidate,
            (_, Some(_)) => Standing::Amendment,
            (Outcome::Late, None) => Standing::Held,
            (Outcome::NeedsReview | Outcome::Open, None) => Standing::NeedsReview,
            (Outcome::NotEvaluable { .. }, None) => Standing::NotEvaluable,
        }
    }

    /// A ruling takes effect if it is of the kind that the submit waits for.
    fn rule_on(&mut self, decision: &Decision) {
        let Some(n) = self.submits.iter().position(|handed| handed.submit.entry == decision.submit) else {
            return;
        };
        let changes = &self.submits[n].submit.changes;
        let waits = match self.standing(n) {
            Standing::Held | Standing::NeedsReview | Standing::NotEvaluable | Standing::Amendment => true,
            // A refusal can be taken back, unless what was refused became official another way.
            Standing::Refused | Standing::Rejected => {
                self.official().is_none_or(|official| !changes.is_subset(official))
            }
            _ => false,
        };
        let amends = self.official().is_some();
        let fate = match decision.ruling {
            Ruling::AcceptLate if self.rule.rule.on_breach == OnBreach::Refuse => return,
            Ruling::AcceptLate | Ruling::Excuse if !amends => Standing::Approved,
            Ruling::Refuse if !amends => Standing::Refused,
            Ruling::Approve if amends => Standing::Approved,
            Ruling::Reject if amends => Standing::Rejected,
            _ => return,
        };
        if !waits {
            return;
        }
        if fate == Standing::Approved {
            let cause = Cause::Decision { submit: decision.submit, ruling: decision.ruling };
            self.add_version(&[n], decision.at, cause);
        }
        self.submits[n].fate = Some(fate);
        self.submits[n].decisions.push(decision.clone());
    }

    fn judge(&self, submit: &Submit) -> (Outcome, Basis) {
        let required = self.rule.rule.required.iter();
        let mut missing: Vec<String> =
            required.filter(|field| submit.values.get(field).is_none()).cloned().collect();
        let deadline = match &self.deadline {
            Some(Ok(deadline)) => Some(*deadline),
            Some(Err(year)) => {
                missing.push(year.clone());
                None
            }
            None => {
                missing.push("ended".to_owned());
                None
            }
        };
        missing.sort();
        missing.dedup();
        match deadline.filter(|_| missing.is_empty()) {
            Some(deadline) => weigh(self.rule.rule.time, deadline, &submit.evidence),
            None => (Outcome::NotEvaluable { missing }, Basis::None),
        }
    }

    fn phase(&self) -> Phase {
        let stands = |standing| (0..self.submits.len()).any(|n| self.standing(n) == standing);
        let undecided = stands(Standing::NeedsReview) || stands(Standing::NotEvaluable);
        match self.deadline {
            _ if stands(Standing::Candidate) => Phase::Submitted,
            _ if !self.versions.is_empty() => Phase::Sealed,
            Some(Err(_)) if undecided => Phase::NeedsReview,
            _ if !self.closed => Phase::Draft,
            _ if undecided => Phase::NeedsReview,
            _ if stands(Standing::Held) => Phase::HeldLate,
            _ => Phase::Overdue,
        }
    }

    fn into_record(self) -> anyhow::Result<ModelRecord> {
        let history = &self.record.history;
        let values = history.values(&history.all())?;
        let submits = self.submits.iter().enumerate().map(|(n, handed)| {
            let (outcome, basis) = self.judge(&handed.submit);
            let (submit, decisions) = (handed.submit.clone(), handed.decisions.clone());
            let Submit { entry, device, arrived, changes, reason, evidence, .. } = submit;
            let (rule, standing) = (self.rule.version(), self.standing(n));
            ModelSubmit {
                entry,
                device,
                arrived,
                changes,
                reason,
                rule,
                outcome,
                basis,
                evidence,
                standing,
                decisions,
            }
        });
        let versions = (1..).zip(&self.versions).map(|(number, version)| {
            Ok(ModelVersion {
                number,
                at: version.at,
                cause: version.cause,
                submits: version.submits.clone(),
                merged: version.merged,
                value: history.values(&version.changes)?.hash(),
                changes: version.changes.clone(),
            })
        });
        Ok(ModelRecord {
            owner: self.record.owner,
            customer: Visit::read(&values).customer.map(CustomerId::from_bytes),
            ended: self.ended,
            deadline: self.deadline.clone().and_then(Result::ok),
            phase: self.phase(),
            submits: submits.collect(),
            versions: versions.collect::<anyhow::Result<_>>()?,
            changes: history.all(),
            value: values.hash(),
        })
    }
}

/// Evidence against a deadline, as the table of the two-day rule has it.
fn weigh(mode: TimeMode, deadline: Timestamp, evidence: &Evidence) -> (Outcome, Basis) {
    let has = |flag| evidence.flags.intersects(flag);
    let arrived = evidence.not_after.unwrap_or(Timestamp::MAX);
    let against_measured = has(Flags::BOOT_RATE_ODD) || has(Flags::ANCHORS_UNANSWERED);
    match mode {
        _ if evidence.not_before > deadline => (Outcome::Late, Basis::Proven),
        _ if has(Flags::SERVER_TIME_SUSPECT) => (Outcome::NeedsReview, Basis::None),
        _ if arrived <= deadline => (Outcome::OnTime, Basis::Proven),
        TimeMode::Receipt => (Outcome::Late, Basis::Receipt),
        TimeMode::Claimed if evidence.claimed <= deadline => (Outcome::OnTime, Basis::Claimed),
        TimeMode::Claimed => (Outcome::Late, Basis::Claimed),
        TimeMode::Witnessed if !against_measured => match evidence.measured {
            Some(measured) if measured.latest <= deadline => (Outcome::OnTime, Basis::Measured),
            Some(measured) if measured.earliest > deadline => (Outcome::Late, Basis::Measured),
            _ => (Outcome::NeedsReview, Basis::None),
        },
        TimeMode::Witnessed | TimeMode::Review => (Outcome::NeedsReview, Basis::None),
    }
}
