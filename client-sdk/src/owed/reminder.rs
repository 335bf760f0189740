//! Reminders: when to tell the user of what is owed, as the platform's own notifications.

use sync_core::{
    hash::Hash,
    id::CustomerId,
    rules::{Fulfilment, Part, Zone},
    time::Timestamp,
};

use super::reckoning::{Found, Reckoning};
use crate::{book::Book, error::Error};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Nobody is woken before nine in the morning, where the company is.
const MORNING_MS: i64 = 9 * HOUR_MS;

/// Something to tell the user at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// Names it for ever: the same as long as the obligation is the same, also if `at` moves.
    pub id: String,
    /// When to tell it.
    pub at: Timestamp,
    /// Why then.
    pub kind: ReminderKind,
    /// The [obligation](super::Owed::obligation) it is about.
    pub obligation: Hash,
    /// What the rule says, in the words of its pack.
    pub says: String,
    /// The customer it is about, if it is about one.
    pub customer: Option<CustomerId>,
    /// The customer's name, if the customer is in this phone's scope.
    pub customer_name: Option<String>,
    /// The last instant in time.
    pub due: Option<Timestamp>,
    /// Whether it is done and only waits on this phone: what is left is to reach the server.
    pub deliver: bool,
}

/// Why the user is told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReminderKind {
    /// From now on it can be done. Not told of quotas: their periods follow each other.
    Opens,
    /// It is due on the next day, or in an hour if there was less than a day for it.
    DueSoon,
    /// It is due today.
    DueToday,
    /// Its time is over, and it was not done.
    Overdue,
}

impl ReminderKind {
    /// The stable name, as it stands in ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opens => "opens",
            Self::DueSoon => "due_soon",
            Self::DueToday => "due_today",
            Self::Overdue => "overdue",
        }
    }
}

impl Book {
    /// Lists what the user has to be reminded of after now and before an instant, by time.
    ///
    /// An app compares the list with the one it scheduled before: what has gone it cancels, what is new or moved it
    /// schedules. It asks again after its own writes, and when a sync brought
    /// [`RemindersChanged`](crate::Event::RemindersChanged). Obligations are looked at up to 35 days ahead.
    pub fn reminders(&self, until: Timestamp) -> Result<Vec<Reminder>, Error> {
        self.read(|db| {
            let reckoning = Reckoning::load(db, self.platform.clock())?;
            let (Some(days), Some(zone)) = (reckoning.days_owed(), reckoning.zone()) else {
                return Ok(Vec::new());
            };
            let span = reckoning.now().plus_millis(1)..until;
            let mut reminders = Vec::new();
            for found in reckoning.obligations(days) {
                let waits_here = reckoning.waits_here(&found.obligation);
                let times = times(zone, &found, waits_here);
                let soon = times.into_iter().filter(|(_, at)| span.contains(at));
                reminders.extend(soon.map(|(kind, at)| reckoning.reminder(&found, kind, at)));
            }
            reminders.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            Ok(reminders)
        })
    }
}

impl Reckoning {
    fn reminder(&self, found: &Found<'_>, kind: ReminderKind, at: Timestamp) -> Reminder {
        let obligation = found.obligation.name().hash();
        let customer = self.customer(found);
        Reminder {
            id: format!("{obligation}.{}", kind.name()),
            at,
            kind,
            obligation,
            says: found.rule.says.clone(),
            customer,
            customer_name: customer.and_then(|customer| self.name_of(customer)),
            due: found.obligation.due,
            deliver: found.obligation.state == Fulfilment::Met,
        }
    }
}

/// When to tell of an obligation, and why.
fn times(zone: &Zone, found: &Found<'_>, waits_here: bool) -> Vec<(ReminderKind, Timestamp)> {
    let obligation = &found.obligation;
    let mut times = Vec::new();
    let is_pending = obligation.state == Fulfilment::Pending;
    if obligation.let_off || !is_pending && !waits_here {
        return times;
    }
    let tells_opening = is_pending && !matches!(found.part(), Some(Part::Quota(_)));
    let opens = obligation.opens.filter(|_| tells_opening).and_then(|opens| by_day(zone, opens));
    times.extend(opens.map(|opens| (ReminderKind::Opens, opens)));
    let Some(due) = obligation.due else { return times };
    // 24:00 belongs to the day that it ends.
    let Some(last_day) = start_of_day(zone, due.plus_millis(-1)) else { return times };
    let morning = last_day.plus_millis(MORNING_MS);
    let has_less_than_a_day = obligation.opens.is_some_and(|opens| due.millis_since(opens) < DAY_MS);
    let soon = if has_less_than_a_day {
        Some(due.plus_millis(-HOUR_MS))
    } else {
        start_of_day(zone, last_day.plus_millis(-1)).map(|day| day.plus_millis(MORNING_MS))
    };
    // What can only just be done need not be told twice.
    let can_be_done = |at: &Timestamp| {
        let is_open = obligation.opens.is_none_or(|open| open <= *at);
        is_open && opens.is_none_or(|told| told < *at) && *at < due
    };
    times.extend(soon.filter(can_be_done).map(|at| (ReminderKind::DueSoon, at)));
    times.extend(Some(morning).filter(can_be_done).map(|at| (ReminderKind::DueToday, at)));
    if is_pending {
        times.extend(by_day(zone, due.plus_millis(1)).map(|at| (ReminderKind::Overdue, at)));
    }
    times
}

/// An instant, or the morning of its day if it lies before that.
fn by_day(zone: &Zone, at: Timestamp) -> Option<Timestamp> {
    Some(at.max(start_of_day(zone, at)?.plus_millis(MORNING_MS)))
}

fn start_of_day(zone: &Zone, at: Timestamp) -> Option<Timestamp> {
    zone.start_of(zone.day_of(at)?)
}
