//! Parts: what a rule demands, in the shapes that the engine knows. A rule has one part or several.

use serde::{Deserialize as _, de::Error as _};

use super::{Every, Selector, Within};

/// Something has to be done after something else happened, or before it happens.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchored {
    /// What starts the clock.
    pub anchor: Selector,
    /// Which of these are let off.
    #[serde(default)]
    pub except: Vec<Selector>,
    /// The names of attributes by which several count as one: the first.
    #[serde(default)]
    pub one_per: Vec<String>,
    /// What has to be done.
    pub act: Selector,
    /// How the act belongs to what started the clock.
    #[serde(default)]
    pub linked: Link,
    /// Who has to do it.
    #[serde(default)]
    pub by: By,
    /// How long after it, or how long before it.
    #[serde(flatten)]
    pub window: Window,
    /// Which share of them has to be met; all of them if it is not said.
    pub coverage: Option<Coverage>,
}

/// On which side of its anchor an act has to lie.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Not later than so long after it.
    Within(Within),
    /// Not later than so long before it.
    Before(Within),
    /// At any time before it.
    Earlier(Always),
    /// At any time after it, until the end of the day that is looked at.
    Later(Always),
}

/// `true`, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "bool")]
pub struct Always;

impl TryFrom<bool> for Always {
    type Error = &'static str;

    fn try_from(written: bool) -> Result<Self, &'static str> {
        if written { Ok(Self) } else { Err("write true, or leave it out") }
    }
}

/// How an act belongs to what started the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// It is about it.
    #[default]
    About,
    /// Both are about the same thing.
    Sibling,
    /// It is what the other is about: the line of the plan that a visit carries out.
    Topic,
    /// Both are about the same customer.
    Customer,
    /// Both are by the same person.
    Actor,
}

/// Who has to do something.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Anybody may.
    #[default]
    Anyone,
    /// Who is responsible for the customer.
    Owner,
    /// Whom the one who is responsible for the customer reports to.
    OwnersSupervisor,
    /// Who did what started the clock.
    Actor,
    /// Whom the one who did it reports to.
    ActorsSupervisor,
    /// Somebody with this post.
    Post(Box<str>),
    /// Somebody with the post that an attribute leads to.
    Route {
        /// The attribute's name.
        of: String,
        /// The post for each word that it may hold.
        to: std::collections::BTreeMap<String, Box<str>>,
    },
}

/// Which share has to be met.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// In percent, from 1 to 100.
    #[serde(deserialize_with = "percent")]
    pub percent: u32,
    /// Over which periods.
    pub per: Every,
}

/// A form, report or meeting falls due again and again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recurring {
    /// What has to be there; the attribute `from` of a form names the first day of its period.
    pub act: Selector,
    /// For which periods.
    pub every: Every,
    /// Everybody with this post owes it.
    pub post: Box<str>,
    /// The last day on which it is in time.
    pub due: DueDay,
    /// The first day on which it may be done; any day before if it is not said.
    pub opens: Option<DueDay>,
}

/// A day, counted from the beginning or the end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueDay {
    /// So many days after its first day; before it if negative.
    FromFirst(i32),
    /// So many days after its last day; before it if negative.
    FromLast(i32),
}

/// So many contacts in each period.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// To or by whom.
    pub of: Population,
    /// What counts.
    pub counted: Vec<Selector>,
    /// Whose contacts count.
    #[serde(default)]
    pub by: By,
    /// Words of the attribute `level`: only visits with one of them count, and over the period each of them comes up.
    #[serde(default)]
    pub each_level: Vec<Box<str>>,
    /// How many at least.
    pub at_least: u32,
    /// In which periods.
    pub per: Every,
}

/// Those who are counted one by one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// Customers.
    Customers(Segment),
    /// People with this post.
    Post(Box<str>),
    /// The company as a whole.
    Company(Always),
}

/// Some of the customers.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Those of one of these grades; of any grade if empty.
    #[serde(default)]
    pub grades: Vec<Box<str>>,
    /// Those with one of these tags; with any tags if empty.
    #[serde(default)]
    pub tags: Vec<Box<str>>,
    /// Those with none of these tags.
    #[serde(default)]
    pub without: Vec<Box<str>>,
}

/// An act is clean only if all of this is so.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// The act.
    pub act: Selector,
    /// Which of these are let off.
    #[serde(default)]
    pub except: Vec<Selector>,
    /// What has to be so.
    pub needs: Vec<Need>,
}

/// Something that has to be so when an act is done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// These attributes of the act are set.
    Fields(Vec<String>),
    /// The act is like this.
    Like(Selector),
    /// Something happened before it.
    Earlier {
        /// What.
        what: Selector,
        /// How it belongs to the act.
        #[serde(default)]
        linked: Link,
        /// Who did it.
        #[serde(default)]
        by: By,
        /// How long before at least.
        lead: Option<Within>,
    },
    /// These posts agreed one after the other, before it.
    Agreed(Vec<Box<str>>),
    /// It lies inside these hours of a working day; also its end, if it has an attribute `ends`.
    Hours {
        /// Hour and minute of opening.
        #[serde(deserialize_with = "clock_time")]
        from: (i8, i8),
        /// Hour and minute of closing; the last instant that is inside.
        #[serde(deserialize_with = "clock_time")]
        until: (i8, i8),
    },
    /// Steps about it, or about what it is about, were reached in this order.
    Stages(Vec<Box<str>>),
    /// A number is not larger, or not smaller, than another.
    Number(Bound),
}

/// A bound on a number of the act.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The attribute that is bounded.
    pub value: String,
    /// The attribute that bounds it; the bound is a constant without it.
    pub of: Option<String>,
    /// How many percent of that.
    #[serde(default = "whole")]
    pub percent: i64,
    /// What is added to it.
    #[serde(default)]
    pub plus: i64,
    /// Which side is allowed.
    pub must_be: Side,
}

fn percent<'de, D: serde::Deserializer<'de>>(written: D) -> Result<u32, D::Error> {
    let percent = u32::deserialize(written)?;
    if (1..=100).contains(&percent) {
        Ok(percent)
    } else {
        Err(D::Error::custom("percent must be from 1 to 100"))
    }
}

fn clock_time<'de, D: serde::Deserializer<'de>>(written: D) -> Result<(i8, i8), D::Error> {
    let (hour, minute) = <(i8, i8)>::deserialize(written)?;
    let is_time = (0..=24).contains(&hour) && (0..60).contains(&minute) && (hour, minute) <= (24, 0);
    if is_time {
        Ok((hour, minute))
    } else {
        Err(D::Error::custom("a time is an hour and a minute, as in [8, 30]"))
    }
}

const fn whole() -> i64 {
    100
}

/// Which side of a bound is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The bound or less.
    AtMost,
    /// The bound or more.
    AtLeast,
    /// The bound.
    Equal,
}

/// What was done is compared with what was planned.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// What was planned; its attribute `planned` says for when.
    pub planned: Selector,
    /// What was done.
    pub done: Selector,
    /// By how many minutes the time may differ; the day has to be the same if it is not said.
    pub minutes: Option<u32>,
    /// Attributes that have to be the same in both.
    #[serde(default)]
    pub same: Vec<String>,
    /// Attributes of what was done that excuse a difference, if all of them are set.
    #[serde(default)]
    pub excused_by: Vec<String>,
}

/// Customers whose figures are like this have this grade.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The figures.
    pub figures: Selector,
    /// The grade.
    pub grade: Box<str>,
}

/// Findings and breaches cost points.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// What costs points each time it is found.
    pub found: Option<Selector>,
    /// The rules whose breach costs points each time.
    #[serde(default)]
    pub breaches: Vec<String>,
    /// How many each time; negative points are taken away.
    pub points: i32,
    /// Over which periods they are added up.
    pub per: Every,
}

/// Who does not get to see something.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// What.
    pub what: Selector,
    /// The attribute that names who does not.
    pub hidden_from: Option<String>,
    /// The posts that do, and nobody else; everybody if empty.
    #[serde(default)]
    pub only: Vec<Box<str>>,
}
