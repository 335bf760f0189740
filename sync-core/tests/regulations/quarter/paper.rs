//! What the specialists hand in each week and month, on time or late or never, and what becomes of it.

use sync_core::{
    hash::Hash,
    id::UserId,
    rules::{FactKind, Period},
};

use super::{
    days::{HOUR_MS, later, midnight, months, weeks},
    diary::Entry,
    key_accounts::Quarter,
};

impl Quarter<'_> {
    /// Lets the forms of the quarter be handed in and read.
    pub(super) fn paper(&mut self) {
        let specialists = self.company.specialists.clone();
        for specialist in specialists {
            for week in weeks(self.days) {
                self.hand_in(specialist, "weekly_visit_plan", week, &[-3, -2, -2, -1, -1, 0, 1]);
                self.hand_in(specialist, "weekly_visit_record", week, &[-1, 0, 2, 5, 5, 5, 6, 8]);
            }
            for month in months(self.days) {
                self.hand_in(specialist, "monthly_visit_record", month, &[25, 31, 33, 34, 35, 36]);
            }
        }
    }

    fn hand_in(&mut self, by: UserId, name: &str, period: Period, days: &[i64]) {
        for _ in 0..self.dice.pick(&[0, 1, 1, 1, 2]) {
            let day = later(period.first, self.dice.pick(days));
            let at = self.moment(day);
            let evidence = self.diary.evidence(self.dice, at);
            let named = self.dice.between(0, 6);
            let from = midnight(later(period.first, if self.dice.chance(70) { 0 } else { named }));
            let form = Entry::new(FactKind::FORM, at).by(by).word("name", name).shown_by(evidence);
            let form = form.perhaps(self.dice, 95, |form| form.time("from", from));
            let form = self.diary.note(form);
            self.read(form, by, name, at);
        }
    }

    /// A form is read, compared, commented and passed on, or not, by the right one or another, early or late.
    fn read(&mut self, form: Hash, by: UserId, name: &str, handed_in: sync_core::time::Timestamp) {
        for _ in 0..self.dice.below(4) {
            let boss = self.company.company.people()[&by].reports_to.unwrap_or(self.company.senior);
            let reader = if self.dice.chance(80) { boss } else { self.dice.pick(&self.company.supervisors) };
            let at = handed_in.plus_millis(self.dice.between(-HOUR_MS, 72 * HOUR_MS));
            let act = self.dice.pick(&["compare", "compare", "read", "forward"]);
            let to = self.dice.pick(&["cs_manager", "cs_manager", "archive"]);
            let review = Entry::new(FactKind::REVIEW, at)
                .by(reader)
                .about(form)
                .word("act", act)
                .perhaps(self.dice, 90, |review| review.word("form", name))
                .perhaps(self.dice, 80, |review| review.word("to", to))
                .perhaps(self.dice, 50, |review| review.word("comment", "多见经办负责人"));
            self.diary.note(review);
        }
    }
}
