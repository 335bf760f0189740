//! Spreadsheets: a file becomes drafts that keep every rule of the directory, and a report of the rest, in bounded
//! memory, whatever it unpacks to.

pub mod workbook;

use std::collections::BTreeSet;

use server::import::{
    CUSTOMER_FIELDS, CustomerDraft, Field, Import, ImportError, Kind, KnownPeople, Mapping, Person,
    USER_FIELDS, UserDraft, import_customers, import_users,
};
use sync_core::directory::{POSTS_MAX, TAGS_MAX, is_post, is_tag};

use crate::{Outcome, memory::within_mib, tape::Tape};

/// Most memory an import of a small file may take, in MiB.
const MOST_MIB: usize = 192;

/// Imports a file under a mapping: customers or users, text or workbook.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let how = tape.byte();
    let mapping = mapping(&mut tape);
    let file = match how >> 1 & 1 {
        0 => tape.rest().to_vec(),
        _ => workbook::from_parts(
            &String::from_utf8_lossy(tape.bytes()),
            &String::from_utf8_lossy(tape.rest()),
        ),
    };
    // Of small files only: reading twice costs as much again.
    let small = file.len() < 4_096;
    let mut people = KnownPeople::default();
    people.add("wang", Person { name: "王晓梅".to_owned(), reports_to: Some("liu".to_owned()) });
    people.add("liu", Person { name: "刘芳".to_owned(), reports_to: None });
    if how & 1 == 0 {
        let read = || import_customers(&file, &mapping, &people);
        check(within_mib(MOST_MIB, read), small.then_some(read), |good| check_customers(good, &people))
    } else {
        let read = || import_users(&file, &mapping, &people);
        check(within_mib(MOST_MIB, read), small.then_some(read), |good| check_users(good, &people))
    }
}

/// A mapping file, and an argument of the command line on top of it.
fn mapping(tape: &mut Tape<'_>) -> Mapping {
    let toml = String::from_utf8_lossy(tape.bytes());
    let mut mapping = Mapping::from_toml(&toml).unwrap_or_default();
    let argument = String::from_utf8_lossy(tape.bytes());
    let _ = mapping.set(Kind::Customers, &argument);
    let _ = mapping.set(Kind::Users, &argument);
    let _ = mapping.set_role(&argument);
    mapping
}

fn check<T: PartialEq + std::fmt::Debug>(
    found: Result<Import<T>, ImportError>,
    again: Option<impl Fn() -> Result<Import<T>, ImportError>>,
    check_good: impl Fn(&[(u32, T)]),
) -> Outcome {
    let import = match found {
        Ok(import) => import,
        Err(error) => {
            if let Some(again) = again {
                assert_eq!(again().map_err(|error| error.to_string()), Err(error.to_string()));
            }
            return Outcome::Refused;
        }
    };
    for (before, after) in import.good.iter().zip(import.good.iter().skip(1)) {
        assert!(before.0 <= after.0, "row {} after row {}", after.0, before.0);
    }
    for bad in &import.bad {
        assert!(bad.value.chars().count() <= 81, "a report of any length: {bad}");
    }
    check_good(&import.good);
    if let Some(again) = again {
        assert_eq!(again().unwrap(), import);
    }
    Outcome::accepted_if(!import.good.is_empty())
}

fn check_customers(good: &[(u32, CustomerDraft)], people: &KnownPeople) {
    let mut numbers = BTreeSet::new();
    for (row, customer) in good {
        let CustomerDraft { number, name, address, contact, phone, owner, grade, tags } = customer;
        assert!(numbers.insert(number), "row {row}: {number} twice");
        for (field, text) in CUSTOMER_FIELDS.iter().zip([
            number,
            name,
            address,
            contact,
            phone,
            owner.as_ref().unwrap_or(&String::new()),
            grade,
            &tags.join(","),
        ]) {
            check_text(field, text);
        }
        check_words(tags, TAGS_MAX, is_tag);
        assert!(owner.as_ref().is_none_or(|owner| people.person(owner).is_some()));
    }
}

fn check_users(good: &[(u32, UserDraft)], people: &KnownPeople) {
    let boss_of = |login: &str| {
        let in_file =
            good.iter().find(|(_, user)| user.login == login).map(|(_, user)| user.reports_to.clone());
        in_file.unwrap_or_else(|| people.person(login).expect("nobody has this login").reports_to.clone())
    };
    let mut logins = BTreeSet::new();
    for (row, user) in good {
        assert!(logins.insert(&user.login), "row {row}: {} twice", user.login);
        assert!(!user.login.contains(char::is_whitespace));
        assert_eq!(user.login, user.login.to_lowercase());
        for (field, text) in [
            ("login", Some(&user.login)),
            ("name", Some(&user.name)),
            ("key", user.key.as_ref()),
            ("unit", user.unit.as_ref()),
        ] {
            let field = USER_FIELDS.iter().find(|known| known.name == field).unwrap();
            check_text(field, text.unwrap_or(&String::new()));
        }
        check_words(user.posts.as_deref().unwrap_or_default(), POSTS_MAX, is_post);
        if good.len() < 100 {
            let mut boss = user.reports_to.clone();
            for _ in 0..=good.len() + 2 {
                boss = boss.and_then(|boss| boss_of(&boss));
            }
            assert_eq!(boss, None, "row {row}: the reporting line has no end");
        }
    }
}

fn check_words(words: &[String], max: usize, takes: fn(&str) -> bool) {
    let distinct: BTreeSet<&String> = words.iter().collect();
    assert!(words.len() <= max && distinct.len() == words.len(), "{words:?}");
    assert!(words.iter().all(|word| takes(word)), "{words:?}");
}

fn check_text(field: &Field, text: &str) {
    assert!(!field.required || !text.is_empty(), "{} is empty", field.name);
    // Lowercase may be longer than what was measured.
    let chars = text.chars().count();
    assert!(chars <= field.max_chars || field.name == "login", "{} has {chars} characters", field.name);
    assert!(!text.chars().any(char::is_control), "{} holds a control character", field.name);
}
