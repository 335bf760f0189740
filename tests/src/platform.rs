//! The platform of a simulated phone: its clocks go wrong as real ones do, its randomness comes from a seed, and its
//! process can die at any call.

use std::{
    any::Any,
    collections::{BTreeMap, btree_map::Entry},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use client_sdk::{
    BootId, ClockReading, KeyHandle, KeyStore, Platform, PlatformError, SoftwareKeyStore, Timestamp,
};
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer as _},
};
use rand::{Rng as _, RngCore as _, SeedableRng as _, rngs::StdRng};
use server::clock::Clock as _;

use crate::clock::SimulatedClock;

/// What unwinds out of a phone's process when it dies.
#[derive(Debug)]
pub struct Death;

/// The clocks, keys and randomness of one phone, made from the true time and a seed.
pub struct SimulatedPlatform {
    clock: Arc<SimulatedClock>,
    hands: Mutex<Hands>,
    random: Mutex<StdRng>,
    /// Each key that has signed: to read one from its handle costs more than to sign with it.
    keys: Mutex<BTreeMap<Vec<u8>, SigningKey>>,
    /// How many calls the process lives on; none if nothing threatens it.
    fuse: Mutex<Option<u32>>,
    /// Whether the app is at work just now; it does not die while it is only looked at.
    at_work: AtomicBool,
}

#[derive(Clone, Copy)]
struct Hands {
    boot: BootId,
    /// The boot clock at `since_ms` of true time.
    boot_ms: u64,
    since_ms: u64,
    drift_ppm: i32,
    skew_ms: i64,
}

impl SimulatedPlatform {
    /// A platform whose clocks are right.
    pub fn new(clock: Arc<SimulatedClock>, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let hands = Hands {
            boot: BootId::from_bytes(random.random()),
            boot_ms: random.random_range(0..1_000_000),
            since_ms: clock.monotonic_ms(),
            drift_ppm: 0,
            skew_ms: 0,
        };
        Self {
            clock,
            hands: Mutex::new(hands),
            random: Mutex::new(random),
            keys: Mutex::default(),
            fuse: Mutex::new(None),
            at_work: AtomicBool::new(false),
        }
    }

    /// Restarts the boot clock.
    pub fn reboot(&self) {
        let boot = BootId::from_bytes(lock(&self.random).random());
        let mut hands = lock(&self.hands);
        (hands.boot, hands.boot_ms, hands.since_ms) = (boot, 0, self.clock.monotonic_ms());
    }

    /// Lets the boot clock run fast (slow if negative) from now on.
    pub fn set_drift(&self, ppm: i32) {
        let boot_ms = self.reading().boot_ms;
        let mut hands = lock(&self.hands);
        (hands.boot_ms, hands.since_ms, hands.drift_ppm) = (boot_ms, self.clock.monotonic_ms(), ppm);
    }

    /// Sets the wall clock that many milliseconds off the truth.
    pub fn set_wall(&self, skew_ms: i64) {
        lock(&self.hands).skew_ms = skew_ms;
    }

    /// Lets the process die at the nth call from now on, counted from 0; never if there is none.
    pub fn die_at(&self, calls: Option<u32>) {
        *lock(&self.fuse) = calls;
    }

    /// Lets the app work: only meanwhile it can die.
    pub fn work<T>(&self, work: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
        self.at_work.store(true, Ordering::Relaxed);
        let worked = catch_unwind(AssertUnwindSafe(work));
        self.at_work.store(false, Ordering::Relaxed);
        worked
    }

    fn reading(&self) -> ClockReading {
        let (now, monotonic_ms) = self.clock.hands();
        let hands = *lock(&self.hands);
        let passed = i128::from(monotonic_ms.saturating_sub(hands.since_ms));
        let shown = passed + passed * i128::from(hands.drift_ppm) / 1_000_000;
        let wall: Timestamp = now.plus_millis(hands.skew_ms);
        ClockReading { boot: hands.boot, boot_ms: hands.boot_ms + shown as u64, wall }
    }

    fn burn(&self) {
        if !self.at_work.load(Ordering::Relaxed) {
            return;
        }
        let mut fuse = lock(&self.fuse);
        match *fuse {
            Some(0) => {
                *fuse = None;
                drop(fuse);
                resume_unwind(Box::new(Death));
            }
            Some(left) => *fuse = Some(left - 1),
            None => {}
        }
    }
}

impl Platform for SimulatedPlatform {
    fn clock(&self) -> ClockReading {
        self.burn();
        self.reading()
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), PlatformError> {
        self.burn();
        lock(&self.random).fill_bytes(buffer);
        Ok(())
    }

    fn keys(&self) -> &dyn KeyStore {
        self
    }
}

impl KeyStore for SimulatedPlatform {
    fn create(&self) -> Result<KeyHandle, PlatformError> {
        self.burn();
        loop {
            let mut secret = [0; 32];
            lock(&self.random).fill_bytes(&mut secret);
            if SecretKey::from_slice(&secret).is_ok() {
                return Ok(KeyHandle::new(secret.to_vec()));
            }
        }
    }

    fn public_key(&self, key: &KeyHandle) -> Result<[u8; 33], PlatformError> {
        SoftwareKeyStore.public_key(key)
    }

    fn sign(&self, key: &KeyHandle, message: &[u8]) -> Result<[u8; 64], PlatformError> {
        self.burn();
        let mut keys = lock(&self.keys);
        let known = match keys.entry(key.as_bytes().to_vec()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let unknown = |_| PlatformError::Key { detail: "the handle is no P-256 secret".into() };
                new.insert(SigningKey::from_slice(key.as_bytes()).map_err(unknown)?)
            }
        };
        let signature: Signature = known.sign(message);
        Ok(signature.to_bytes().into())
    }

    fn delete(&self, key: &KeyHandle) -> Result<(), PlatformError> {
        SoftwareKeyStore.delete(key)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
