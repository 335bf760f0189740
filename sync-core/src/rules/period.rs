//! Periods: the weeks, months, festivals and windows of the year in which something has to be done.

use jiff::{ToSpan, Unit, civil::Date};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use super::Company;

/// How often something falls due.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Written")]
pub enum Every {
    /// Each day.
    Day,
    /// Each week, from Monday.
    Week,
    /// Two weeks, counted from Monday the 2nd of January 2023 on.
    Fortnight,
    /// Each calendar month.
    Month,
    /// Each quarter of the calendar year.
    Quarter,
    /// Each half of the calendar year.
    HalfYear,
    /// Each calendar year.
    Year,
    /// Each time one of these festivals comes.
    Festivals(Vec<Box<str>>),
    /// Once a year from one day to another, both included.
    Yearly {
        /// Month and day on which it begins.
        from: (i8, i8),
        /// Month and day on which it ends.
        until: (i8, i8),
    },
}

/// A period as a pack writes it.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    Table(Table),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    festivals: Option<Vec<Box<str>>>,
    from: Option<(i8, i8)>,
    until: Option<(i8, i8)>,
}

impl TryFrom<Written> for Every {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        const WORDS: &str = "day, week, fortnight, month, quarter, half_year, year";
        // Judged by a leap year, which has every day that any year has.
        let is_day = |(month, day): (i8, i8)| Date::new(2024, month, day).is_ok();
        match written {
            Written::Word(word) => Ok(match &*word {
                "day" => Self::Day,
                "week" => Self::Week,
                "fortnight" => Self::Fortnight,
                "month" => Self::Month,
                "quarter" => Self::Quarter,
                "half_year" => Self::HalfYear,
                "year" => Self::Year,
                _ => return Err(format!("there is no period {word:?}; it may be {WORDS}")),
            }),
            Written::Table(Table { festivals: Some(names), from: None, until: None }) => {
                Ok(Self::Festivals(names))
            }
            Written::Table(Table { festivals: None, from: Some(from), until: Some(until) }) => {
                if is_day(from) && is_day(until) {
                    Ok(Self::Yearly { from, until })
                } else {
                    Err("from and until are a month and a day, as in [12, 31]".to_owned())
                }
            }
            Written::Table(_) => {
                Err("a period is a word, { festivals = […] } or { from = [12, 1], until = [12, 31] }"
                    .to_owned())
            }
        }
    }
}

/// One period: its first and last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

impl Every {
    /// The period that a day lies in; `None` between two festivals or windows, and outside the range of time.
    pub fn around(&self, day: Date, company: &Company) -> Option<Period> {
        let monday = || day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok();
        let months = |count: i8| {
            let first_month = (day.month() - 1) / count * count + 1;
            let first = Date::new(day.year(), first_month, 1).ok()?;
            Some(Period { first, last: before(first.checked_add(i64::from(count).months()).ok()?)? })
        };
        match self {
            Self::Day => Some(Period { first: day, last: day }),
            Self::Week => Some(Period::days(monday()?, 7)?),
            Self::Fortnight => {
                let monday = monday()?;
                let epoch = Date::new(2023, 1, 2).ok()?;
                let weeks = epoch.until((Unit::Day, monday)).ok()?.get_days() / 7;
                Period::days(monday.checked_sub(i64::from(weeks.rem_euclid(2)).weeks()).ok()?, 14)
            }
            Self::Month => months(1),
            Self::Quarter => months(3),
            Self::HalfYear => months(6),
            Self::Year => months(12),
            Self::Festivals(names) => {
                let mut days = names.iter().filter_map(|name| company.festivals.get(&**name)).flatten();
                let (first, last) = *days.find(|(first, last)| *first <= day && day <= *last)?;
                Some(Period { first, last })
            }
            Self::Yearly { from, until } => {
                let year = day.year() - i16::from((day.month(), day.day()) < *from && until < from);
                let first = Date::new(year, from.0, from.1).ok()?;
                let last = Date::new(year + i16::from(until < from), until.0, until.1).ok()?;
                (first <= day && day <= last).then_some(Period { first, last })
            }
        }
    }

    /// All periods that end or go on between two days, in their order.
    pub fn between(&self, from: Date, until: Date, company: &Company) -> Vec<Period> {
        let mut periods = Vec::new();
        let mut day = from;
        while day <= until {
            let next = match self.around(day, company) {
                Some(period) => {
                    if periods.last() != Some(&period) {
                        periods.push(period);
                    }
                    period.last.checked_add(1.day())
                }
                None => day.checked_add(1.day()),
            };
            let Ok(next) = next else { break };
            day = next;
        }
        periods
    }
}

/// Written as the days from 1970-01-01 to its first and to its last day.
impl<C> Encode<C> for Period {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?.i32(day_number(self.first))?.i32(day_number(self.last))?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Period {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        let wrong = || decode::Error::message("a period is two days").at(at);
        if d.array()? != Some(2) {
            return Err(wrong());
        }
        let mut day = || EPOCH.checked_add(i64::from(d.i32()?).days()).map_err(|_| wrong());
        Ok(Self { first: day()?, last: day()? })
    }
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

fn day_number(day: Date) -> i32 {
    EPOCH.until((Unit::Day, day)).map_or(0, |span| span.get_days())
}

impl Period {
    fn days(first: Date, count: i64) -> Option<Self> {
        Some(Self { first, last: first.checked_add((count - 1).days()).ok()? })
    }
}

fn before(day: Date) -> Option<Date> {
    day.checked_sub(1.day()).ok()
}
