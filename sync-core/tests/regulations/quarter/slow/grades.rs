//! S43-R6 to R9: which figures of a year lead to which grade.

use sync_core::rules::{Fact, FactKind, Value};

use super::{Ledger, State, Then, number, value};

/// The figures of a customer's year.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures<'a> {
    pub(crate) usage: i64,
    pub(crate) scale: &'a str,
    pub(crate) payment: &'a str,
    pub(crate) potential: &'a str,
}

/// The grade, if there is one; between the bands there is none.
pub(crate) fn grade(figures: &Figures<'_>) -> Option<&'static str> {
    let yuan = |yuan: i64| yuan * 100;
    let Figures { usage, scale, payment, potential } = *figures;
    // S43-R6. A1: 500 000 yuan and more, large, and it pays well.
    if usage >= yuan(500_000) && scale == "large" && payment == "good" {
        return Some("A1");
    }
    // S43-R7. A2: 200 000 to 300 000 yuan, fairly large at least, and it pays fairly well at least.
    if (yuan(200_000)..=yuan(300_000)).contains(&usage)
        && (scale == "fairly_large" || scale == "large")
        && (payment == "fairly_good" || payment == "good")
    {
        return Some("A2");
    }
    // S43-R8. B1: 50 000 to 100 000 yuan, and it may grow much.
    if (yuan(50_000)..=yuan(100_000)).contains(&usage) && potential == "large" {
        return Some("B1");
    }
    // S43-R9. B2: 20 000 to 50 000 yuan, and it will not grow much.
    if (yuan(20_000)..=yuan(50_000)).contains(&usage) && potential == "small" {
        return Some("B2");
    }
    None
}

/// A customer with such figures has that grade now.
pub(super) fn s43(then: &Then<'_>, ledger: &mut Ledger) {
    for assessment in then.within(FactKind::ASSESSMENT) {
        let figures = Figures {
            usage: number(assessment, "usage").unwrap(),
            scale: word(assessment, "scale"),
            payment: word(assessment, "payment"),
            potential: word(assessment, "potential"),
        };
        let rule = match grade(&figures) {
            Some("A1") => "S43-R6",
            Some("A2") => "S43-R7",
            Some("B1") => "S43-R8",
            Some("B2") => "S43-R9",
            _ => continue,
        };
        let holds = then.grade(assessment.customer.unwrap(), then.now);
        let state = if Some(holds) == grade(&figures) { State::Met } else { State::Breached };
        ledger.say_of_fact(rule, assessment, state);
    }
}

fn word<'f>(fact: &'f Fact, name: &str) -> &'f str {
    match value(fact, name) {
        Some(Value::Text(word)) => word,
        _ => "",
    }
}
