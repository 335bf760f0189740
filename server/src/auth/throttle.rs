//! Slows down those who guess passwords and codes: attempts per account and address, in bounded memory.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sync_core::hash::Hash;

/// No more accounts and addresses than this are remembered each.
const MAX_REMEMBERED: usize = 16_384;

/// How many attempts may come at once, and how soon each is given back.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    attempts: u64,
    refill_ms: u64,
}

const PER_ACCOUNT_AND_ADDRESS: Allowance = Allowance { attempts: 10, refill_ms: 30_000 };
/// Guessing from many addresses at once stays bounded too.
const PER_ACCOUNT: Allowance = Allowance { attempts: 100, refill_ms: 30_000 };
const PER_ADDRESS: Allowance = Allowance { attempts: 60, refill_ms: 2_000 };

/// How long an address stays familiar to an account whose owner has signed in from it.
const FAMILIAR_MS: u64 = 30 * 24 * 3_600_000;

/// An account as it is attempted from one address.
type Pair = (Hash, IpAddr);

/// Too many attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts, the next in {retry_after_s} s")]
pub struct Throttled {
    /// Whole seconds until the next attempt is looked at.
    pub retry_after_s: u64,
}

/// Remembers recent attempts; the times are milliseconds of the monotonic clock.
#[derive(Debug, Default)]
pub struct Throttle {
    // For each key, when it will have its whole allowance back; in order, so that who is forgotten is no accident.
    pairs: Mutex<BTreeMap<Pair, u64>>,
    accounts: Mutex<BTreeMap<Hash, u64>>,
    addresses: Mutex<BTreeMap<IpAddr, u64>>,
    // From where owners have signed in, and until when that counts.
    familiar: Mutex<BTreeMap<Pair, u64>>,
}

impl Throttle {
    /// Starts with nobody remembered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names an account as it is counted, so that blanks around what was typed do not make it another one.
    pub fn account(company: &str, login: &str) -> String {
        format!("{}/{}", company.trim(), login.trim())
    }

    /// Takes one attempt at an account from an address, before anything is looked up, or says how long to wait.
    ///
    /// The account is what the client typed, whether it exists or not. Whoever guesses uses up the attempts of their own
    /// address, so a stranger cannot lock the owner out; and where the owner has signed in before, what strangers guess
    /// elsewhere does not count at all.
    pub fn attempt(&self, account: &str, address: IpAddr, monotonic_ms: u64) -> Result<(), Throttled> {
        let address = network(address);
        let account = account_key(account);
        take(&mut lock(&self.addresses), address, PER_ADDRESS, monotonic_ms)?;
        take(&mut lock(&self.pairs), (account, address), PER_ACCOUNT_AND_ADDRESS, monotonic_ms)?;
        let until_ms = lock(&self.familiar).get(&(account, address)).copied();
        if until_ms.is_some_and(|until_ms| until_ms > monotonic_ms) {
            return Ok(());
        }
        take(&mut lock(&self.accounts), account, PER_ACCOUNT, monotonic_ms)
    }

    /// Forgets the attempts at an account from an address whose owner has signed in from there; those of the address
    /// at other accounts stay.
    pub fn succeeded(&self, account: &str, address: IpAddr, monotonic_ms: u64) {
        let pair = (account_key(account), network(address));
        lock(&self.pairs).remove(&pair);
        let mut familiar = lock(&self.familiar);
        make_room(&mut familiar, pair, monotonic_ms);
        familiar.insert(pair, monotonic_ms.saturating_add(FAMILIAR_MS));
    }
}

fn take<K: Copy + Ord>(
    remembered: &mut BTreeMap<K, u64>,
    key: K,
    allowance: Allowance,
    now_ms: u64,
) -> Result<(), Throttled> {
    let whole_again_ms = remembered.get(&key).copied().unwrap_or(0).max(now_ms) + allowance.refill_ms;
    let wait_ms = whole_again_ms.saturating_sub(now_ms + allowance.attempts * allowance.refill_ms);
    if wait_ms > 0 {
        return Err(Throttled { retry_after_s: wait_ms.div_ceil(1_000) });
    }
    make_room(remembered, key, now_ms);
    remembered.insert(key, whole_again_ms);
    Ok(())
}

/// Lets go of one that is remembered, if there is no room for another.
fn make_room<K: Copy + Ord>(remembered: &mut BTreeMap<K, u64>, key: K, now_ms: u64) {
    if remembered.len() < MAX_REMEMBERED || remembered.contains_key(&key) {
        return;
    }
    remembered.retain(|_, over_ms| *over_ms > now_ms);
    // A flood of names must not push out the ones under attack: the one that is over first goes.
    let first = remembered.iter().min_by_key(|(_, over_ms)| **over_ms).map(|(key, _)| *key);
    if let Some(first) = first.filter(|_| remembered.len() >= MAX_REMEMBERED) {
        remembered.remove(&first);
    }
}

/// Whoever has an IPv6 address has the 2^64 beside it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

fn account_key(account: &str) -> Hash {
    Hash::of("fieldbook/throttle/1", &[account.trim().to_lowercase().as_bytes()])
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn a_stranger_who_guesses_does_not_lock_the_owner_out() {
        let throttle = Throttle::new();
        for _ in 0..10 {
            assert_eq!(throttle.attempt("li", address(1), 0), Ok(()));
        }
        assert_eq!(throttle.attempt(" LI ", address(1), 0), Err(Throttled { retry_after_s: 30 }));
        assert_eq!(throttle.attempt("li", address(1), 29_001), Err(Throttled { retry_after_s: 1 }));
        assert_eq!(throttle.attempt("li", address(2), 0), Ok(()));
        assert_eq!(throttle.attempt("wang", address(1), 29_001), Ok(()));
        assert_eq!(throttle.attempt("li", address(1), 30_000), Ok(()));
    }

    #[test]
    fn guessing_at_one_account_is_slowed_from_wherever_it_comes() {
        let throttle = Throttle::new();
        for n in 0..100 {
            assert_eq!(throttle.attempt("li", address(n), 0), Ok(()));
        }
        assert_eq!(throttle.attempt("li", address(200), 0), Err(Throttled { retry_after_s: 30 }));
        assert_eq!(throttle.attempt("wang", address(200), 0), Ok(()));
        assert_eq!(throttle.attempt("li", address(200), 30_000), Ok(()));
    }

    #[test]
    fn many_strangers_do_not_lock_the_owner_out_of_where_they_signed_in_before() {
        let throttle = Throttle::new();
        throttle.attempt("li", address(250), 0).unwrap();
        throttle.succeeded("li", address(250), 0);
        for n in 0..100 {
            // One attempt of the account's was the owner's own.
            let _ = throttle.attempt("li", address(n), 0);
        }
        assert!(throttle.attempt("li", address(251), 0).is_err());
        assert_eq!(throttle.attempt("li", address(250), 0), Ok(()));
        for _ in 0..9 {
            throttle.attempt("li", address(250), 0).unwrap();
        }
        assert!(
            throttle.attempt("li", address(250), 0).is_err(),
            "a familiar address has no more than its own"
        );
        assert!(
            throttle.attempt("li", address(250), FAMILIAR_MS).is_ok(),
            "the others' attempts are over by then"
        );
    }

    #[test]
    fn blanks_and_capitals_do_not_make_another_account() {
        let throttle = Throttle::new();
        for n in 0..10 {
            let typed = Throttle::account(&" ".repeat(n), &format!("{}Li", " ".repeat(n)));
            assert_eq!(throttle.attempt(&typed, address(1), 0), Ok(()));
        }
        assert!(throttle.attempt(&Throttle::account("", "li"), address(1), 0).is_err());
    }

    #[test]
    fn one_address_cannot_try_many_accounts() {
        let throttle = Throttle::new();
        for n in 0..60 {
            assert_eq!(throttle.attempt(&format!("user {n}"), address(1), 0), Ok(()));
        }
        assert_eq!(throttle.attempt("user 60", address(1), 0), Err(Throttled { retry_after_s: 2 }));
        assert_eq!(throttle.attempt("user 60", address(2), 0), Ok(()));
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_address() {
        let throttle = Throttle::new();
        for n in 0..60_u16 {
            let address = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, n]);
            assert_eq!(throttle.attempt(&format!("user {n}"), address, 0), Ok(()));
        }
        let neighbour = IpAddr::from([0x2001, 0xdb8, 0, 0, 9, 9, 9, 9]);
        assert!(throttle.attempt("user 60", neighbour, 0).is_err());
    }

    #[test]
    fn signing_in_gives_the_account_its_attempts_back() {
        let throttle = Throttle::new();
        for _ in 0..10 {
            throttle.attempt("li", address(1), 0).unwrap();
        }
        throttle.succeeded("li", address(1), 0);
        assert_eq!(throttle.attempt("li", address(1), 0), Ok(()));
    }

    #[test]
    fn a_flood_of_names_neither_grows_the_memory_nor_frees_the_one_under_attack() {
        let mut remembered = BTreeMap::new();
        for _ in 0..10 {
            take(&mut remembered, 0_u32, PER_ACCOUNT_AND_ADDRESS, 0).unwrap();
        }
        for name in 1..u32::try_from(MAX_REMEMBERED).unwrap() + 50 {
            take(&mut remembered, name, PER_ACCOUNT_AND_ADDRESS, 0).unwrap();
        }
        assert_eq!(remembered.len(), MAX_REMEMBERED);
        assert!(take(&mut remembered, 0, PER_ACCOUNT_AND_ADDRESS, 0).is_err());
    }
}
