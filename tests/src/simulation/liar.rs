//! A liar: a phone whose holder controls all of it, enrolled as it should be.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use client_sdk::{VisitId};

use super::{
    handset::URL,
    line::Line,
    reached::Reached,
    story::Carrier,
    truth::Truth,
};
use crate::{HostilePhone, SimulatedClock, hostile::lies::Lie, platform::SimulatedPlatform};

/// One hostile phone.
pub(super) struct Liar {
    pub(super) carrier: Carrier,
    pub(super) line: Arc<Line>,
    platform: Arc<SimulatedPlatform>,
    clock: Arc<SimulatedClock>,
    phone: Arc<tokio::sync::Mutex<Option<HostilePhone>>>,
    trying: Option<Pin<Box<dyn Future<Output = anyhow::Result<String>>>>>,
}

impl Liar {
    pub(super) fn new(carrier: Carrier, clock: Arc<SimulatedClock>, seed: u64) -> Self {
        Self {
            carrier,
            line: Arc::default(),
            platform: Arc::new(SimulatedPlatform::new(Arc::clone(&clock), seed)),
            clock,
            phone: Arc::default(),
            trying: None,
        }
    }

    /// Begins to try something, unless it is still trying something else.
    pub(super) fn tell(&mut self, lie: Lie, code: Option<String>, victims: Vec<VisitId>, seed: u64) {
        if self.trying.is_some() {
            return;
        }
        let (phone, line, clock) = (Arc::clone(&self.phone), Arc::clone(&self.line), Arc::clone(&self.clock));
        let platform = Arc::clone(&self.platform);
        self.trying = Some(Box::pin(async move {
            let mut phone = phone.lock().await;
            if phone.is_none() {
                let Some(code) = code else { return Ok("has no code left".to_owned()) };
                let key = client_sdk::KeyStore::create(&*platform)?;
                let enrolled = HostilePhone::enrol_over(line as _, clock, URL.to_owned(), key, &code, "liar").await;
                match enrolled {
                    Ok(enrolled) => *phone = Some(enrolled),
                    Err(error) => return Ok(format!("is not enrolled: {error}")),
                }
            }
            let _ = (lie, victims, seed);
            Ok("did nothing".to_owned())
        }));
    }

    /// Lets it go on; gives what came of it once it is over. An error means that a lie was believed.
    pub(super) fn poll(&mut self) -> anyhow::Result<Option<String>> {
        let Some(trying) = &mut self.trying else { return Ok(None) };
        match trying.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Ok(None),
            Poll::Ready(said) => {
                self.trying = None;
                said.map(Some)
            }
        }
    }

    /// Tells the truth about what it did, to those who judge the world.
    pub(super) fn confess(&mut self, truth: &mut Truth, _reached: &mut Reached) -> anyhow::Result<()> {
        if let Ok(phone) = self.phone.try_lock()
            && let Some(phone) = &*phone
        {
            truth.liars.insert(phone.author.device);
        }
        Ok(())
    }
}
