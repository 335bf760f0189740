//! The history of the directory: what was so before, and from when on something else was.

use super::{Customer, User};
use crate::time::Timestamp;

impl User {
    /// Takes up since when they are not active: what was known `before` this was said `at` an instant. Somebody who is
    /// told of as inactive from the start never worked here.
    pub fn follow(&mut self, before: Option<&Self>, at: Timestamp) {
        self.until = match before {
            _ if self.active => None,
            Some(before) if before.active => Some(at),
            Some(before) => Some(before.until.unwrap_or(BEGINNING)),
            None => Some(BEGINNING),
        };
    }

    /// Forgets what only the index knows.
    pub fn forget_history(&mut self) {
        self.until = None;
    }
}

impl Customer {
    /// How many entries each history has; the oldest go.
    pub const HISTORY_MAX: usize = 64;

    /// Takes up the histories of owner and grade from what was known `before` this was said `at` an instant. The first
    /// value ever known holds from the beginning.
    pub fn follow(&mut self, before: Option<&Self>, at: Timestamp) {
        self.forget_history();
        if let Some(before) = before {
            self.owners = followed(&before.owners, &before.owner, &self.owner, at);
            self.grades = followed(&before.grades, &before.grade, &self.grade, at);
        }
    }

    /// Forgets what only the index knows.
    pub fn forget_history(&mut self) {
        (self.owners, self.grades) = (Vec::new(), Vec::new());
    }

    /// Who was responsible from when on: at least one entry.
    pub fn owners(&self) -> Vec<(Timestamp, Option<crate::id::UserId>)> {
        whole(&self.owners, &self.owner)
    }

    /// Which grade held from when on: at least one entry.
    pub fn grades(&self) -> Vec<(Timestamp, String)> {
        whole(&self.grades, &self.grade)
    }
}

/// Where every history begins.
const BEGINNING: Timestamp = Timestamp::from_millis(0);

/// A history with what holds since the beginning spelled out.
fn whole<T: Clone>(history: &[(Timestamp, T)], value: &T) -> Vec<(Timestamp, T)> {
    if history.is_empty() { vec![(BEGINNING, value.clone())] } else { history.to_vec() }
}

fn followed<T: Clone + PartialEq>(
    history: &[(Timestamp, T)],
    before: &T,
    now: &T,
    at: Timestamp,
) -> Vec<(Timestamp, T)> {
    if before == now {
        return history.to_vec();
    }
    let mut history = whole(history, before);
    // Of two values at one instant the later one holds, and one that held for no time never did.
    history.retain(|(from, _)| *from < at);
    if history.last().is_none_or(|(_, last)| last != now) {
        history.push((at, now.clone()));
    }
    history.drain(..history.len().saturating_sub(Customer::HISTORY_MAX));
    match history.as_slice() {
        [(BEGINNING, _)] => Vec::new(),
        _ => history,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        directory::Role,
        encoding,
        id::{CustomerId, UserId},
    };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn customer(owner: Option<u8>, grade: &str) -> Customer {
        Customer {
            id: CustomerId::from_bytes([1; 16]),
            number: "K-1".to_owned(),
            name: "甲".to_owned(),
            address: String::new(),
            contact: String::new(),
            phone: String::new(),
            owner: owner.map(|owner| UserId::from_bytes([owner; 16])),
            grade: grade.to_owned(),
            tags: Vec::new(),
            owners: Vec::new(),
            grades: Vec::new(),
        }
    }

    fn user(active: bool) -> User {
        User {
            id: UserId::from_bytes([2; 16]),
            login: "li".to_owned(),
            name: "李雷".to_owned(),
            role: Role::Rep,
            unit: None,
            reports_to: None,
            active,
            posts: Vec::new(),
            until: None,
        }
    }

    fn told(says: &[(i64, Customer)]) -> Customer {
        let mut known: Option<Customer> = None;
        for (millis, said) in says {
            let mut now = said.clone();
            now.follow(known.as_ref(), at(*millis));
            known = Some(now);
        }
        known.unwrap()
    }

    #[test]
    fn the_first_value_ever_known_holds_from_the_beginning() {
        let once = told(&[(500, customer(Some(3), "A1"))]);
        assert_eq!(once, customer(Some(3), "A1"), "nothing changed yet, so there is no history to send");
        assert_eq!(once.grades(), [(at(0), "A1".to_owned())]);
        let twice =
            told(&[(500, customer(None, "A1")), (600, customer(None, "B1")), (700, customer(None, "B1"))]);
        assert_eq!(twice.grades(), [(at(0), "A1".to_owned()), (at(600), "B1".to_owned())]);
        assert_eq!(twice.owners(), [(at(0), None)]);
    }

    #[test]
    fn of_several_values_at_one_instant_the_last_holds() {
        let said = |grades: [&str; 3]| {
            told(&[
                (5, customer(None, grades[0])),
                (9, customer(None, grades[1])),
                (9, customer(None, grades[2])),
            ])
        };
        assert_eq!(said(["A1", "B1", "C"]).grades(), [(at(0), "A1".to_owned()), (at(9), "C".to_owned())]);
        assert_eq!(said(["A1", "B1", "A1"]), customer(None, "A1"));
    }

    #[test]
    fn of_too_many_changes_the_oldest_go() {
        let says: Vec<_> = (0..200).map(|n| (n, customer(Some((n % 2) as u8), "A1"))).collect();
        let known = told(&says);
        assert_eq!(known.owners.len(), Customer::HISTORY_MAX);
        assert_eq!(known.owners.last().unwrap(), &(at(199), known.owner));
        assert!(known.owners.is_sorted_by_key(|(from, _)| *from));
    }

    #[test]
    fn who_leaves_has_left_at_that_instant_until_they_are_back() {
        let mut known = user(true);
        known.follow(None, at(5));
        assert_eq!(known.until, None);
        for (millis, active, until) in
            [(7, false, Some(at(7))), (8, false, Some(at(7))), (9, true, None), (11, false, Some(at(11)))]
        {
            let mut now = user(active);
            now.follow(Some(&known), at(millis));
            assert_eq!(now.until, until);
            known = now;
        }
        let mut never = user(false);
        never.follow(None, at(5));
        assert_eq!(never.until, Some(at(0)));
    }

    #[test]
    fn who_has_no_posts_tags_or_history_is_encoded_as_ever() {
        let bytes = encoding::encode(&customer(None, "A"));
        assert_eq!(bytes[0], 0xa7, "a map of seven: an absent owner is left out");
        let bytes = encoding::encode(&user(true));
        assert_eq!(bytes[0], 0xa5, "a map of five: unit and superior are left out");
        let mut full = customer(Some(3), "A");
        full.tags = vec!["tender".to_owned(), "招投标".to_owned()];
        full.follow(Some(&customer(None, "B")), at(6));
        assert_eq!(encoding::decode::<Customer>(&encoding::encode(&full)).unwrap(), full);
        let gone = User { posts: vec!["ka_specialist".to_owned()], until: Some(at(3)), ..user(false) };
        assert_eq!(encoding::decode::<User>(&encoding::encode(&gone)).unwrap(), gone);
    }
}
