//! A made-up quarter of the demo company: calls, visits, plans, consents and checks, done well and badly.

use sync_core::{
    hash::Hash,
    id::{CustomerId, UserId},
    rules::{FactKind, Period, Value},
    time::Timestamp,
};

use super::{
    days::{DAY_MS, HOUR_MS, MINUTE_MS, days, later, midnight, months, weeks},
    diary::{Diary, Entry},
    dice::Dice,
    northwind::Northwind,
};

const LEVELS: &[&str] = &[
    "handling_contact",
    "handling_contact",
    "handling_lead",
    "handling_lead",
    "business_lead",
    "key_decision_maker",
];
const CLASSES: &[&str] = &[
    "scheduled_return",
    "scheduled_return",
    "scheduled_return",
    "scheduled_return",
    "scheduled_return",
    "business_contact",
    "event_return",
    "festival",
];
const SEVEN: &[&str] = &[
    "qualification_papers",
    "brochure",
    "purchase_handbook",
    "price_list",
    "proofs",
    "name_cards",
    "notebook_and_pen",
];

/// The quarter as it is written down.
pub(super) struct Quarter<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) diary: &'a mut Diary,
    pub(super) company: &'a Northwind,
    pub(super) days: Period,
}

impl Quarter<'_> {
    /// Lets the quarter happen.
    pub(super) fn happen(&mut self) {
        let customers: Vec<CustomerId> = self.company.company.customers.keys().copied().collect();
        for customer in &customers {
            let zeal = self.dice.below(3);
            for week in weeks(self.days) {
                for _ in 0..self.dice.below(2 + zeal) {
                    self.call(*customer, week);
                }
                for _ in 0..self.dice.below(1 + zeal) {
                    self.go(*customer, week);
                }
            }
            for month in months(self.days) {
                if self.dice.chance(60) {
                    self.supervisor_goes(*customer, month);
                }
            }
            self.festivals(*customer);
            self.figures(*customer);
            if self.dice.chance(70) {
                self.year_end(*customer);
            }
        }
        self.checks();
    }

    /// A moment of a day: on the hour or not, at its very beginning, or in its last minute.
    pub(super) fn moment(&mut self, day: jiff::civil::Date) -> Timestamp {
        let within_ms = match self.dice.below(20) {
            0 => 0,
            1 => DAY_MS - 1,
            2 => DAY_MS - MINUTE_MS,
            _ => self.dice.between(8 * HOUR_MS, 20 * HOUR_MS),
        };
        midnight(day).plus_millis(within_ms)
    }

    pub(super) fn day_in(&mut self, period: Period) -> jiff::civil::Date {
        let all: Vec<_> = days(period).collect();
        self.dice.pick(&all)
    }

    /// Mostly who is responsible, sometimes a colleague.
    fn contact_person(&mut self, customer: CustomerId, at: Timestamp) -> UserId {
        let owners = &self.company.company.customers[&customer].owners;
        let owner = owners.iter().rev().find(|(from, _)| *from <= at).and_then(|(_, owner)| *owner);
        match owner {
            Some(owner) if self.dice.chance(90) => owner,
            _ => self.dice.pick(&self.company.specialists),
        }
    }

    fn supervisor_of(&mut self, person: UserId) -> UserId {
        let boss = self.company.company.people()[&person].reports_to;
        match boss {
            Some(boss) if self.dice.chance(85) => boss,
            _ => self.dice.pick(&self.company.supervisors),
        }
    }

    fn visit(&mut self, at: Timestamp, by: UserId, customer: CustomerId, channel: &str) -> Entry {
        let class = self.dice.pick(CLASSES);
        let (one, other) = (self.dice.pick(LEVELS), self.dice.pick(LEVELS));
        let visit = Entry::new(FactKind::VISIT, at).by(by).to(customer).word("class", class);
        let visit = visit.word("channel", channel);
        match self.dice.below(10) {
            0 => visit,
            1 | 2 => visit.words("level", &[one, other]),
            _ => visit.word("level", one),
        }
    }

    fn call(&mut self, customer: CustomerId, week: Period) {
        let day = self.day_in(week);
        let at = self.moment(day);
        let by = self.contact_person(customer, at);
        let channel = self.dice.pick(&["phone", "phone", "phone", "phone", "sms"]);
        let ended = at.plus_millis(10 * MINUTE_MS);
        let call =
            self.visit(at, by, customer, channel).perhaps(self.dice, 90, |call| call.time("ended", ended));
        let call = self.diary.note(call);
        self.fill_in(call, by, customer, ended);
    }

    /// The record is filled in, on time or late, complete or not, and shown by one thing or another.
    fn fill_in(&mut self, visit: Hash, by: UserId, customer: CustomerId, ended: Timestamp) {
        for _ in 0..self.dice.below(3) {
            let after = self.dice.pick(&[HOUR_MS, HOUR_MS, DAY_MS, 2 * DAY_MS, 3 * DAY_MS, 5 * DAY_MS]);
            let at = ended.plus_millis(after + self.dice.between(-HOUR_MS, 9 * HOUR_MS));
            let evidence = self.diary.evidence(self.dice, at);
            let record = Entry::new(FactKind::SUBMISSION, at).by(by).to(customer).about(visit);
            let complete = self.dice.chance(80);
            let record = record.perhaps(self.dice, 70, |record| record.flag("complete", complete));
            let accepted = self.dice.chance(60);
            let record = record.perhaps(self.dice, 10, |record| record.flag("accepted", accepted));
            self.diary.note(record.shown_by(evidence));
        }
    }

    /// A visit by plan or without one, as planned or otherwise; or a plan and no visit.
    fn go(&mut self, customer: CustomerId, week: Period) {
        let day = self.day_in(week);
        let planned = self.moment(day);
        let by = self.contact_person(customer, planned);
        let line = self.dice.chance(85).then(|| self.plan(by, customer, planned));
        if line.is_some() && self.dice.chance(15) {
            return;
        }
        let at = match self.dice.below(10) {
            0 => planned.plus_millis(DAY_MS),
            1 => planned.plus_millis(-DAY_MS),
            2 => planned.plus_millis(2 * HOUR_MS),
            _ => planned,
        };
        let ended = at.plus_millis(HOUR_MS);
        let mut visit = self.visit(at, by, customer, "on_site").about(line);
        visit = visit
            .perhaps(self.dice, 90, |visit| visit.time("ended", ended))
            .perhaps(self.dice, 90, |visit| visit.word("place", "总部"))
            .perhaps(self.dice, 90, |visit| visit.word("purpose", "续约"))
            .perhaps(self.dice, 70, |visit| visit.word("content", "价格"))
            .perhaps(self.dice, 80, |visit| visit.words("with", &["王经理"]))
            .perhaps(self.dice, 80, |visit| visit.words("checklist", SEVEN));
        if self.dice.chance(20) {
            visit = visit
                .perhaps(self.dice, 80, |visit| visit.word("change_reason", "客户开会"))
                .perhaps(self.dice, 70, |visit| visit.time("change_reported", at.plus_millis(-HOUR_MS)))
                .perhaps(self.dice, 70, |visit| visit.number("hours_of_stay", 2));
        }
        let (gift, entertainment) = (self.dice.chance(50), self.dice.chance(50));
        visit =
            visit
                .perhaps(self.dice, 10, |visit| visit.flag("gift", gift))
                .perhaps(self.dice, 10, |visit| visit.flag("entertainment", entertainment));
        let visit = self.diary.note(visit);
        self.consents(visit, line, by, customer, at);
        if self.dice.chance(70) {
            let before = self.dice.pick(&[2 * HOUR_MS, DAY_MS, 0, -HOUR_MS]);
            let to = self.dice.pick(&["customer", "customer", "customer", "driver"]);
            let told_by = if self.dice.chance(90) { by } else { self.dice.pick(&self.company.supervisors) };
            let notice = Entry::new(FactKind::NOTICE, at.plus_millis(-before)).by(told_by).to(customer);
            self.diary.note(notice.about(visit).word("to", to));
        }
        self.fill_in(visit, by, customer, ended);
    }

    /// A line of a weekly plan, and who looked at it.
    fn plan(&mut self, by: UserId, customer: CustomerId, planned: Timestamp) -> Hash {
        let at = planned.plus_millis(-self.dice.between(1, 5) * DAY_MS);
        let form =
            self.dice.pick(&["weekly_visit_plan", "weekly_visit_plan", "weekly_visit_plan", "trip_plan"]);
        let line = Entry::new(FactKind::PLAN_LINE, at)
            .by(by)
            .to(customer)
            .word("form", form)
            .perhaps(self.dice, 95, |line| line.time("planned", planned))
            .perhaps(self.dice, 80, |line| line.word("place", "总部"))
            .perhaps(self.dice, 80, |line| line.word("purpose", "续约"))
            .perhaps(self.dice, 40, |line| line.word("content", "价格"));
        let line = line.perhaps(self.dice, 10, |line| line.word("change", "改到周四"));
        let line = line.perhaps(self.dice, 10, |line| line.number("hours_of_stay", 1));
        let line = self.diary.note(line);
        for _ in 0..self.dice.below(3) {
            let act = self.dice.pick(&["read", "read", "approve", "sign"]);
            let reviewer = self.supervisor_of(by);
            let read = planned.plus_millis(self.dice.between(-24 * HOUR_MS, 4 * HOUR_MS));
            self.diary.note(Entry::new(FactKind::REVIEW, read).by(reviewer).about(line).word("act", act));
        }
        line
    }

    /// Consents to a visit: asked for or not, in one order or another, before it or afterwards.
    fn consents(&mut self, visit: Hash, line: Option<Hash>, by: UserId, customer: CustomerId, at: Timestamp) {
        for _ in 0..self.dice.below(4) {
            let when = at.plus_millis(self.dice.between(-48 * HOUR_MS, 12 * HOUR_MS));
            let asked = Entry::new(FactKind::REQUEST, when.plus_millis(-HOUR_MS)).by(by).to(customer);
            let about = match (self.dice.below(3), line) {
                (0, _) => self.diary.note(asked.about(visit).word("for", "gift")),
                (1, Some(line)) => line,
                _ => visit,
            };
            let by = self.dice.pick(&[
                self.company.supervisors[0],
                self.company.supervisors[1],
                self.company.senior,
                by,
            ]);
            let post =
                self.dice.pick(&["handling_lead", "direct_supervisor", "dept_manager", "handling_contact"]);
            let agreed = self.dice.chance(85);
            let approval = Entry::new(FactKind::APPROVAL, when).by(by).to(customer).about(about);
            let approval = approval.perhaps(self.dice, 70, |approval| approval.word("post", post));
            let approval = approval.perhaps(self.dice, 80, |approval| approval.flag("agreed", agreed));
            self.diary.note(approval);
        }
    }

    fn supervisor_goes(&mut self, customer: CustomerId, month: Period) {
        let day = self.day_in(month);
        let at = self.moment(day);
        let by = self.contact_person(customer, at);
        let boss = self.supervisor_of(by);
        let visit = self.visit(at, boss, customer, "on_site");
        self.diary.note(visit.time("ended", at.plus_millis(HOUR_MS)));
    }

    fn festivals(&mut self, customer: CustomerId) {
        let festivals: Vec<_> = self.company.company.festivals.values().flatten().copied().collect();
        for (first, last) in festivals {
            // A day before and a day after it as well.
            let day = self.day_in(Period { first: later(first, -1), last: later(last, 1) });
            let at = self.moment(day);
            let by = self.contact_person(customer, at);
            let by = if self.dice.chance(50) { self.company.senior } else { self.supervisor_of(by) };
            let visit = self.visit(at, by, customer, "phone");
            if self.days.first <= day && day <= self.days.last && self.dice.chance(80) {
                let visit = if self.dice.chance(60) { greeting(at, by, customer) } else { visit };
                self.diary.note(visit);
            }
        }
    }

    fn figures(&mut self, customer: CustomerId) {
        let Some(figures) = self.company.figures.get(&customer) else { return };
        let day = self.day_in(self.days);
        let at = self.moment(day);
        let assessment = Entry::new(FactKind::ASSESSMENT, at)
            .to(customer)
            .number("usage", figures.usage)
            .word("scale", figures.scale)
            .word("payment", figures.payment)
            .word("potential", figures.potential);
        self.diary.note(assessment);
    }

    fn year_end(&mut self, customer: CustomerId) {
        let day = self.day_in(self.days);
        let at = self.moment(day);
        let by = self.contact_person(customer, at);
        let item = self.dice.pick(&["calendar_and_card", "calendar_and_card", "sample"]);
        self.diary.note(Entry::new(FactKind::DELIVERY, at).by(by).to(customer).word("item", item));
    }

    fn checks(&mut self) {
        for week in weeks(self.days) {
            let checkers = [&self.company.supervisors[..], &[self.company.senior]].concat();
            for checker in checkers {
                for _ in 0..self.dice.below(3) {
                    let day = self.day_in(week);
                    let at = self.moment(day);
                    let method = self.dice.pick(&["phone", "unannounced_visit", "letter"]);
                    let checked = self.dice.pick(&self.company.specialists);
                    let checked = if self.dice.chance(5) { checker } else { checked };
                    let check = Entry::new(FactKind::SPOT_CHECK, at).by(checker).word("method", method);
                    self.diary.note(check.with("checked", Value::Id(*checked.as_bytes())));
                }
            }
        }
    }
}

fn greeting(at: Timestamp, by: UserId, customer: CustomerId) -> Entry {
    let call = Entry::new(FactKind::VISIT, at).by(by).to(customer).word("class", "festival");
    call.word("channel", "phone").word("level", "key_decision_maker")
}
