//! The line: what an app's requests go into. Nothing moves on it until the network says so.

use std::sync::{Mutex, PoisonError};

use client_sdk::{Answer, Request, Response, Transport, Unreachable};
use tokio::sync::oneshot;

/// A request on its way, and where its answer is waited for.
pub(super) struct Sent {
    pub(super) request: Request,
    pub(super) answer: oneshot::Sender<Result<Response, Unreachable>>,
}

/// One app's end of the network.
#[derive(Default)]
pub(super) struct Line {
    sent: Mutex<Vec<Sent>>,
}

impl Line {
    /// Takes the requests that were sent since the last call.
    pub(super) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transport for Line {
    fn send(&self, request: Request) -> Answer<'_> {
        let (answer, answered) = oneshot::channel();
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(Sent { request, answer });
        Box::pin(async move {
            answered.await.unwrap_or_else(|_| Err(Unreachable("the network forgot the request".to_owned())))
        })
    }
}
