//! The rulebook: a company's packs and its holiday calendar, and which pack says what on which day.

use jiff::{ToSpan, civil::Date};

use super::{Pack, PackError, PackRule, Period, Rule, RuleVersion, Zone};
use crate::{
    calendar::{Calendar, CalendarError},
    time::Timestamp,
};

/// The packs and the calendar of a company.
#[derive(Debug, Clone, Default)]
pub struct Rulebook {
    packs: Vec<Pack>,
    calendar: Calendar,
}

/// A stored pack or calendar cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RulebookError {
    /// A pack.
    #[error("a stored pack does not parse: {0}")]
    Pack(#[from] PackError),
    /// A calendar.
    #[error("a stored calendar does not parse: {0}")]
    Calendar(#[from] CalendarError),
}

/// How many days back what is owed is looked at as a whole.
const BACK_DAYS: i64 = 92;
/// How many days before a period begins what is owed in it is there.
const AHEAD_DAYS: i64 = 35;

impl Rulebook {
    /// Brings packs together: of one id, the version that begins later ends the one before it.
    pub fn new(mut packs: Vec<Pack>, calendar: Calendar) -> Self {
        packs.sort_by(|a, b| (a.effective_from, a.version, &a.id).cmp(&(b.effective_from, b.version, &b.id)));
        for at in 0..packs.len() {
            let (before, after) = packs.split_at_mut(at + 1);
            let Some(pack) = before.last_mut() else { continue };
            let next = after.iter().find(|next| next.id == pack.id);
            pack.until = next.map(|next| next.effective_from);
        }
        let say: Vec<(String, Date, u32)> = packs
            .iter()
            .filter(|pack| pack.record_rule().is_some())
            .map(|pack| (pack.id.clone(), pack.effective_from, pack.precedence))
            .collect();
        for pack in &mut packs {
            let takes_over = |(id, from, precedence): &&(String, Date, u32)| {
                *id != pack.id && (*precedence, *from) > (pack.precedence, pack.effective_from)
            };
            let first = say.iter().filter(takes_over).map(|(_, from, _)| *from).min();
            pack.records_until = first.map(|first| first.max(pack.effective_from));
        }
        Self { packs, calendar }
    }

    /// Reads texts that were checked when they were put in.
    pub fn parse(packs: &[String], calendars: &[(i16, String)]) -> Result<Self, RulebookError> {
        let packs = packs.iter().map(|toml| Pack::parse(toml)).collect::<Result<Vec<_>, _>>()?;
        let years: Vec<(i16, &str)> = calendars.iter().map(|(year, ics)| (*year, ics.as_str())).collect();
        Ok(Self::new(packs, Calendar::from_ics(&years)?))
    }

    /// All packs and versions, by the day on which they begin.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The pack with that id that is in force at an instant.
    pub fn in_force(&self, id: &str, at: Timestamp) -> Option<&Pack> {
        self.packs.iter().rfind(|pack| pack.id == id && is_in_force(pack, at))
    }

    /// The version of the pack that something was judged by.
    pub fn pack(&self, version: &RuleVersion) -> Option<&Pack> {
        self.packs.iter().find(|pack| pack.id == version.pack && pack.version == version.version)
    }

    /// The rule that something was judged by.
    pub fn rule(&self, version: &RuleVersion) -> Option<&Rule> {
        self.pack(version)?.rule(&version.rule)
    }

    /// The calendar of public holidays and make-up workdays.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Who says by when a record must be submitted: of the packs in force that do, the one with the highest precedence,
    /// among equals the one that began last. Before the first begins, the first.
    pub fn record_rule(&self, at: Timestamp) -> Option<PackRule<'_>> {
        let rules = || self.packs.iter().filter_map(Pack::record_rule);
        let in_force = rules().filter(|rule| is_in_force(rule.pack, at));
        in_force.max_by_key(|rule| rule.pack.precedence).or_else(|| rules().next())
    }

    /// The zone in which the company's days begin and end.
    pub fn zone(&self, at: Timestamp) -> Option<&Zone> {
        self.record_rule(at).map(|rule| &rule.pack.zone)
    }

    /// The days around an instant whose obligations are looked at: from 92 days back to 35 days ahead; `None` without a
    /// zone.
    pub fn days_owed(&self, now: Timestamp) -> Option<Period> {
        let today = self.zone(now)?.day_of(now)?;
        let day = |days: i64| today.checked_add(days.days()).unwrap_or(today);
        Some(Period { first: day(-BACK_DAYS), last: day(AHEAD_DAYS) })
    }
}

fn is_in_force(pack: &Pack, at: Timestamp) -> bool {
    pack.zone.day_of(at).is_some_and(|day| pack.in_force(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(id: &str, version: u32, from: &str, more: &str) -> Pack {
        let rule = r#"[[rule]]
            id = "R"
            kind = "record_within"
            anchor = "visit.ended"
            act = "submit"
            within = { days = 2, count = "calendar" }
            time = "witnessed"
            on_breach = "hold""#;
        let text = format!(
            "id = \"{id}\"\nversion = {version}\ndocument_number = \"N\"\neffective_from = {from}\nowner = \"O\"\n\
             zone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n{more}\n{rule}"
        );
        Pack::parse(&text).unwrap()
    }

    fn noon(day: &str) -> Timestamp {
        Zone::named("Asia/Shanghai").unwrap().start_of(day.parse().unwrap()).unwrap().plus_millis(43_200_000)
    }

    #[test]
    fn a_later_version_ends_the_one_before_it_and_no_other_pack() {
        let packs = vec![
            pack("a", 2, "2026-03-01", ""),
            pack("a", 1, "2026-01-01", ""),
            pack("b", 1, "2026-02-01", ""),
        ];
        let rulebook = Rulebook::new(packs, Calendar::default());
        let version = |id, day| rulebook.in_force(id, noon(day)).map(|pack| pack.version);
        assert_eq!(version("a", "2026-02-28"), Some(1));
        assert_eq!(version("a", "2026-03-01"), Some(2));
        assert_eq!(version("b", "2026-03-01"), Some(1));
        assert_eq!(version("b", "2026-01-31"), None);
    }

    #[test]
    fn what_is_owed_is_looked_at_from_a_quarter_back_to_a_month_ahead() {
        let rulebook = Rulebook::new(vec![pack("a", 1, "2026-01-01", "")], Calendar::default());
        let days = rulebook.days_owed(noon("2026-06-01")).unwrap();
        assert_eq!(
            (days.first.to_string(), days.last.to_string()),
            ("2026-03-01".into(), "2026-07-06".into())
        );
        assert_eq!(Rulebook::default().days_owed(noon("2026-06-01")), None);
    }

    #[test]
    fn of_two_packs_with_a_record_rule_the_one_with_precedence_says_it() {
        let packs = vec![
            pack("first", 1, "2026-01-01", "precedence = 2"),
            pack("second", 1, "2026-02-01", ""),
            pack("third", 1, "2026-03-01", "precedence = 2"),
        ];
        let rulebook = Rulebook::new(packs, Calendar::default());
        let says = |day| rulebook.record_rule(noon(day)).unwrap().pack.id.clone();
        assert_eq!(says("2025-12-31"), "first", "there is always somebody who says it");
        assert_eq!(says("2026-02-02"), "first");
        let until = |at: usize| rulebook.packs()[at].records_until.map(|day| day.to_string());
        assert_eq!((until(0), until(1)), (Some("2026-03-01".into()), Some("2026-02-01".into())));
        assert_eq!(until(2), None);
        assert_eq!(says("2026-03-02"), "third");
    }
}
