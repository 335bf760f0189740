//! A sync from begin to end: the core's state machine between the store and the network.

use std::{sync::atomic::Ordering, time::Duration};

use sync_core::{
    encoding,
    log::{Chain, EntryKind, SignedAnchor, SignedReceipt, limits},
    protocol::{
        Cursor, PullResponse,
        phone::{Finished, PhoneSession, Start, Step, SyncError},
    },
    time::Timestamp,
};

use crate::{
    book::{Book, enrolled},
    error::{Error, Outcome, ReEnrolCause},
    platform::random_bytes,
    store::{self, Enrolment, State},
    sync::{
        SyncReport, apply::apply_page, backoff::wait, problem::Stop, proof::sign, receipt::apply_receipt,
    },
};

/// How often a session that went out of date is begun anew before the sync gives up for now.
const SESSIONS: u32 = 4;
/// How many pages of the feed one session fetches at most; the next sync goes on from there.
const PULL_PAGES: u32 = 10_000;

/// What a sync found out about a server that was restored from a backup.
#[derive(Debug, Clone, Copy)]
struct Restored {
    /// How many entries of this log it holds at most; those behind them are handed over again.
    held: u64,
}

impl Book {
    /// Fetches what is new and sends what waits: two requests when all goes well.
    ///
    /// Being offline is not an error but an [`Outcome`]. A sync that breaks off keeps what it brought, and the next one
    /// goes on from there. Fails with [`Error::ReEnrol`] or [`Error::SignInAgain`] if this device can deliver nothing
    /// more; edits are still taken then, and are made again after the next [`enrol`](Self::enrol). Signing in secure
    /// hardware may block the calling task for half a second.
    ///
    /// Has to run on a Tokio runtime with time and IO enabled.
    pub async fn sync(&self) -> Result<SyncReport, Error> {
        let _one = self.syncing.lock().await;
        let me = self.read(enrolled)?;
        if let Some(cause) = me.re_enrol() {
            return Err(Error::ReEnrol { cause });
        }
        let mut report = SyncReport::empty();
        let mut restored = None;
        for _ in 0..SESSIONS {
            match self.session(&me, restored, &mut report).await {
                Ok(Finished::Committed) => {
                    self.failures.store(0, Ordering::Relaxed);
                    return Ok(report);
                }
                Ok(Finished::PulledOnly) | Err(Stop::Session(SyncError::CursorStuck)) => {
                    return self.later(report, true, None);
                }
                Err(Stop::Offline(_)) => return self.later(report, false, None),
                Err(Stop::Busy(asked)) => return self.later(report, true, asked),
                Err(Stop::Again) => {}
                Err(Stop::CursorAhead) => restored = Some(self.read_anew(&me, restored, u64::MAX)?),
                Err(Stop::Session(SyncError::ServerBehind { held, .. })) => {
                    restored = Some(self.read_anew(&me, restored, held)?);
                }
                Err(Stop::Session(SyncError::Forked { .. })) => {
                    return Err(self.stop_for_good(&me, Error::ReEnrol { cause: ReEnrolCause::Forked })?);
                }
                Err(Stop::Session(error)) => return Err(Error::untrusted(error)),
                Err(Stop::Error(error)) => return Err(self.stop_for_good(&me, error)?),
            }
        }
        self.later(report, true, None)
    }

    async fn session(
        &self,
        me: &Enrolment,
        restored: Option<Restored>,
        report: &mut SyncReport,
    ) -> Result<Finished, Stop> {
        let mut session = PhoneSession::new(self.start(me, restored)?);
        let mut anchor: Option<SignedAnchor> = None;
        let mut asked_ms = 0;
        let mut pages = 0;
        loop {
            match session.poll() {
                Step::Pull(_) if pages == PULL_PAGES => return Err(Stop::Busy(None)),
                Step::Pull(request) => {
                    pages += 1;
                    asked_ms = self.platform.clock().boot_ms;
                    let body = encoding::encode(&request);
                    let answer = self.send_authorized(me, "/v1/pull", body, &mut report.requests).await?;
                    let answer: PullResponse = encoding::decode(&answer).map_err(Error::untrusted)?;
                    let log = |index| {
                        let entry = self.read(|db| store::entry_at(db, me.device, index)).ok().flatten();
                        entry.map(|(hash, _)| hash)
                    };
                    session.handle_pull(&answer, &log).map_err(Stop::Session)?;
                    anchor = answer.anchor.clone();
                    self.writing(|db, writer| apply_page(db, writer, answer, report))?;
                }
                Step::AppendAnchor(_) => {
                    let Some(anchor) = anchor.take() else {
                        return Err(Stop::Session(SyncError::OutOfStep { what: "an anchor" }));
                    };
                    let chain = self.append_anchor(&anchor, asked_ms)?;
                    session.anchor_appended(chain).map_err(Stop::Session)?;
                }
                Step::Sign(statement) => {
                    let signature = sign(&*self.platform, &me.key, statement.hash().as_bytes())?;
                    session.signed(signature).map_err(Stop::Session)?;
                }
                Step::Commit { first, last } => {
                    let count =
                        usize::try_from(last - first + 1).unwrap_or(usize::MAX).min(limits::PAGE_ENTRIES);
                    let entries = self.read(|db| store::entries_from(db, me.device, first, count))?;
                    let entries = entries.into_iter().map(|(_, bytes)| bytes);
                    let page = session.page(entries, self.page_size.bytes()).map_err(Stop::Session)?;
                    let body = encoding::encode(&page);
                    let answer = self
                        .send_authorized(me, "/v1/commit", body, &mut report.requests)
                        .await
                        .map_err(|stop| self.page_size.failed(stop))?;
                    let receipt: SignedReceipt = encoding::decode(&answer).map_err(Error::untrusted)?;
                    session.handle_receipt(&receipt).map_err(Stop::Session)?;
                    self.writing(|db, writer| apply_receipt(db, writer, &receipt, report))?;
                    self.page_size.arrived();
                }
                Step::Done(finished) => return Ok(finished),
            }
        }
    }

    /// Puts the cursor back to the beginning: what the server told since its backup was another story.
    fn read_anew(&self, me: &Enrolment, before: Option<Restored>, held: u64) -> Result<Restored, Error> {
        self.transact(|db| {
            store::forget_as_of(db)?;
            store::set_cursor(db, me.device, Cursor(0), None)
        })?;
        Ok(Restored { held: before.map_or(held, |before| before.held.min(held)) })
    }

    fn start(&self, me: &Enrolment, restored: Option<Restored>) -> Result<Start, Error> {
        let nonce = random_bytes(&*self.platform)?;
        self.read(|db| {
            let receipted = store::first_open(db, me.device)?;
            let now = enrolled(db)?;
            Ok(Start {
                tenant: me.tenant,
                device: me.device,
                server: me.server_key,
                cursor: now.cursor,
                run: now.run,
                nonce,
                chain: store::chain(db, me.device)?,
                receipted: restored.map_or(receipted, |restored| restored.held.min(receipted)),
                seen: store::seen_anchor(db, me.device)?,
                shown: match restored {
                    Some(_) => store::anchors_of(db, me.device, limits::OPEN_ANCHORS)?,
                    None => Vec::new(),
                },
            })
        })
    }

    /// Ends the log with the anchor of this session.
    fn append_anchor(&self, anchor: &SignedAnchor, asked_ms: u64) -> Result<Chain, Error> {
        self.writing(|db, writer| {
            store::keep_anchor(db, anchor, writer.clock)?;
            let round_trip = writer.clock.boot_ms.saturating_sub(asked_ms);
            let kind = EntryKind::Anchor {
                anchor: anchor.anchor.hash(),
                round_trip_ms: u32::try_from(round_trip).unwrap_or(u32::MAX),
            };
            let device = writer.me.device;
            store::append(db, device, writer.clock, anchor.anchor.time, kind, None)?;
            store::chain(db, device)
        })
    }

    fn later(
        &self,
        mut report: SyncReport,
        busy: bool,
        asked: Option<Duration>,
    ) -> Result<SyncReport, Error> {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let wait = wait(failures, asked, random_bytes(&*self.platform)?);
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let retry_at: Timestamp = self.platform.clock().wall.plus_millis(wait_ms);
        report.outcome = if busy { Outcome::Busy { retry_at } } else { Outcome::Offline { retry_at } };
        Ok(report)
    }

    /// Remembers that this device is done for, if the error says so, and gives the error back.
    fn stop_for_good(&self, me: &Enrolment, error: Error) -> Result<Error, Error> {
        if let Error::ReEnrol { cause } = &error {
            let state = match cause {
                ReEnrolCause::Forked => State::Forked,
                ReEnrolCause::Revoked => State::Revoked,
            };
            self.transact(|db| store::set_state(db, me.device, state))?;
        }
        Ok(error)
    }
}
