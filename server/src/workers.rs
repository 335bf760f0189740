//! Workers: where work is done that takes a processor or waits for a disk.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Where long work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// On threads beside those that wait for the network.
    Threads,
    /// On the caller's thread, so that a simulation has but one and repeats itself.
    Inline,
}

/// A bug: the work panicked and nothing was kept of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the work panicked: {0}")]
pub struct Panicked(pub String);

impl Workers {
    /// Does work to its end and gives what came of it.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        match self {
            Self::Threads => {
                tokio::task::spawn_blocking(work).await.map_err(|error| Panicked(error.to_string()))
            }
            // What panicked is dropped here, as it is with its thread.
            Self::Inline => {
                catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Panicked(panic_text(&*panic)))
            }
        }
    }
}

/// What a panic says.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    literal.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_and_a_panic_is_told_wherever_it_is_done() {
        for workers in [Workers::Threads, Workers::Inline] {
            assert_eq!(workers.run(|| 6 * 7).await, Ok(42));
            let panicked: Result<(), _> = workers.run(|| panic!("broke")).await;
            assert!(panicked.unwrap_err().0.contains("broke"), "{workers:?}");
        }
    }

    #[tokio::test]
    async fn inline_work_stays_on_its_thread() {
        let here = std::thread::current().id();
        let there = Workers::Inline.run(|| std::thread::current().id()).await.unwrap();
        assert_eq!(there, here);
        assert_ne!(Workers::Threads.run(|| std::thread::current().id()).await.unwrap(), here);
    }
}
