//! The evidence time line: where each mark stands on the axis, in per cent, so that it fits every width unscaled.

use askama::Template;
use sync_core::{rules::Measured, time::Timestamp};

use crate::web::{Page, label, moment, view::EvidenceView};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const STEPS_MS: [i64; 12] = [
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    4 * DAY_MS,
    7 * DAY_MS,
    14 * DAY_MS,
    30 * DAY_MS,
    90 * DAY_MS,
    365 * DAY_MS,
];
const TICKS_MAX: i64 = 4;
/// A deadline at the end of the axis still shows that there is an after.
const ROOM_AFTER_DEADLINE: f64 = 0.08;

/// What is marked on a time line; whatever is `None` is left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks<'a> {
    pub(crate) ended: Option<Timestamp>,
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) evidence: Option<&'a EvidenceView>,
}

/// A place or stretch on the axis, in per cent of its width.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    pub(crate) x: f64,
    pub(crate) width: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct Tick {
    pub(crate) x: f64,
    pub(crate) label: String,
    pub(crate) align: &'static str,
}

/// The wall clock's claim; it points off the axis when it lies beyond.
#[derive(Debug, Clone)]
struct Claim {
    x: f64,
    /// Degrees by which the mark that points up is turned.
    turn: i32,
}

/// The time line of one row in the list.
#[derive(Template)]
#[template(path = "timeline_small.html")]
struct Small<'a> {
    line: &'a Line,
}

/// The time line of one submit, with its key and its table.
#[derive(Template)]
#[template(path = "timeline_large.html")]
struct Large<'a> {
    p: &'a Page,
    line: &'a Line,
    marks: Marks<'a>,
}

/// The marks on their axis.
#[derive(Debug, Clone)]
struct Line {
    ended: Option<f64>,
    deadline: Option<Tick>,
    late: Option<Span>,
    interval: Option<Span>,
    /// The interval has no end yet.
    open: bool,
    measured: Option<Span>,
    claim: Option<Claim>,
    now: Option<f64>,
    ticks: Vec<Tick>,
    summary: String,
}

/// Draws the small time line.
pub(crate) fn small(page: &Page, marks: Marks<'_>) -> askama::Result<String> {
    Line::new(page, marks).map_or_else(|| Ok(String::new()), |line| Small { line: &line }.render())
}

/// Draws the large time line.
pub(crate) fn large(page: &Page, marks: Marks<'_>) -> askama::Result<String> {
    Line::new(page, marks)
        .map_or_else(|| Ok(String::new()), |line| Large { p: page, line: &line, marks }.render())
}

/// The stretch of time the axis covers.
pub(crate) struct Axis {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Axis {
    /// Covers every mark but the claim: a phone set to 1970 must not squeeze the rest.
    pub(crate) fn covering(times: &[Timestamp]) -> Option<Self> {
        let from = times.iter().min()?.as_millis() as f64;
        let to = times.iter().max()?.as_millis() as f64;
        Some(Self { from, to: to.max(from + HOUR_MS as f64) })
    }

    /// The place of a time, held on the axis; a margin on both sides leaves room for what is drawn there.
    pub(crate) fn place(&self, at: Timestamp) -> f64 {
        let share = (at.as_millis() as f64 - self.from) / (self.to - self.from);
        4.0 + 92.0 * share.clamp(0.0, 1.0)
    }

    fn claim(&self, at: Timestamp) -> Claim {
        let turn = match at.as_millis() as f64 {
            millis if millis < self.from => -90,
            millis if millis > self.to => 90,
            _ => 0,
        };
        Claim { x: self.place(at), turn }
    }

    pub(crate) fn span(&self, from: Timestamp, to: Timestamp) -> Span {
        let (left, right) = (self.place(from), self.place(to));
        let width = (right - left).max(1.2);
        Span { x: left.min(98.8 - width), width }
    }
}

impl Line {
    fn new(page: &Page, marks: Marks<'_>) -> Option<Self> {
        let Marks { ended, deadline, evidence } = marks;
        let open = evidence.is_none_or(|evidence| evidence.not_after.is_none());
        let now = open.then_some(page.now);
        let bounds = evidence.map(|evidence| (evidence.not_before, evidence.not_after.unwrap_or(page.now)));
        let times: Vec<Timestamp> =
            [ended, deadline, now, bounds.map(|b| b.0), bounds.map(|b| b.1)].into_iter().flatten().collect();
        if ended.is_none() && deadline.is_none() && evidence.is_none() {
            return None;
        }
        let mut axis = Axis::covering(&times)?;
        if deadline.is_some_and(|at| at.as_millis() as f64 >= axis.to) {
            axis.to += (axis.to - axis.from) * ROOM_AFTER_DEADLINE;
        }
        let measured = evidence.and_then(|evidence| evidence.measured);
        Some(Self {
            ended: ended.map(|at| axis.place(at)),
            deadline: deadline.map(|at| tick(axis.place(at), moment::due_minute(page, at))),
            late: deadline.map(|at| Span { x: axis.place(at), width: 100.0 - axis.place(at) }),
            interval: bounds.map(|(from, to)| axis.span(from, to)),
            open: open && evidence.is_some(),
            measured: measured.map(|Measured { earliest, latest }| axis.span(earliest, latest)),
            claim: evidence.map(|evidence| axis.claim(evidence.claimed)),
            now: now.map(|at| axis.place(at)),
            ticks: ticks(page, &axis),
            summary: summary(page, marks),
        })
    }
}

pub(crate) fn tick(x: f64, label: String) -> Tick {
    let align = match x {
        x if x < 22.0 => "start",
        x if x > 78.0 => "end",
        _ => "middle",
    };
    Tick { x, label, align }
}

pub(crate) fn ticks(page: &Page, axis: &Axis) -> Vec<Tick> {
    let (from, to) = (axis.from as i64, axis.to as i64);
    let length = to.saturating_sub(from);
    let step =
        STEPS_MS.into_iter().find(|step| length / step < TICKS_MAX).unwrap_or(length / TICKS_MAX).max(1);
    // Ticks stand on midnights of the zone; its offset at the start is near enough for a day's label.
    let offset_ms = moment::local(page, Timestamp::from_millis(from))
        .map_or(0, |local| i64::from(local.offset().seconds()) * 1000);
    let first = from.saturating_add(offset_ms).div_euclid(step).saturating_add(1).saturating_mul(step);
    (0..TICKS_MAX)
        .map(|n| Timestamp::from_millis(first.saturating_add(n * step).saturating_sub(offset_ms)))
        .take_while(|at| at.as_millis() <= to)
        .map(|at| {
            let midnight = at.as_millis().saturating_add(offset_ms).rem_euclid(DAY_MS) == 0;
            let label = if midnight { moment::day(page, at) } else { moment::time_of_day(page, at) };
            tick(axis.place(at), label)
        })
        .filter(|tick| (8.0..=92.0).contains(&tick.x))
        .map(|tick| Tick { align: "middle", ..tick })
        .collect()
}

fn summary(page: &Page, marks: Marks<'_>) -> String {
    let mut parts = Vec::new();
    if let Some(ended) = marks.ended {
        parts.push(page.named("timeline-ended-at", &page.when(&ended)));
    }
    if let Some(deadline) = marks.deadline {
        parts.push(page.named("timeline-due-at", &page.due(&deadline)));
    }
    if let Some(evidence) = marks.evidence {
        parts.push(page.named("timeline-not-before", &page.when(&evidence.not_before)));
        if let Some(not_after) = evidence.not_after {
            parts.push(page.named("timeline-not-after", &page.when(&not_after)));
        }
        parts.push(page.t(&format!("outcome-{}", label::outcome_name(&evidence.outcome))));
        parts.push(page.t(&format!("basis-{}", label::basis_name(evidence.basis))));
    }
    parts.join(&page.t("list-comma"))
}

impl Large<'_> {
    fn flags(&self) -> Vec<String> {
        self.marks
            .evidence
            .map(|evidence| evidence.flags.names().map(|name| self.p.t(&format!("flag-{name}"))).collect())
            .unwrap_or_default()
    }

    fn outcome(&self, evidence: &EvidenceView) -> String {
        self.p.t(&format!("outcome-{}", label::outcome_name(&evidence.outcome)))
    }

    fn basis(&self, evidence: &EvidenceView) -> String {
        self.p.t(&format!("basis-{}", label::basis_name(evidence.basis)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sync_core::rules::{Basis, Flags, Outcome};

    use super::*;
    use crate::web::Lang;

    fn page() -> Page {
        let zone = TimeZone::get("Asia/Shanghai").expect("the zone is bundled");
        Page { lang: Lang::ZhHans, zone, now: hour(40), session: None, here: "/".to_owned() }
    }

    fn hour(n: i64) -> Timestamp {
        Timestamp::from_millis(1_793_462_400_000 + n * HOUR_MS)
    }

    fn evidence(not_before: Timestamp, not_after: Timestamp, claimed: Timestamp) -> EvidenceView {
        EvidenceView {
            not_before,
            anchor: None,
            not_after: Some(not_after),
            measured: None,
            claimed,
            deadline: None,
            flags: Flags::empty(),
            basis: Basis::Proven,
            outcome: Outcome::OnTime,
            rule: String::new(),
        }
    }

    fn line(evidence: &EvidenceView, deadline: Timestamp) -> Line {
        let marks = Marks { ended: Some(hour(0)), deadline: Some(deadline), evidence: Some(evidence) };
        Line::new(&page(), marks).expect("there is something to draw")
    }

    #[test]
    fn a_submit_proven_in_time_is_drawn_wholly_before_the_deadline() {
        let line = line(&evidence(hour(2), hour(9), hour(4)), hour(30));
        let (interval, deadline) =
            (line.interval.expect("it has arrived"), line.deadline.expect("it is known"));
        assert!(interval.x + interval.width < deadline.x);
        assert!(line.late.is_some_and(|late| late.x == deadline.x && late.width > 5.0));
    }

    #[test]
    fn a_phone_set_to_1970_points_off_the_axis_and_squeezes_nothing() {
        let honest = line(&evidence(hour(2), hour(9), hour(4)), hour(30));
        let claiming = line(&evidence(hour(2), hour(9), Timestamp::from_millis(0)), hour(30));
        assert_eq!(claiming.interval, honest.interval);
        assert_eq!(claiming.claim.map(|claim| claim.turn), Some(-90));
    }

    #[test]
    fn times_outside_every_calendar_are_drawn_without_harm() {
        let (first, last) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
        let evidence = evidence(first, last, last);
        for deadline in [first, last, Timestamp::MAX] {
            let marks = Marks { ended: Some(first), deadline: Some(deadline), evidence: Some(&evidence) };
            let drawn = large(&page(), marks).expect("it renders");
            assert!(!drawn.contains("NaN") && !drawn.contains("inf%"));
        }
    }
}
