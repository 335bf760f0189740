//! The plan: who visits whom when, and which mishap befalls whom on which day.

use client_sdk::{CustomerId, Timestamp};
use rand::Rng as _;

use super::{Act, Fortnight, Planned, Rep};
use crate::notes::Note;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Who goes out: login, days without a signal, how far the wall clock is off.
const PEOPLE: [(&str, &[usize], i64); 8] = [
    ("davolio", &[], 0),
    ("leverling", &[1, 2], 0),
    ("peacock", &[2, 3, 4, 5], 0),
    ("buchanan", &[], 0),
    ("suyama", &[], -3 * HOUR_MS),
    ("king", &[5, 6, 7], 0),
    ("callahan", &[], 0),
    ("dodsworth", &[3], 2 * DAY_MS),
];

impl Fortnight {
    pub(super) async fn enrol_everybody(&mut self) -> anyhow::Result<()> {
        for (login, offline, skew_ms) in PEOPLE {
            let phone = self.world.phone(login).await?;
            phone.set_wall(skew_ms);
            let tablet = match login {
                "dodsworth" => Some(self.world.phone(login).await?),
                _ => None,
            };
            let user = self.world.company.user(login)?.id;
            let all = phone.book.customers("")?;
            let own: Vec<CustomerId> = all
                .iter()
                .filter(|customer| customer.owner == Some(user))
                .map(|customer| customer.id)
                .collect();
            let customers =
                if own.is_empty() { all.iter().map(|customer| customer.id).collect() } else { own };
            self.reps.push(Rep {
                login,
                phone,
                tablet,
                customers,
                offline: offline.iter().copied().collect(),
            });
        }
        Ok(())
    }

    pub(super) fn fill_agenda(&mut self, days: &[Timestamp]) {
        for rep in 0..self.reps.len() {
            for (day, morning) in days.iter().enumerate() {
                self.plan_day(rep, day, *morning);
            }
        }
        let moment = |day: usize, hours: i64| days[day].plus_millis(hours * HOUR_MS + 30 * MINUTE_MS);
        self.mishap(moment(5, 3), "king", Act::Reboot);
        self.mishap(moment(7, 4), "leverling", Act::LosePhone);
        self.mishap(moment(8, 1), "leverling", Act::NewPhone);
        self.mishap(moment(6, 3), "davolio", Act::Forge);
        // What arrives on the last two days is left for whoever looks at it.
        for day in 1..days.len() - 2 {
            self.mishap(moment(day, 11), "buchanan", Act::Decide);
        }
    }

    fn mishap(&mut self, at: Timestamp, login: &str, act: Act) {
        if let Some(rep) = self.reps.iter().position(|rep| rep.login == login) {
            self.at(at, rep, act);
        }
    }

    fn plan_day(&mut self, rep: usize, day: usize, morning: Timestamp) {
        let (login, has_signal) = (self.reps[rep].login, !self.reps[rep].offline.contains(&day));
        if has_signal {
            self.at(morning.plus_millis(HOUR_MS), rep, Act::Sync);
        }
        let mut at = morning.plus_millis(2 * HOUR_MS + self.random.random_range(0..45) * MINUTE_MS);
        for nth in 0..self.random.random_range(2..=4) {
            let visit = self.visits.len();
            let note = Note::draw(&mut self.random);
            let stay_ms = self.random.random_range(15..60) * MINUTE_MS;
            self.visits.push(Planned { rep, note, made: None });
            self.at(at, rep, Act::Arrive { visit });
            self.at(at.plus_millis(stay_ms / 2), rep, Act::Write { visit });
            let end = at.plus_millis(stay_ms);
            self.at(end, rep, Act::Leave { visit });
            let submit = end.plus_millis(self.submit_delay_ms(login));
            self.at(submit, rep, Act::Submit { visit });
            if has_signal && self.random.random_bool(0.5) {
                self.at(end.plus_millis(5 * MINUTE_MS), rep, Act::Sync);
            }
            if login == "dodsworth" && nth == 0 {
                match day {
                    1 => self.at(end.plus_millis(2 * DAY_MS + 20 * HOUR_MS), rep, Act::Amend { visit }),
                    4 => self.at(end.plus_millis(40 * MINUTE_MS), rep, Act::EditOnBoth { visit }),
                    _ => {}
                }
            }
            at = end.plus_millis(self.random.random_range(20..90) * MINUTE_MS);
        }
        if has_signal {
            self.at(morning.plus_millis(11 * HOUR_MS), rep, Act::Sync);
        }
    }

    /// How long after a visit its rep submits it.
    fn submit_delay_ms(&mut self, login: &str) -> i64 {
        match login {
            "callahan" if self.random.random_bool(0.65) => self.random.random_range(66..110) * HOUR_MS,
            "callahan" | "buchanan" => self.random.random_range(20..40) * HOUR_MS,
            _ if self.random.random_bool(0.15) => self.random.random_range(18..30) * HOUR_MS,
            _ => self.random.random_range(5..180) * MINUTE_MS,
        }
    }
}
