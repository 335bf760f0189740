//! S21-R24 and R25: the supervisor's checks by surprise, and who gets to see them.

use sync_core::{
    id::UserId,
    rules::{Fact, FactKind, Subject, Value},
};

use super::{
    super::days::{end_of, midnight, weeks},
    Ledger, Rule, State, Then, is_one_of, lies_in, value,
};

pub(super) const RULES: &[Rule] = &[r24];

/// Each supervisor checks somebody once a week, by phone or by a visit without notice.
fn r24(then: &Then<'_>, ledger: &mut Ledger) {
    for week in weeks(then.span) {
        for supervisor in then.holders("direct_supervisor", midnight(week.first)) {
            let checks = then.all(FactKind::SPOT_CHECK).filter(|check| {
                check.actor == Some(supervisor)
                    && lies_in(check, week)
                    && is_one_of(check, "method", &["phone", "unannounced_visit"])
            });
            let count = u32::try_from(checks.count()).unwrap();
            let state = if count >= 1 {
                State::Met
            } else if then.now >= end_of(week.last) {
                State::Breached
            } else {
                State::Pending
            };
            ledger.say("S21-R24", Subject::Person(supervisor, week), state, Some(count));
        }
    }
}

/// S21-R25. Who is checked does not see it; supervisors, the manager and senior management do, and nobody else.
pub(crate) fn may_see_spot_check(then: &Then<'_>, check: &Fact, viewer: UserId) -> bool {
    let is_checked = value(check, "checked") == Some(&Value::Id(*viewer.as_bytes()));
    let above = ["direct_supervisor", "ka_supervisor", "dept_manager", "senior_mgmt"];
    !is_checked && above.iter().any(|post| then.has_post(viewer, post))
}
