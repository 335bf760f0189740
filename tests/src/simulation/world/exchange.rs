//! The exchanges: requests and answers on their way through the network.

use client_sdk::{Request, Response, Unreachable};
use tokio::sync::oneshot;

use super::{Happening, World};
use crate::simulation::{
    line::Sent,
    network::{Caller, PATIENCE_MS},
    reached::Rare,
};

/// A request that somebody waits for.
pub(super) struct Exchange {
    caller: Caller,
    request: Request,
    answer_ms: Option<u64>,
    answer: Option<oneshot::Sender<Result<Response, Unreachable>>>,
    /// How many copies of it are still on their way, also when nobody waits for the answer any more.
    copies_left: usize,
}

impl World<'_> {
    pub(super) fn send(&mut self, caller: Caller, sent: Sent) {
        let in_dead_spot = match caller {
            Caller::Phone(phone) => self.handsets[phone].vanished_until_ms > self.now_ms(),
            Caller::Liar(_) => false,
        };
        let fate = self.network.fate(caller, in_dead_spot);
        self.happenings += 1;
        let exchange = self.happenings;
        match fate.arrivals_ms.len() {
            0 => self.reached.note(Rare::RequestLost),
            1 => {}
            _ => self.reached.note(Rare::RequestDoubled),
        }
        for wait in &fate.arrivals_ms {
            if *wait > 3_600_000 {
                self.reached.note(Rare::RequestDelayed);
            }
            self.plan_in(*wait, Happening::Arrives { exchange });
        }
        self.plan_in(PATIENCE_MS, Happening::GivenUp { exchange });
        let exchanged = Exchange {
            caller,
            request: sent.request,
            answer_ms: fate.answer_ms,
            answer: Some(sent.answer),
            copies_left: fate.arrivals_ms.len(),
        };
        self.exchanges.insert(exchange, exchanged);
    }

    pub(super) fn arrives(&mut self, exchange: u64) {
        if let Some(exchanged) = self.exchanges.get_mut(&exchange) {
            exchanged.copies_left -= 1;
            self.invariants.sees_request(&exchanged.request);
            if self.machine.is_up() {
                self.machine.handle(exchange, &exchanged.request);
            }
        }
        self.forget(exchange);
    }

    pub(super) fn send_answer(&mut self, exchange: u64, response: Response) {
        let Some(exchanged) = self.exchanges.get(&exchange) else { return };
        match exchanged.answer_ms {
            Some(wait) => self.plan_in(wait, Happening::Answers { exchange, response }),
            None => self.reached.note(Rare::AnswerLost),
        }
    }

    pub(super) fn answers(&mut self, exchange: u64, response: Response) -> anyhow::Result<()> {
        if let Some(exchanged) = self.exchanges.get_mut(&exchange)
            && let Some(answer) = exchanged.answer.take()
        {
            let tenant = match exchanged.caller {
                Caller::Phone(phone) => self.story.phones[phone].tenant,
                Caller::Liar(liar) => self.story.liars[liar].tenant,
            };
            self.invariants.sees_answer(
                &self.machine,
                &mut self.truth,
                &exchanged.request,
                &response,
                tenant,
            )?;
            let _ = answer.send(Ok(response));
        }
        self.forget(exchange);
        Ok(())
    }

    pub(super) fn given_up(&mut self, exchange: u64) {
        if let Some(answer) = self.exchanges.get_mut(&exchange).and_then(|e| e.answer.take()) {
            // Whoever waited may be gone.
            let _ = answer.send(Err(Unreachable("no answer came".to_owned())));
        }
        self.forget(exchange);
    }

    /// Drops an exchange once nothing of it can happen any more.
    fn forget(&mut self, exchange: u64) {
        if self.exchanges.get(&exchange).is_some_and(|e| e.answer.is_none() && e.copies_left == 0) {
            self.exchanges.remove(&exchange);
        }
    }
}
