//! A company made of a directory and a calendar.

use jiff::civil::date;

use crate::{
    calendar::{CN, Calendar},
    directory::{Customer, Role, User},
    id::{CustomerId, UserId},
    rules::{Company, tests::ms},
};

const REP: UserId = UserId::from_bytes([1; 16]);
const BOSS: UserId = UserId::from_bytes([2; 16]);
const CUSTOMER: CustomerId = CustomerId::from_bytes([3; 16]);

fn rep() -> User {
    User {
        id: REP,
        login: "li".to_owned(),
        name: "李雷".to_owned(),
        role: Role::Rep,
        unit: None,
        reports_to: Some(BOSS),
        active: true,
        posts: vec!["ka_specialist".to_owned()],
        until: None,
    }
}

fn customer(owner: UserId, grade: &str) -> Customer {
    Customer {
        id: CUSTOMER,
        number: "K-1".to_owned(),
        name: "甲".to_owned(),
        address: String::new(),
        contact: String::new(),
        phone: String::new(),
        owner: Some(owner),
        grade: grade.to_owned(),
        tags: vec!["招投标".to_owned()],
        owners: Vec::new(),
        grades: Vec::new(),
    }
}

fn company(user: &User, customer: &Customer) -> Company {
    Company::of([user], [customer], &Calendar::from_ics(&CN).unwrap())
}

#[test]
fn a_company_says_who_was_responsible_and_which_grade_held_when() {
    let first = customer(REP, "");
    let mut second = customer(BOSS, "A1");
    second.follow(Some(&first), ms(1_000));
    let before = company(&rep(), &first);
    assert_eq!((before.owner_at(CUSTOMER, ms(0)), before.grade_at(CUSTOMER, ms(5_000))), (Some(REP), None));
    let after = company(&rep(), &second);
    assert_eq!((after.owner_at(CUSTOMER, ms(999)), after.grade_at(CUSTOMER, ms(999))), (Some(REP), None));
    let now = (after.owner_at(CUSTOMER, ms(1_000)), after.grade_at(CUSTOMER, ms(1_000)));
    assert_eq!(now, (Some(BOSS), Some("A1")));
    assert_eq!(after.tags(CUSTOMER).iter().map(|tag| &**tag).collect::<Vec<_>>(), ["招投标"]);
    assert_eq!(after.supervisor(REP), Some(BOSS));
}

#[test]
fn who_has_left_held_their_post_until_then() {
    let mut gone = User { active: false, ..rep() };
    gone.follow(Some(&rep()), ms(1_000));
    let company = company(&gone, &customer(REP, "A1"));
    assert_eq!(company.holders("ka_specialist", ms(999)).collect::<Vec<_>>(), [REP]);
    assert_eq!(company.holders("ka_specialist", ms(1_000)).count(), 0);
}

#[test]
fn the_festivals_of_a_company_are_those_of_its_calendar() {
    let company = company(&rep(), &customer(REP, "A1"));
    let spring = company.festivals["spring_festival"].last().unwrap();
    assert_eq!(*spring, (date(2026, 2, 15), date(2026, 2, 23)));
    assert!(!company.festivals.contains_key("anniversary"));
}
