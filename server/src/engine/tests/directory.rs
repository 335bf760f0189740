//! The directory: what must not be put in, and what must not get lost.

use sync_core::{
    calendar::CN,
    directory::{Customer, Role, User},
    id::CustomerId,
};

use super::{
    super::fixture::{DAY_MS, World},
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
