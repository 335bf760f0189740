//! The time line of an obligation: its window, and what happened before, in and behind it.

use askama::Template;
use sync_core::time::Timestamp;

use crate::web::{
    Page, moment,
    timeline::{Axis, Span, Tick, tick, ticks},
    view::{FactRow, ObligationView, OwedState},
};

/// No line marks more facts of one sort than this.
const FACTS_MAX: usize = 100;

/// A window later than this share of the axis still shows that there is an after.
const ROOM: f64 = 0.08;

#[derive(Template)]
#[template(path = "window_line.html")]
struct WindowLine<'a> {
    p: &'a Page,
    view: &'a ObligationView,
    window: Option<Span>,
    late: Option<Span>,
    opens: Option<f64>,
    due: Option<Tick>,
    now: Option<f64>,
    about: Option<f64>,
    counted: Vec<Mark>,
    passed_over: Vec<Mark>,
    ticks: Vec<Tick>,
    summary: String,
}

/// A fact, with the proven bounds of its time if it has any.
struct Mark {
    x: f64,
    bounds: Option<Span>,
}

/// Draws the window of an obligation; nothing without a window.
pub(crate) fn draw(page: &Page, view: &ObligationView) -> askama::Result<String> {
    WindowLine::new(page, view).map_or_else(|| Ok(String::new()), |line| line.render())
}

impl<'a> WindowLine<'a> {
    fn new(page: &'a Page, view: &'a ObligationView) -> Option<Self> {
        let (opens, due) = (view.opens, view.row.due);
        let counted: Vec<&FactRow> = view.counted.iter().take(FACTS_MAX).collect();
        let passed: Vec<&FactRow> = view.passed_over.iter().map(|(fact, _)| fact).take(FACTS_MAX).collect();
        let about = view.about.as_ref().map(|fact| fact.name.at);
        let is_open = view.row.state == OwedState::Pending;
        let now = is_open.then_some(page.now);
        let facts = counted.iter().chain(&passed).map(|fact| fact.name.at);
        let times: Vec<Timestamp> = facts.chain([opens, due, about, now].into_iter().flatten()).collect();
        if due.is_none() && opens.is_none() {
            return None;
        }
        let mut axis = Axis::covering(&times)?;
        if due.is_some_and(|at| at.as_millis() as f64 >= axis.to) {
            axis.to += (axis.to - axis.from) * ROOM;
        }
        let end = |at: Timestamp| Span { x: axis.place(at), width: 100.0 - axis.place(at) };
        let window = {
            let from = opens.map_or(0.0, |at| axis.place(at));
            let to = due.map_or(100.0, |at| axis.place(at));
            (to > from).then_some(Span { x: from, width: to - from })
        };
        let mark = |fact: &&FactRow| Mark {
            x: axis.place(fact.name.at),
            bounds: fact.bounds.map(|(from, to)| axis.span(from, to.unwrap_or(page.now))),
        };
        Some(Self {
            window,
            late: due.map(end),
            opens: opens.map(|at| axis.place(at)),
            due: due.map(|at| tick(axis.place(at), moment::due_minute(page, at))),
            now: now.map(|at| axis.place(at)),
            about: about.map(|at| axis.place(at)),
            counted: counted.iter().map(mark).collect(),
            passed_over: passed.iter().map(mark).collect(),
            ticks: ticks(page, &axis),
            summary: summary(page, view),
            p: page,
            view,
        })
    }
}

fn summary(page: &Page, view: &ObligationView) -> String {
    let mut parts = vec![page.owed_state(&view.row.state)];
    parts.extend(view.opens.map(|at| page.named("window-opens-at", &page.when(&at))));
    parts.extend(view.row.due.map(|at| page.named("timeline-due-at", &page.due(&at))));
    parts.push(page.counted("facts-counted", &(view.counted.len() as u64)));
    parts.push(page.counted("facts-passed-over", &(view.passed_over.len() as u64)));
    parts.join(&page.t("list-comma"))
}
