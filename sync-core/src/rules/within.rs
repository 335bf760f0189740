//! A window: how long after its anchor an act may be done.

/// How long after its anchor an act may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Written")]
pub struct Within {
    /// How many of what `count` says.
    pub amount: u32,
    /// What is counted.
    pub count: Count,
    /// Whether the day of the anchor is day 1; means nothing for hours.
    pub start_day: StartDay,
    /// Whether a last day that is not worked moves to the next that is; only for calendar days.
    pub roll_forward: bool,
}

/// What a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Every day, to 24:00 of the last one.
    Calendar,
    /// Days that are worked, to 24:00 of the last one.
    Working,
    /// Hours, to the millisecond.
    Hours,
    /// Minutes, to the millisecond.
    Minutes,
    /// Calendar months, to 24:00 of the day with the same number, or of the last day of a shorter month.
    Months,
}

/// Whether the day of the anchor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartDay {
    /// Day 1 is the day after.
    #[default]
    Excluded,
    /// Day 1 is the day of the anchor itself.
    Included,
}

impl Within {
    /// Most days a window may have.
    pub const MAX_DAYS: u32 = 3_660;
    /// Most hours a window may have.
    pub const MAX_HOURS: u32 = Self::MAX_DAYS * 24;
    /// Most minutes a window may have.
    pub const MAX_MINUTES: u32 = Self::MAX_HOURS * 60;
    /// Most months a window may have.
    pub const MAX_MONTHS: u32 = 120;

    const fn plain(amount: u32, count: Count) -> Self {
        Self { amount, count, start_day: StartDay::Excluded, roll_forward: false }
    }
}

/// A window as a pack writes it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    days: Option<u32>,
    hours: Option<u32>,
    minutes: Option<u32>,
    months: Option<u32>,
    count: Option<Count>,
    start_day: Option<StartDay>,
    roll_forward: Option<bool>,
}

impl TryFrom<Written> for Within {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        let Written { days, hours, minutes, months, count, start_day, roll_forward } = written;
        if let Some((amount, unit, most)) = minutes
            .map(|amount| (amount, Count::Minutes, Self::MAX_MINUTES))
            .or(months.map(|amount| (amount, Count::Months, Self::MAX_MONTHS)))
        {
            if days.is_some() || hours.is_some() || (minutes.is_some() && months.is_some()) {
                return Err("a window is in days, hours, minutes or months, not in several of them");
            }
            if count.is_some() || start_day.is_some() || roll_forward.is_some() {
                return Err("only a window in days has a count, start_day or roll_forward");
            }
            if !(1..=most).contains(&amount) {
                return Err("minutes must be from 1 to 5270400, months from 1 to 120");
            }
            return Ok(Self::plain(amount, unit));
        }
        match (days, hours, count) {
            (Some(_), Some(_), _) => Err("a window is either in days or in hours, not both"),
            (None, None, _) => Err("a window needs `days = …` or `hours = …`"),
            (None, Some(hours), count) => {
                if !(1..=Self::MAX_HOURS).contains(&hours) {
                    return Err("hours must be from 1 to 87840");
                }
                if start_day.is_some() || roll_forward.is_some() || count.is_some_and(|c| c != Count::Hours) {
                    return Err("a window in hours has no count, start_day or roll_forward: it is exact");
                }
                Ok(Self::plain(hours, Count::Hours))
            }
            (Some(_), None, None) => {
                Err("a window in days needs `count = \"calendar\"` or `count = \"working\"`")
            }
            (Some(_), None, Some(Count::Hours | Count::Minutes | Count::Months)) => {
                Err("write `hours = …`, `minutes = …` or `months = …` to count those")
            }
            (Some(_), None, Some(Count::Working)) if roll_forward == Some(true) => {
                Err("roll_forward is for calendar days; working days never end on a rest day")
            }
            (Some(days), None, Some(count)) => {
                if !(1..=Self::MAX_DAYS).contains(&days) {
                    return Err("days must be from 1 to 3660");
                }
                Ok(Self {
                    amount: days,
                    count,
                    start_day: start_day.unwrap_or_default(),
                    roll_forward: roll_forward.unwrap_or(false),
                })
            }
        }
    }
}
