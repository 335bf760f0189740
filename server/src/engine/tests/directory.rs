//! The directory: what must not be put in, and what must not get lost.

use std::sync::Arc;

use sync_core::{
    calendar::CN,
    directory::{Customer, Role, User},
    id::CustomerId,
    rules::Company,
    time::Timestamp,
};

use super::{
    super::fixture::{DAY_MS, START, World},
    EngineError,
};

fn user(world: &World, login: &str) -> User {
    world.engine.view(world.tenant).user_by_login(login).unwrap().unwrap()
}

#[tokio::test]
async fn logins_that_are_swapped_in_one_batch_both_open_their_new_owners() {
    let world = World::new().await;
    let (wang, li) = (user(&world, "wang"), user(&world, "li"));
    let swapped = vec![
        User { login: "li".to_owned(), ..wang.clone() },
        User { login: "wang".to_owned(), ..li.clone() },
    ];
    world.engine.put_users(world.tenant, None, swapped).await.unwrap();
    assert_eq!((user(&world, "li").id, user(&world, "wang").id), (wang.id, li.id));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn customer_numbers_that_are_swapped_in_one_batch_both_lead_to_their_new_customers() {
    let world = World::new().await;
    let view = || world.engine.view(world.tenant);
    let first = view().customer(world.customer).unwrap().unwrap();
    let second =
        Customer { id: CustomerId::from_bytes([8; 16]), number: "K-002".to_owned(), ..first.clone() };
    world.engine.put_customers(world.tenant, None, vec![second.clone()]).await.unwrap();
    let swapped = vec![
        Customer { number: "K-002".to_owned(), ..first.clone() },
        Customer { number: "K-001".to_owned(), ..second.clone() },
    ];
    world.engine.put_customers(world.tenant, None, swapped).await.unwrap();
    let at = |number: &str| view().customer_by_number(number).unwrap().map(|customer| customer.id);
    assert_eq!((at("K-001"), at("K-002")), (Some(second.id), Some(first.id)));

    let same = vec![Customer { number: "K-001".to_owned(), ..first }];
    let taken = world.engine.put_customers(world.tenant, None, same).await;
    assert!(matches!(taken, Err(EngineError::Invalid(_))), "{taken:?}");
    let new =
        |id| Customer { id: CustomerId::from_bytes([id; 16]), number: "K-003".to_owned(), ..second.clone() };
    let twice = world.engine.put_customers(world.tenant, None, vec![new(20), new(21)]).await;
    assert!(matches!(twice, Err(EngineError::Invalid(_))), "{twice:?}");
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_customer_that_stands_in_a_batch_twice_is_refused_and_nothing_is_put() {
    let world = World::new().await;
    let view = || world.engine.view(world.tenant);
    let first = view().customer(world.customer).unwrap().unwrap();
    let second = Customer { name: "另一个".to_owned(), ..first.clone() };
    let put = world.engine.put_customers(world.tenant, None, vec![second.clone(), second]).await;
    assert!(matches!(put, Err(EngineError::Invalid(_))));
    assert_eq!(view().customer(world.customer).unwrap().unwrap(), first);
}

#[tokio::test]
async fn the_directory_remembers_owners_grades_and_leavers_from_the_time_they_changed() {
    let world = World::new().await;
    let view = || world.engine.view(world.tenant);
    let first = view().customer(world.customer).unwrap().unwrap();
    assert_eq!((&first.owners, &first.grades), (&Vec::new(), &Vec::new()));
    world.pass(DAY_MS);
    let second = Customer { owner: Some(world.other_rep), grade: "B1".to_owned(), ..first.clone() };
    // What a caller says of the past is not taken.
    let claimed = Customer { grades: vec![(Timestamp::from_millis(1), "D".to_owned())], ..second.clone() };
    world.engine.put_customers(world.tenant, None, vec![claimed]).await.unwrap();
    let changed = START.plus_millis(DAY_MS as i64);
    let known = view().customer(world.customer).unwrap().unwrap();
    let beginning = Timestamp::from_millis(0);
    assert_eq!(known.owners, [(beginning, first.owner), (changed, Some(world.other_rep))]);
    assert_eq!(known.grades, [(beginning, "A1".to_owned()), (changed, "B1".to_owned())]);
    world.engine.put_customers(world.tenant, None, vec![second]).await.unwrap();
    assert_eq!(view().customer(world.customer).unwrap().unwrap(), known, "nothing changed");

    let li = user(&world, "li");
    world.engine.put_users(world.tenant, None, vec![User { active: false, ..li.clone() }]).await.unwrap();
    assert_eq!(user(&world, "li").until, Some(changed));
    world.pass(DAY_MS);
    let renamed = User { active: false, name: "李".to_owned(), ..li };
    world.engine.put_users(world.tenant, None, vec![renamed]).await.unwrap();
    assert_eq!(user(&world, "li").until, Some(changed), "still gone since then");
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_company_is_made_once_for_each_version_of_the_directory() {
    let world = World::new().await;
    let view = || world.engine.view(world.tenant);
    let before = view().company().unwrap();
    assert!(Arc::ptr_eq(&before, &view().company().unwrap()));
    assert!(before.festivals.contains_key("spring_festival"));

    let wang = User { posts: vec!["ka_specialist".to_owned()], ..user(&world, "wang") };
    world.engine.put_users(world.tenant, None, vec![wang.clone()]).await.unwrap();
    let after = view().company().unwrap();
    let holders = |company: &Company| company.holders("ka_specialist", START).collect::<Vec<_>>();
    assert_eq!((holders(&before), holders(&after)), (vec![], vec![wang.id]));
    let version = view().directory_version().unwrap();
    world.pass(DAY_MS);
    let customer = view().customer(world.customer).unwrap().unwrap();
    let customer = Customer { tags: vec!["招投标".to_owned()], ..customer };
    world.engine.put_customers(world.tenant, None, vec![customer]).await.unwrap();
    assert_ne!(view().directory_version().unwrap(), version);
    assert_eq!(view().company().unwrap().tags(world.customer).len(), 1);
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn posts_and_tags_that_no_rule_could_name_are_refused() {
    let world = World::new().await;
    let wang = user(&world, "wang");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let many: Vec<String> = (0..=32).map(|number| number.to_string()).collect();
    for posts in [words(&["KA"]), words(&["专员"]), words(&[""]), words(&["a", "a"]), many[..17].to_vec()] {
        let said = User { posts: posts.clone(), ..wang.clone() };
        let refused = world.engine.put_users(world.tenant, None, vec![said]).await;
        assert!(matches!(refused, Err(EngineError::Invalid(_))), "{posts:?}: {refused:?}");
    }
    let customer = world.engine.view(world.tenant).customer(world.customer).unwrap().unwrap();
    for tags in [words(&["Tender"]), words(&["招 投 标"]), words(&["a", "b", "a"]), many] {
        let said = Customer { tags: tags.clone(), ..customer.clone() };
        let refused = world.engine.put_customers(world.tenant, None, vec![said]).await;
        assert!(matches!(refused, Err(EngineError::Invalid(_))), "{tags:?}: {refused:?}");
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new().await;
    let admin = user(&world, "admin");
    for last in [User { active: false, ..admin.clone() }, User { role: Role::Manager, ..admin.clone() }] {
        let refused = world.engine.put_users(world.tenant, None, vec![last]).await;
        assert!(matches!(refused, Err(EngineError::Invalid(_))), "{refused:?}");
    }
    let second = User { role: Role::Admin, ..user(&world, "audit") };
    let gone = User { active: false, ..admin };
    world.engine.put_users(world.tenant, None, vec![second, gone]).await.unwrap();
    assert!(!user(&world, "admin").active);
}

#[tokio::test]
async fn a_calendar_cannot_alter_a_day_by_which_was_judged_already() {
    let world = World::new().await;
    let (year, ics) = CN[3];
    let event = "BEGIN:VEVENT\r\nSUMMARY:上班\r\nDTSTART;VALUE=DATE:20261129\r\nDTEND;VALUE=DATE:20261130\r\n\
                 DTSTAMP;VALUE=DATE:20261129\r\nUID:x\r\nEND:VEVENT\r\nEND:VCALENDAR";
    let more = |day: &str, next: &str| {
        ics.replace("END:VCALENDAR", &event.replace("20261130", next).replace("20261129", day))
    };
    let put = |ics: String| put_calendar(&world, year, ics);
    // Today is Tuesday the 17th; both are Sundays.
    put(more("20261129", "20261130")).await.unwrap();
    put(ics.to_owned()).await.unwrap();
    let refused = put(more("20261115", "20261116")).await;
    let Err(EngineError::Rules(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("2026-11-15"), "{why}");
    world.pass(12 * DAY_MS);
    assert!(put(more("20261129", "20261130")).await.is_err(), "today has begun");
    assert_eq!(world.engine.view(world.tenant).calendars().unwrap()[3].1, ics);
}

#[tokio::test]
async fn the_calendar_of_a_year_not_yet_held_is_taken() {
    let world = World::new().await;
    let next = CN[3].1.replace("2026", "2027");
    put_calendar(&world, 2027, next.clone()).await.unwrap();
    let into_the_past = next.replace("DATE:20270101", "DATE:20261101");
    assert_ne!(next, into_the_past);
    put_calendar(&world, 2028, into_the_past.replace("2027", "2028")).await.unwrap_err();
}

async fn put_calendar(world: &World, year: i16, ics: String) -> Result<(), EngineError> {
    world.engine.put_calendar(world.tenant, None, year, &ics).await
}
