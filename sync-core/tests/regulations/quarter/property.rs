//! A made-up year of a property company: complaints, repairs, activities, problems and what was done about them.

use sync_core::{
    hash::Hash,
    id::{CustomerId, UserId},
    rules::{Account, Company, FactKind, Period, Person},
    time::Timestamp,
};

use super::{
    days::{DAY_MS, HOUR_MS, MINUTE_MS, days, end_of, later, midnight, months},
    diary::{Diary, Entry},
    dice::Dice,
};
use crate::case::{customer, user};

const CUSTOMERS: usize = 60;
const STAFF: &[(&str, &[&str])] = &[
    ("assistant 1", &["property_assistant", "customer_assistant"]),
    ("assistant 2", &["property_assistant", "customer_assistant"]),
    ("assistant 3", &["property_assistant"]),
    ("supervisor", &["direct_supervisor", "cs_supervisor"]),
    ("manager", &["company_manager", "senior_mgmt"]),
];
const CHANNELS: &[&str] = &["on_site", "on_site", "phone", "phone", "letter"];
const SEVERITIES: &[&str] = &["ordinary", "ordinary", "ordinary", "important", "major"];

/// The company; its manager may leave in the course of the year.
pub(super) fn company(dice: &mut Dice, year: Period) -> Company {
    let mut company = Company::default();
    for (name, posts) in STAFF {
        let leaves = *name == "manager" && dice.chance(40);
        let person = Person {
            reports_to: (*name != "manager").then(|| user("manager")),
            posts: posts.iter().map(|post| (*post).into()).collect(),
            until: leaves.then(|| midnight(later(year.first, 200))),
        };
        company.put(user(name), person);
    }
    for number in 0..CUSTOMERS {
        let owner = (!dice.chance(5)).then(|| user(STAFF[number % 3].0));
        let account = Account { owners: vec![(Timestamp::from_millis(0), owner)], ..Account::default() };
        company.customers.insert(customer(&format!("unit {number}")), account);
    }
    company
}

/// The year as it is written down.
pub(super) struct Year<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) diary: &'a mut Diary,
    pub(super) days: Period,
}

impl Year<'_> {
    /// Lets the year happen.
    pub(super) fn happen(&mut self) {
        for month in months(self.days) {
            // Months with few cases have shares that one case decides.
            let busy = self.dice.pick(&[1, 3, 20]);
            for _ in 0..self.dice.below(busy + 1) {
                self.complaint(month);
            }
            for _ in 0..self.dice.below(busy + 1) {
                self.repair(month);
                self.activity(month);
                self.problem(month);
                self.suggestion(month);
                self.item(month);
                self.walk(month);
            }
            if self.dice.chance(60) {
                self.move_in(month);
            }
            self.statistics(month);
        }
    }

    fn moment(&mut self, period: Period) -> Timestamp {
        let all: Vec<_> = days(period).collect();
        let within_ms = match self.dice.below(15) {
            0 => 0,
            1 => DAY_MS - 1,
            _ => self.dice.between(0, DAY_MS - 1),
        };
        midnight(self.dice.pick(&all)).plus_millis(within_ms)
    }

    fn unit(&mut self) -> CustomerId {
        customer(&format!("unit {}", self.dice.below(CUSTOMERS as u64)))
    }

    fn anybody(&mut self) -> UserId {
        user(self.dice.pick(STAFF).0)
    }

    /// Some time after something: on the last instant of a day, just after it, or anywhere.
    fn after(&mut self, at: Timestamp, most_days: i64) -> Timestamp {
        let day = later(super::days::day_of(at), self.dice.between(0, most_days));
        match self.dice.below(6) {
            0 => end_of(day),
            1 => end_of(day).plus_millis(1),
            2 => at.plus_millis(self.dice.between(-HOUR_MS, 2 * HOUR_MS)),
            _ => at.plus_millis(self.dice.between(0, most_days * DAY_MS)),
        }
    }

    fn complaint(&mut self, month: Period) {
        // A few complainants with a few problems each: the same complaint reaches several departments.
        let (first, unit) = (self.moment(month), self.unit());
        let complainant = self.dice.pick(&["王", "李", "张"]);
        let what = self.dice.pick(&["噪音", "漏水", "电梯"]);
        let severity = self.dice.pick(SEVERITIES);
        let copies = self.dice.pick(&[1, 1, 1, 2, 3]);
        for copy in 0..copies {
            let at = if copy == 0 { first } else { self.after(first, 20) };
            let (anonymous, letter) = (self.dice.chance(50), self.dice.chance(70));
            let complaint = Entry::new(FactKind::COMPLAINT, at)
                .by(user("supervisor"))
                .to(unit)
                .perhaps(self.dice, 95, |complaint| complaint.word("severity", severity))
                .perhaps(self.dice, 90, |complaint| complaint.word("complainant", complainant))
                .perhaps(self.dice, 90, |complaint| complaint.word("problem", what))
                .perhaps(self.dice, 15, |complaint| complaint.flag("anonymous", anonymous))
                .perhaps(self.dice, 15, |complaint| complaint.flag("reply_letter", letter))
                .perhaps(self.dice, 40, |complaint| complaint.word("attachment", "答复.pdf"));
            let complaint = self.diary.note(complaint);
            for _ in 0..self.dice.below(3) {
                self.return_visit(complaint, unit, at, 4, Some(severity));
            }
            if self.dice.chance(70) {
                let written = at.plus_millis(self.dice.between(-2 * DAY_MS, HOUR_MS));
                let name = self.dice.pick(&["complaint_record", "complaint_record", "note"]);
                let evidence = self.diary.evidence(self.dice, written);
                let record = Entry::new(FactKind::FORM, written).by(user("supervisor")).about(complaint);
                self.diary.note(record.word("name", name).shown_by(evidence));
            }
        }
    }

    fn return_visit(
        &mut self,
        about: Hash,
        unit: CustomerId,
        at: Timestamp,
        days: i64,
        severity: Option<&str>,
    ) {
        let when = self.after(at, days);
        let post = match severity {
            Some("important") => user("supervisor"),
            Some("major") => user("manager"),
            _ => user("assistant 1"),
        };
        let by = if self.dice.chance(60) { post } else { self.anybody() };
        if self.dice.chance(50) {
            let planner = if self.dice.chance(80) { user("supervisor") } else { by };
            let planned = when.plus_millis(self.dice.between(-DAY_MS, HOUR_MS));
            let line = Entry::new(FactKind::PLAN_LINE, planned).by(planner).to(unit).about(about);
            self.diary.note(line.word("form", "return_visit_plan").time("planned", when));
        }
        let evidence = self.diary.evidence(self.dice, when);
        let (class, channel) = (
            self.dice.pick(&["event_return", "event_return", "event_return", "walk"]),
            self.dice.pick(CHANNELS),
        );
        let mut visit = Entry::new(FactKind::VISIT, when).by(by).to(unit).about(about).shown_by(evidence);
        visit = visit.word("class", class).word("channel", channel);
        if let Some(severity) = severity {
            let round = self.dice.between(1, 3);
            visit = visit.perhaps(self.dice, 90, |visit| visit.word("severity", severity));
            visit = visit.perhaps(self.dice, 80, |visit| visit.number("round", round));
        }
        let (settled, recorded, asked) = (self.dice.chance(60), self.dice.chance(80), self.dice.chance(80));
        let next = when.plus_millis(self.dice.between(1, 5) * DAY_MS);
        let visit = visit
            .perhaps(self.dice, 90, |visit| visit.time("ended", when.plus_millis(HOUR_MS)))
            .perhaps(self.dice, 70, |visit| visit.word("signature", "王"))
            .perhaps(self.dice, 70, |visit| visit.word("label", "电话回访"))
            .perhaps(self.dice, 80, |visit| visit.flag("settled", settled))
            .perhaps(self.dice, 60, |visit| visit.time("next_visit", next))
            .perhaps(self.dice, 80, |visit| visit.flag("recorded", recorded))
            .perhaps(self.dice, 80, |visit| visit.word("content", "已修好"))
            .perhaps(self.dice, 80, |visit| visit.flag("asked_convenient", asked))
            .perhaps(self.dice, 60, |visit| visit.word("result", "满意"));
        self.diary.note(visit);
        if !settled {
            let form = self.dice.pick(&["next_return_visit", "visit_plan"]);
            let line = Entry::new(FactKind::PLAN_LINE, when).by(by).to(unit).word("form", form);
            self.diary.note(line.perhaps(self.dice, 90, |line| line.time("planned", next)));
            if self.dice.chance(60) {
                let class = self.dice.pick(&["event_return", "walk", "scheduled_return"]);
                let by = if self.dice.chance(80) { by } else { self.anybody() };
                let again = Entry::new(FactKind::VISIT, next).by(by).to(unit).word("class", class);
                self.diary.note(again.word("channel", "phone"));
            }
        }
    }

    fn repair(&mut self, month: Period) {
        let (at, unit) = (self.moment(month), self.unit());
        let repair = Entry::new(FactKind::REPAIR, at).to(unit);
        let repair = self.diary.note(repair.perhaps(self.dice, 70, |repair| repair.word("order", "P-1")));
        if self.dice.chance(40) {
            // About half an hour, to the millisecond.
            let soon = at.plus_millis(30 * MINUTE_MS + self.dice.between(-1, 1));
            let call = Entry::new(FactKind::VISIT, soon).by(self.anybody()).to(unit).about(repair);
            self.diary.note(call.word("class", "event_return").word("channel", "phone"));
        }
        if self.dice.chance(50) {
            self.return_visit(repair, unit, at, 32, None);
        }
    }

    fn activity(&mut self, month: Period) {
        let at = self.moment(month);
        for _ in 0..self.dice.below(12) {
            let unit = self.unit();
            let part = self.diary.note(Entry::new(FactKind::ACTIVITY, at).to(unit).word("name", "灯谜"));
            if self.dice.chance(12) {
                self.return_visit(part, unit, at, 33, None);
            }
        }
    }

    fn problem(&mut self, month: Period) {
        let (at, unit) = (self.moment(month), self.unit());
        let (urgent, on_visit, complaint) =
            (self.dice.chance(50), self.dice.chance(70), self.dice.chance(70));
        let problem = Entry::new(FactKind::PROBLEM, at)
            .to(unit)
            .perhaps(self.dice, 60, |problem| problem.flag("urgent", urgent))
            .perhaps(self.dice, 60, |problem| problem.flag("on_visit", on_visit))
            .perhaps(self.dice, 60, |problem| problem.flag("complaint", complaint));
        let problem = self.diary.note(problem);
        for _ in 0..self.dice.pick(&[0, 1, 1, 1, 1, 2]) {
            let answered = match self.dice.below(6) {
                0 => at.plus_millis(HOUR_MS + self.dice.between(-1, 1)),
                1 => at.plus_millis(DAY_MS + self.dice.between(-1, 1)),
                _ => self.after(at, 2),
            };
            let evidence = self.diary.evidence(self.dice, answered);
            let answer = Entry::new(FactKind::ANSWER, answered).by(self.anybody()).to(unit).about(problem);
            let answer = answer.perhaps(self.dice, 85, |answer| answer.word("result", "已解决"));
            self.diary.note(answer.shown_by(evidence));
        }
    }

    fn suggestion(&mut self, month: Period) {
        let (at, unit) = (self.moment(month), self.unit());
        let suggestion = self.diary.note(Entry::new(FactKind::SUGGESTION, at).to(unit));
        if self.dice.chance(70) {
            self.return_visit(suggestion, unit, at, 1, None);
        }
    }

    fn item(&mut self, month: Period) {
        let (at, unit) = (self.moment(month), self.unit());
        let kind = self.dice.pick(&["open_question", "dissatisfaction", "suggestion"]);
        let (handled, fed_back) = (self.dice.chance(60), self.dice.chance(70));
        let item = Entry::new(FactKind::ITEM, at)
            .to(unit)
            .word("type", kind)
            .perhaps(self.dice, 60, |item| item.time("due", at.plus_millis(DAY_MS)))
            .perhaps(self.dice, 60, |item| item.word("department", "工程部"))
            .perhaps(self.dice, 50, |item| item.time("closed", at.plus_millis(DAY_MS)))
            .perhaps(self.dice, 80, |item| item.flag("handled", handled))
            .perhaps(self.dice, 80, |item| item.flag("fed_back", fed_back));
        self.diary.note(item);
        let (name, archived) = (self.dice.pick(&["open_letter", "gift"]), self.dice.chance(60));
        let letter = Entry::new(FactKind::DELIVERY, at).to(unit).word("item", name);
        self.diary.note(letter.perhaps(self.dice, 80, |letter| letter.flag("archived", archived)));
    }

    fn walk(&mut self, month: Period) {
        let (at, unit) = (self.moment(month), self.unit());
        let by = self.anybody();
        let planned = at.plus_millis(self.dice.pick(&[0, 0, -HOUR_MS, DAY_MS]));
        if self.dice.chance(70) {
            let written = at.plus_millis(self.dice.pick(&[-3 * DAY_MS, -HOUR_MS, HOUR_MS]));
            let line = Entry::new(FactKind::PLAN_LINE, written).by(by).to(unit).word("form", "visit_plan");
            self.diary.note(line.time("planned", planned));
        }
        let class = self.dice.pick(&["walk", "scheduled_return"]);
        let walk =
            Entry::new(FactKind::VISIT, at).by(by).to(unit).word("class", class).word("channel", "on_site");
        self.diary.note(walk.perhaps(self.dice, 80, |walk| walk.time("ended", at.plus_millis(HOUR_MS))));
    }

    fn move_in(&mut self, month: Period) {
        let (at, unit) = (self.moment(month), self.unit());
        let (flowers, lift) = (self.dice.chance(80), self.dice.chance(80));
        let move_in = Entry::new(FactKind::MOVE_IN, at).to(unit).flag("flowers", flowers).flag("lift", lift);
        let move_in = self.diary.note(move_in);
        for _ in 0..self.dice.below(3) {
            let when = self.after(at, 1);
            let both: &[&str] = &["service_supervisor", "service_manager"];
            let with = self.dice.pick(&[both, both, &both[..1]]);
            let welcome = Entry::new(FactKind::VISIT, when).by(self.anybody()).to(unit).about(move_in);
            self.diary.note(welcome.word("class", "move_in").word("channel", "on_site").words("with", with));
        }
        for _ in 0..self.dice.below(3) {
            self.return_visit(move_in, unit, at, 33, None);
        }
    }

    fn statistics(&mut self, month: Period) {
        for _ in 0..self.dice.below(3) {
            let at = self.moment(Period { first: later(month.last, 20), last: later(month.last, 30) });
            let evidence = self.diary.evidence(self.dice, at);
            let to = self.dice.pick(&["senior_mgmt", "senior_mgmt", "archive"]);
            let form = Entry::new(FactKind::FORM, at).by(user("supervisor")).word("to", to);
            let form = form.word("name", "return_visit_statistics").time("from", midnight(month.first));
            self.diary.note(form.shown_by(evidence));
        }
    }
}
