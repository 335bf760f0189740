//! A company as its rules see it: who answers to whom, whose customer is whose, and which grade held when.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;

use crate::{
    calendar::Calendar,
    directory::{Customer, User},
    id::{CustomerId, UserId},
    time::Timestamp,
};

/// The people, customers and festivals of a company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Company {
    people: BTreeMap<UserId, Person>,
    by_post: BTreeMap<Arc<str>, BTreeSet<UserId>>,
    /// Everybody who is visited.
    pub customers: BTreeMap<CustomerId, Account>,
    /// The days of each festival, by its name.
    pub festivals: BTreeMap<Arc<str>, Vec<(Date, Date)>>,
}

/// Somebody who works here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Whom they report to.
    pub reports_to: Option<UserId>,
    /// What they are, in the words of the packs: `ka_specialist`, `property_assistant` …
    pub posts: Box<[Arc<str>]>,
    /// From when to when they work here; none while there is no end.
    pub until: Option<Timestamp>,
}

/// Somebody who is visited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Who was responsible from when on, ascending.
    pub owners: Vec<(Timestamp, Option<UserId>)>,
    /// Which grade held from when on, ascending; an empty grade is none.
    pub grades: Vec<(Timestamp, Arc<str>)>,
    /// What else it is: `tender`, `prospect`, `agreement`, `important` …
    pub tags: Box<[Arc<str>]>,
}

impl Company {
    /// Makes a company of its directory, as server or phone know it, and its calendar.
    pub fn of<'a>(
        users: impl IntoIterator<Item = &'a User>,
        customers: impl IntoIterator<Item = &'a Customer>,
        calendar: &Calendar,
    ) -> Self {
        let mut words = Words::default();
        let mut company = Self::default();
        for user in users {
            let posts = user.posts.iter().map(|post| words.shared(post)).collect();
            company.put(user.id, Person { reports_to: user.reports_to, posts, until: user.until });
        }
        let customers = customers.into_iter().map(|customer| {
            let grades = customer.grades();
            let account = Account {
                owners: customer.owners(),
                grades: grades.iter().map(|(from, grade)| (*from, words.shared(grade))).collect(),
                tags: customer.tags.iter().map(|tag| words.shared(tag)).collect(),
            };
            (customer.id, account)
        });
        company.customers = customers.collect();
        for (name, first, last) in calendar.festivals() {
            company.festivals.entry(words.shared(name)).or_default().push((first, last));
        }
        company
    }

    /// Everybody who may owe something.
    pub fn people(&self) -> &BTreeMap<UserId, Person> {
        &self.people
    }

    /// Takes somebody in, in the place of what was known of them.
    pub fn put(&mut self, id: UserId, person: Person) {
        let posts = person.posts.clone();
        if let Some(before) = self.people.insert(id, person) {
            for post in &before.posts {
                self.by_post.entry(Arc::clone(post)).or_default().remove(&id);
            }
        }
        for post in posts {
            self.by_post.entry(post).or_default().insert(id);
        }
    }

    /// The grade of a customer at an instant.
    pub fn grade_at(&self, customer: CustomerId, at: Timestamp) -> Option<&str> {
        let grade = in_force(&self.customers.get(&customer)?.grades, at)?;
        (!grade.is_empty()).then_some(grade)
    }

    /// Who is responsible for a customer at an instant.
    pub fn owner_at(&self, customer: CustomerId, at: Timestamp) -> Option<UserId> {
        *in_force(&self.customers.get(&customer)?.owners, at)?
    }

    /// Whom somebody reports to.
    pub fn supervisor(&self, person: UserId) -> Option<UserId> {
        self.people.get(&person)?.reports_to
    }

    /// What somebody is.
    pub fn posts(&self, person: UserId) -> &[Arc<str>] {
        self.people.get(&person).map_or(&[], |person| &person.posts)
    }

    /// What a customer is besides its grade.
    pub fn tags(&self, customer: CustomerId) -> &[Arc<str>] {
        self.customers.get(&customer).map_or(&[], |account| &account.tags)
    }

    /// Everybody with a post at an instant.
    pub fn holders<'a>(&'a self, post: &'a str, at: Timestamp) -> impl Iterator<Item = UserId> + 'a {
        let holders = self.by_post.get(post).into_iter().flatten();
        holders.copied().filter(move |person| self.works(*person, at))
    }

    /// Whether somebody has a post at an instant.
    pub fn holds(&self, person: UserId, post: &str, at: Timestamp) -> bool {
        self.posts(person).iter().any(|held| **held == *post) && self.works(person, at)
    }

    fn works(&self, person: UserId, at: Timestamp) -> bool {
        self.people.get(&person).is_some_and(|person| person.until.is_none_or(|until| at < until))
    }
}

/// The words of a directory, each held once however many bear it.
#[derive(Default)]
struct Words(BTreeSet<Arc<str>>);

impl Words {
    fn shared(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.0.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.0.insert(Arc::clone(&word));
        word
    }
}

/// What was last set at or before an instant.
fn in_force<T>(history: &[(Timestamp, T)], at: Timestamp) -> Option<&T> {
    let after = history.partition_point(|(from, _)| *from <= at);
    history[..after].last().map(|(_, value)| value)
}
