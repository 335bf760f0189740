//! On a simulated host the server repeats itself to the byte.

use std::{
    future::Future,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{body::Body, http::Request};
use sync_core::{hash::Hash, time::Timestamp};
use tower::ServiceExt as _;

use super::Host;
use crate::{
    app::Opened,
    clock::ManualClock,
    config::Config,
    engine::Founding,
    journal::{self, Position},
    randomness::{NoRandomness, Randomness},
    store::{Committing, EmbeddedStore, Store as _},
    workers::Workers,
};

/// Draws a row of hashes.
#[derive(Debug)]
struct Seeded {
    seed: u64,
    drawn: AtomicU64,
}

impl Randomness for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(32) {
            let number = self.drawn.fetch_add(1, Ordering::SeqCst);
            let hash = Hash::of("seeded", &[&self.seed.to_be_bytes(), &number.to_be_bytes()]);
            chunk.copy_from_slice(&hash.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

fn simulated(seed: u64) -> Host {
    let clock = ManualClock::at(Timestamp::from_millis(1_772_524_800_000));
    Host {
        randomness: Arc::new(Seeded { seed, drawn: AtomicU64::new(0) }),
        workers: Workers::Inline,
        committing: Committing::ByHand,
        ..Host::in_memory(Arc::new(clock))
    }
}

/// Waits for something, and writes the journal whenever nothing else can go on.
async fn drive<T>(store: &EmbeddedStore, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::task::yield_now() => store.commit_waiting(),
        };
    }
}

/// What one server writes and says: its journal, its key, and a code and a session it gave.
async fn life(seed: u64) -> (Vec<(Position, Vec<u8>)>, Vec<u8>, String) {
    let (host, config) = (simulated(seed), Arc::new(Config::default()));
    let opened = Opened::open(&config, &host).unwrap();
    let Opened { engine, store, .. } = &opened;
    let founded = drive(store, engine.found(Founding::key_account_visits("Northwind"))).await.unwrap();
    let (tenant, admin) = (founded.tenant, founded.admin);
    let (code, _) = drive(store, engine.draw_enrolment_code(tenant, None, admin)).await.unwrap();
    drive(store, engine.set_password(tenant, None, admin, "a long walk home", false)).await.unwrap();
    let request = Request::post("/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from("login=admin&password=a+long+walk+home"))
        .unwrap();
    let answer = drive(store, opened.router(&config).oneshot(request)).await.unwrap();
    let cookie = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
    let records = store.read_journal(Position::FIRST, usize::MAX).unwrap();
    let key = host.disk.read(&config.data_dir.join("server-key")).unwrap();
    assert_eq!(journal::verify(&*host.disk, Path::new(&config.data_dir)).unwrap().damage, None);
    (records, key, format!("{} {} {cookie:?}", code.expose(), answer.status()))
}

#[tokio::test]
async fn two_servers_of_one_seed_write_and_say_the_same_bytes() {
    let (first, again, other) = (life(1).await, life(1).await, life(2).await);
    assert!(first.0.len() > 5 && first.2.contains("fieldbook="), "{}", first.2);
    assert_eq!(first, again);
    assert_ne!(first.0, other.0);
    assert_ne!(first.1, other.1);
}
