//! The people a file may refer to: those in the directory and those in files imported before it.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::{directory::User, id::UserId};

use super::{report::Problem, users::UserDraft};

/// Everybody who may be named as an owner or a superior.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownPeople {
    by_login: BTreeMap<String, Person>,
    logins_by_key: BTreeMap<String, String>,
    logins_by_name: BTreeMap<String, BTreeSet<String>>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// The login of whom they report to.
    pub reports_to: Option<String>,
}

impl KnownPeople {
    /// Knows the users of a directory.
    pub fn from_users<'a>(users: impl IntoIterator<Item = &'a User>) -> Self {
        let users: Vec<&User> = users.into_iter().collect();
        let logins: BTreeMap<UserId, &str> =
            users.iter().map(|user| (user.id, user.login.as_str())).collect();
        let mut people = Self::default();
        for user in &users {
            let reports_to = user.reports_to.and_then(|id| logins.get(&id)).map(|login| (*login).to_owned());
            people.add(&user.login, Person { name: user.name.clone(), reports_to });
        }
        people
    }

    /// Knows one person more, or one anew.
    pub fn add(&mut self, login: &str, person: Person) {
        self.logins_by_name.entry(person.name.clone()).or_default().insert(login.to_owned());
        if let Some(before) = self.by_login.insert(login.to_owned(), person)
            && self.by_login.get(login).is_some_and(|now| now.name != before.name)
            && let Some(namesakes) = self.logins_by_name.get_mut(&before.name)
        {
            namesakes.remove(login);
        }
    }

    /// Knows the people of an import as well, also by the file's own keys, to which a file of customers may refer.
    pub fn absorb<'a>(&mut self, drafts: impl IntoIterator<Item = &'a UserDraft>) {
        for draft in drafts {
            self.add(&draft.login, Person { name: draft.name.clone(), reports_to: draft.reports_to.clone() });
            if let Some(key) = &draft.key {
                self.logins_by_key.insert(key.clone(), draft.login.clone());
            }
        }
    }

    /// Gives a person.
    pub fn person(&self, login: &str) -> Option<&Person> {
        self.by_login.get(login)
    }

    /// Finds the one login that a cell means: by login or key, else by name.
    pub(super) fn resolve(&self, reference: &str) -> Result<&str, Problem> {
        let login = reference.to_lowercase();
        let by_login = self.by_login.get_key_value(&login).map(|(login, _)| login.as_str());
        let by_key = self.logins_by_key.get(reference).map(String::as_str);
        match (by_login, by_key) {
            (Some(by_login), Some(by_key)) if by_login != by_key => Err(Problem::AmbiguousPerson),
            (Some(login), _) | (None, Some(login)) => Ok(login),
            (None, None) => {
                let mut namesakes = self.logins_by_name.get(reference).into_iter().flatten();
                match (namesakes.next(), namesakes.next()) {
                    (Some(login), None) => Ok(login),
                    (None, _) => Err(Problem::UnknownPerson),
                    (Some(_), Some(_)) => Err(Problem::AmbiguousPerson),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Person {
        Person { name: name.to_owned(), reports_to: None }
    }

    #[test]
    fn a_person_is_found_by_login_or_by_a_name_nobody_else_has() {
        let mut people = KnownPeople::default();
        people.add("zhang.san", person("张三"));
        people.add("li.si", person("李四"));
        people.add("li.si2", person("李四"));
        assert_eq!(people.resolve("Zhang.San"), Ok("zhang.san"));
        assert_eq!(people.resolve("张三"), Ok("zhang.san"));
        assert_eq!(people.resolve("李四"), Err(Problem::AmbiguousPerson));
        assert_eq!(people.resolve("王五"), Err(Problem::UnknownPerson));
    }

    #[test]
    fn a_new_name_replaces_the_old_one() {
        let mut people = KnownPeople::default();
        people.add("a", person("张三"));
        people.add("a", person("李四"));
        assert_eq!(people.resolve("张三"), Err(Problem::UnknownPerson));
        assert_eq!(people.resolve("李四"), Ok("a"));
    }
}
