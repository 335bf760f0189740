//! The page of obligations.

use askama::Template;

use crate::web::{
    Html, Owes, Page, Span, label,
    owed_words::{self, Progress},
    stack::Stack,
    view::{
        About, ObligationRow, ObligationsView, OwedCounts, OwedState, OwerRow, Owers, QuotaOf, QuotaRow,
        RuleRow, WaitingRule,
    },
};

/// How many rules of a sort stand on the page before the rest is folded away.
const RULES_OPEN: usize = 6;

#[derive(Template)]
#[template(path = "obligations.html")]
struct ObligationsPage<'a> {
    p: &'a Page,
    view: &'a ObligationsView,
}

/// Rules, of which the first stand on the page and the rest is folded away.
struct Rules<'a> {
    rows: Vec<&'a RuleRow>,
}

impl<'a> Rules<'a> {
    fn first(&self) -> &[&'a RuleRow] {
        &self.rows[..self.rows.len().min(RULES_OPEN)]
    }

    fn folded(&self) -> &[&'a RuleRow] {
        &self.rows[self.rows.len().min(RULES_OPEN)..]
    }
}

/// Renders the obligations.
pub fn render_obligations(page: &Page, view: &ObligationsView) -> askama::Result<Html> {
    ObligationsPage { p: page, view }.render().map(axum::response::Html)
}

impl ObligationsPage<'_> {
    /// The states to choose from: that of shares and that of exceptions only where there is one.
    fn states(&self) -> impl Iterator<Item = OwedState> {
        let is_rare = |state: &OwedState| matches!(state, OwedState::Missed | OwedState::LetOff);
        let shown = move |state: &OwedState| !is_rare(state) || self.count(state) > 0 || self.is_state(state);
        OwedState::ALL.into_iter().filter(shown)
    }

    fn count(&self, state: &OwedState) -> u64 {
        self.view.counts.get(*state)
    }

    fn is_state(&self, state: &OwedState) -> bool {
        self.view.filter.state == Some(*state)
    }

    fn is_owes(&self, owes: &Owes) -> bool {
        self.view.filter.owes == Some(*owes)
    }

    fn is_rule(&self, row: &RuleRow) -> bool {
        self.view.filter.rule.as_ref() == Some(&row.rule)
    }

    fn stack(&self, counts: &OwedCounts) -> Stack {
        let count = |state: OwedState| (state.name(), self.p.owed_state(&state), counts.get(state));
        Stack::of(self.p, OwedState::ALL.map(count))
    }

    fn ower_name(&self, row: &OwerRow) -> String {
        match row.owes {
            Owes::Person(_) => row.name.clone(),
            Owes::Anybody => self.p.t("owed-by-anybody"),
        }
    }

    fn breached(&self, counts: &OwedCounts) -> String {
        self.p.counted("owed-breached-count", &counts.get(OwedState::Breached))
    }

    fn has_breaches(&self, counts: &OwedCounts) -> bool {
        counts.get(OwedState::Breached) > 0
    }

    /// How much was met of what is owed.
    fn met(&self, counts: &OwedCounts) -> String {
        let total = counts.owed().to_string();
        self.p.two("owed-met-of", &counts.get(OwedState::Met).to_string(), &total)
    }

    /// The rules that ask for so many contacts: plan and actual.
    fn quotas(&self) -> Rules<'_> {
        self.rules(|row| !row.quotas.is_empty())
    }

    /// All other rules.
    fn others(&self) -> Rules<'_> {
        self.rules(|row| row.quotas.is_empty())
    }

    /// Some of the rules, the chosen one in front.
    fn rules(&self, wanted: impl Fn(&RuleRow) -> bool) -> Rules<'_> {
        let mut rows: Vec<&RuleRow> = self.view.rules.iter().filter(|row| wanted(row)).collect();
        rows.sort_by_key(|row| !self.is_rule(row));
        Rules { rows }
    }

    fn more(&self, rules: &Rules<'_>) -> String {
        self.p.counted("rules-more", &(rules.folded().len() as u64))
    }

    fn waiting_words(&self) -> String {
        self.p.counted("rules-waiting", &(self.view.waiting.len() as u64))
    }

    fn span_name(&self) -> String {
        self.p.period(&self.view.span.period())
    }

    fn quota(&self, row: &QuotaRow) -> String {
        let of = match &row.of {
            QuotaOf::Customers(words) if words.is_empty() => self.p.t("quota-all-customers"),
            QuotaOf::Customers(words) => {
                let words: Vec<String> = words.iter().map(|word| self.p.coded("tag", word)).collect();
                words.join(&self.p.t("list-comma"))
            }
            QuotaOf::Post(post) => self.p.coded("post", post),
            QuotaOf::Company => self.p.t("about-company"),
        };
        let per = self.p.t(&format!("every-{}", label::every_name(&row.per)));
        let often = self.p.two("quota-often", &row.at_least.to_string(), &per);
        format!("{of} · {often}")
    }

    fn quota_progress(&self, row: &QuotaRow) -> Progress {
        Progress::of(row.done, row.asked)
    }

    fn progress(&self, row: &ObligationRow) -> Option<Progress> {
        let (done, asked) = row.done;
        (asked > 1 && row.state != OwedState::NotEvaluable).then(|| Progress::of(done.into(), asked.into()))
    }

    fn says(&self, row: &ObligationRow) -> String {
        owed_words::says(&row.says, &row.rule)
    }

    fn about(&self, about: &About) -> (String, String) {
        owed_words::about(self.p, about)
    }

    fn owers(&self, owers: &Owers) -> String {
        owed_words::owers(self.p, owers)
    }

    /// What is chosen, each with the link that takes it off.
    fn chosen(&self) -> Vec<(String, String)> {
        let filter = &self.view.filter;
        let mut chosen = Vec::new();
        chosen.extend(filter.state.map(|state| (self.p.owed_state(&state), filter.with_state(&state))));
        if let Some(owes) = filter.owes {
            let row = self.view.people.iter().find(|row| row.owes == owes);
            let name = row.map_or_else(|| self.p.t("outside-line"), |row| self.ower_name(row));
            chosen.push((name, filter.with_owes(&owes)));
        }
        chosen.extend(filter.rule.as_ref().map(|rule| (rule.rule.clone(), filter.with_rule(rule))));
        if !filter.customer.is_empty() {
            chosen.push((filter.customer.clone(), filter.without_customer()));
        }
        chosen
    }

    fn parameters(&self, rule: &WaitingRule) -> String {
        rule.missing.join(&self.p.t("list-comma"))
    }

    fn month(&self) -> String {
        self.view.filter.with_span(Span::month_of(self.nearest_day()))
    }

    fn quarter(&self) -> String {
        self.view.filter.with_span(Span::quarter_of(self.nearest_day()))
    }

    /// The day that is kept in view when another length of time is chosen: today, if it is in view.
    fn nearest_day(&self) -> jiff::civil::Date {
        let period = self.view.span.period();
        self.view.today.clamp(period.first, period.last)
    }

    fn is_quarter(&self) -> bool {
        matches!(self.view.span, Span::Quarter(_))
    }

    /// The link to the days before and their name.
    fn earlier(&self) -> Option<(String, String)> {
        self.view.span.previous().map(|span| self.step(span))
    }

    fn later(&self) -> Option<(String, String)> {
        self.view.span.next().map(|span| self.step(span))
    }

    fn step(&self, span: Span) -> (String, String) {
        (self.view.filter.with_span(span), self.p.period(&span.period()))
    }

    /// How the form keeps the days.
    fn span_field(&self) -> Option<(String, String)> {
        let query = self.view.filter.span?.query();
        query.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
    }

    fn previous(&self) -> Option<String> {
        let page = self.view.filter.page;
        (page > 1).then(|| self.view.filter.with_page(page - 1))
    }

    fn next(&self) -> Option<String> {
        let page = self.view.filter.page.max(1);
        (page < self.view.pages).then(|| self.view.filter.with_page(page + 1))
    }
}
