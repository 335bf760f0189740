//! What obligations are about and what became of them, in words and with the names of people and customers.

use sync_core::{
    id::{CustomerId, UserId},
    rules::{Fact, Fulfilment, Period, Subject},
};

use crate::{projection::View, store::StoreError};

/// What an obligation is about.
pub(super) fn subject(view: &View<'_>, subject: Subject) -> Result<String, StoreError> {
    Ok(match subject {
        Subject::Fact(id) => match view.fact(id)? {
            Some(fact) => self::fact(view, &fact)?,
            None => format!("fact {id}, which is gone"),
        },
        Subject::Customer(id, period) => format!("{}, {}", customer(view, id)?, days(period)),
        Subject::Person(id, period) => format!("{}, {}", person(view, id)?, days(period)),
        Subject::Company(period) => format!("the company, {}", days(period)),
    })
}

/// Something that happened.
pub(super) fn fact(view: &View<'_>, fact: &Fact) -> Result<String, StoreError> {
    let mut text = format!("{} at {}", fact.kind.name(), fact.at);
    if let Some(id) = fact.customer {
        text.push_str(&format!(", customer {}", customer(view, id)?));
    }
    if let Some(id) = fact.actor {
        text.push_str(&format!(", by {}", person(view, id)?));
    }
    Ok(text)
}

/// Somebody who works here.
pub(super) fn person(view: &View<'_>, id: UserId) -> Result<String, StoreError> {
    let user = view.user(id)?;
    Ok(user.map_or_else(|| id.to_string(), |user| format!("{} ({})", user.name, user.login)))
}

/// What became of an obligation.
pub(super) fn state(state: &Fulfilment) -> String {
    match state {
        Fulfilment::Met => "met".to_owned(),
        Fulfilment::Breached => "breached".to_owned(),
        Fulfilment::Pending => "pending".to_owned(),
        Fulfilment::NotEvaluable(missing) => format!("not evaluable, without {}", missing.join(", ")),
    }
}

fn customer(view: &View<'_>, id: CustomerId) -> Result<String, StoreError> {
    let customer = view.customer(id)?;
    Ok(customer.map_or_else(|| id.to_string(), |customer| format!("{} ({})", customer.name, customer.number)))
}

fn days(Period { first, last }: Period) -> String {
    format!("{first} to {last}")
}
