//! A sync seen from the phone: what to do next, and what the answers mean.

use crate::{
    encoding::Bytes,
    hash::Hash,
    id::{DeviceId, RunId, TenantId},
    log::{Chain, Commit, Entry, PageId, ServerKey, SignedAnchor, SignedReceipt, Statement, limits},
    protocol::{Cursor, PullRequest, PullResponse, phone::SyncError},
    time::Timestamp,
};

/// What a sync starts from, all of it from the phone's store.
#[derive(Debug, Clone)]
pub struct Start {
    /// The company.
    pub tenant: TenantId,
    /// This device.
    pub device: DeviceId,
    /// The server's key, pinned when the device was enrolled.
    pub server: ServerKey,
    /// Where the last pull ended.
    pub cursor: Cursor,
    /// The run of the server that answered it.
    pub run: Option<RunId>,
    /// Sixteen fresh random bytes.
    pub nonce: [u8; 16],
    /// How far the log goes.
    pub chain: Chain,
    /// Index of the first entry without a receipt.
    pub receipted: u64,
    /// The newest anchor that was ever received; `None` before the first.
    pub seen: Option<SeenAnchor>,
    /// The newest anchors of this device, oldest first, after a sync that found the server restored from a backup; else
    /// empty.
    pub shown: Vec<SignedAnchor>,
}

/// What has to be remembered of the newest anchor that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenAnchor {
    /// Its sequence number.
    pub sequence: u64,
    /// Its time.
    pub time: Timestamp,
}

/// What to do next. Asking twice gives the same step, so a failed request is simply made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this; give the answer to [`PhoneSession::handle_pull`], then store its items and its cursor together.
    Pull(PullRequest),
    /// Append an anchor entry with this hash to the log, make it durable with the anchor itself, then call
    /// [`PhoneSession::anchor_appended`].
    AppendAnchor(Hash),
    /// Sign the hash of this statement with the device key, then call [`PhoneSession::signed`].
    Sign(Statement),
    /// Make a page with [`PhoneSession::page`] from the entries from `first` up to and including `last`, or fewer, and
    /// send it; give the answer to [`PhoneSession::handle_receipt`].
    Commit {
        /// Index of the page's first entry.
        first: u64,
        /// Index of the last entry it may hold.
        last: u64,
    },
    /// Nothing: the sync is over.
    Done(Finished),
}

/// How a sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// The server holds the log up to this session's anchor.
    Committed,
    /// Everything was pulled, but the server takes no commits at the moment.
    PulledOnly,
}

/// One sync: two requests when all goes well, more when there is much to fetch or to hand over.
#[derive(Debug)]
pub struct PhoneSession {
    start: Start,
    state: State,
}

#[derive(Debug)]
enum State {
    Pulling,
    Anchoring { anchor: Hash, held: u64 },
    Signing { statement: Statement, held: u64 },
    Committing { statement: Statement, signature: [u8; 64], held: u64, sent: Option<PageId> },
    Done(Finished),
}

impl PhoneSession {
    /// Begins a sync.
    pub fn new(start: Start) -> Self {
        Self { start, state: State::Pulling }
    }

    /// What to do next.
    pub fn poll(&self) -> Step {
        match &self.state {
            State::Pulling => Step::Pull(PullRequest {
                cursor: self.start.cursor,
                nonce: self.start.nonce,
                seen: self.start.seen.map(|seen| seen.sequence),
                shown: (!self.start.shown.is_empty()).then(|| self.start.shown.clone()),
                run: self.start.run,
            }),
            State::Anchoring { anchor, .. } => Step::AppendAnchor(*anchor),
            State::Signing { statement, .. } => Step::Sign(statement.clone()),
            State::Committing { statement, held, sent, .. } => Step::Commit {
                first: self.start.receipted,
                last: self.repeated_last(*held, *sent).unwrap_or(statement.last),
            },
            State::Done(finished) => Step::Done(*finished),
        }
    }

    /// Index of the first entry without a receipt.
    pub fn receipted(&self) -> u64 {
        self.start.receipted
    }

    /// The newest anchor that was received, to be stored for the next sync.
    pub fn seen(&self) -> Option<SeenAnchor> {
        self.start.seen
    }

    /// Checks an answer to a pull. `log` gives the hash of an entry of this phone's log.
    ///
    /// An answer that passes may be stored: its items, its cursor and, on the last page, its anchor. After an error
    /// the answer is dropped and the step stays the same.
    pub fn handle_pull(
        &mut self,
        answer: &PullResponse,
        log: &dyn Fn(u64) -> Option<Hash>,
    ) -> Result<(), SyncError> {
        let State::Pulling = self.state else { return Err(SyncError::OutOfStep { what: "a pull" }) };
        self.check_held(answer, log)?;
        if answer.cursor < self.start.cursor || (answer.more && answer.cursor == self.start.cursor) {
            return Err(SyncError::CursorStuck);
        }
        if !answer.more {
            self.state = match self.check_anchor(answer)? {
                Some(anchor) => State::Anchoring { anchor, held: answer.next_index },
                None => State::Done(Finished::PulledOnly),
            };
        }
        (self.start.cursor, self.start.run) = (answer.cursor, answer.run);
        Ok(())
    }

    /// Takes note that the anchor is the last entry of the log, which now goes as far as `chain`.
    pub fn anchor_appended(&mut self, chain: Chain) -> Result<(), SyncError> {
        let out_of_step = SyncError::OutOfStep { what: "an appended anchor" };
        let State::Anchoring { anchor, held } = self.state else { return Err(out_of_step) };
        let last = chain.next_index.checked_sub(1).ok_or(out_of_step)?;
        let (tenant, device) = (self.start.tenant, self.start.device);
        self.start.chain = chain;
        let statement = Statement { tenant, device, last, head: chain.head, anchor };
        self.state = State::Signing { statement, held };
        Ok(())
    }

    /// Takes the signature of the statement.
    pub fn signed(&mut self, signature: [u8; 64]) -> Result<(), SyncError> {
        let State::Signing { statement, held } = &self.state else {
            return Err(SyncError::OutOfStep { what: "a signature" });
        };
        self.state = State::Committing { statement: statement.clone(), signature, held: *held, sent: None };
        Ok(())
    }

    /// Makes the next page of the entries that the step asked for, taking as many as fit.
    ///
    /// The iterator gives the stored bytes, beginning with the first entry of the step. The caller may stop it early,
    /// but not in a page that is made again; an empty one is an error. The entries have at most `max_bytes` together,
    /// but a single one always fits, and a page that is made again is as long as it was.
    pub fn page(
        &mut self,
        entries: impl IntoIterator<Item = Vec<u8>>,
        max_bytes: usize,
    ) -> Result<Commit, SyncError> {
        let first = self.start.receipted;
        let State::Committing { statement, signature, held, sent } = &self.state else {
            return Err(SyncError::OutOfStep { what: "entries" });
        };
        let repeated_last = self.repeated_last(*held, *sent);
        let last_allowed = repeated_last.unwrap_or(statement.last);
        let most_bytes =
            if repeated_last.is_some() { limits::PAGE_BYTES } else { max_bytes.min(limits::PAGE_BYTES) };
        let mut page = Vec::new();
        let mut total = 0;
        for (index, bytes) in (first..=last_allowed).zip(entries) {
            if bytes.len() > limits::ENTRY_BYTES {
                return Err(SyncError::EntryTooLarge { index, found: bytes.len() });
            }
            total += bytes.len();
            if page.len() == limits::PAGE_ENTRIES || (total > most_bytes && !page.is_empty()) {
                break;
            }
            page.push(Bytes::from(bytes));
        }
        let Some(final_bytes) = page.last() else {
            return Err(SyncError::OutOfStep { what: "an empty page" });
        };
        let id = PageId { first, last: first + page.len() as u64 - 1, head: Entry::hash_of(final_bytes) };
        if repeated_last.is_some_and(|last| last != id.last) {
            return Err(SyncError::OutOfStep { what: "a part of a page that was sent before" });
        }
        let commit = Commit { statement: statement.clone(), signature: *signature, first, entries: page };
        if let State::Committing { sent, .. } = &mut self.state {
            *sent = Some(id);
        }
        Ok(commit)
    }

    /// Checks a receipt for the page that was sent. One that passes may be stored; the step then moves on.
    pub fn handle_receipt(&mut self, signed: &SignedReceipt) -> Result<(), SyncError> {
        let State::Committing { statement, sent: Some(sent), .. } = &self.state else {
            return Err(SyncError::OutOfStep { what: "a receipt" });
        };
        let receipt = signed.verify(&self.start.server)?;
        same("tenant", receipt.tenant, self.start.tenant)?;
        same("device", receipt.device, self.start.device)?;
        same("page", PageId { first: receipt.first, last: receipt.last, head: receipt.head }, *sent)?;
        self.start.receipted = receipt.last + 1;
        if receipt.last == statement.last {
            self.state = State::Done(Finished::Committed);
        }
        Ok(())
    }

    /// The page that has to be made again exactly as it was, because the server may hold it without the phone holding
    /// its receipt: the one sent before in this sync, or what lies between the last receipt and what the server holds.
    fn repeated_last(&self, held: u64, sent: Option<PageId>) -> Option<u64> {
        let first = self.start.receipted;
        let sent = sent.filter(|page| page.first == first).map(|page| page.last);
        sent.or(held.checked_sub(1).filter(|last| *last >= first))
    }

    fn check_held(&self, answer: &PullResponse, log: &dyn Fn(u64) -> Option<Hash>) -> Result<(), SyncError> {
        let held = answer.next_index;
        if held < self.start.receipted {
            return Err(SyncError::ServerBehind { held, receipted: self.start.receipted });
        }
        let ours = match held.checked_sub(1) {
            None => Some(Hash::ZERO),
            Some(last) if held <= self.start.chain.next_index => log(last),
            Some(_) => None,
        };
        if ours == Some(answer.device_head) { Ok(()) } else { Err(SyncError::Forked { held }) }
    }

    /// Checks the anchor of a last page and gives its hash.
    fn check_anchor(&mut self, answer: &PullResponse) -> Result<Option<Hash>, SyncError> {
        let Some(signed) = &answer.anchor else { return Ok(None) };
        let anchor = signed.verify(&self.start.server)?;
        same("tenant", anchor.tenant, self.start.tenant)?;
        same("device", anchor.device, self.start.device)?;
        same("nonce", anchor.nonce, self.start.nonce)?;
        same("device head", anchor.device_head, answer.device_head)?;
        if let Some(seen) = self.start.seen
            && (anchor.sequence <= seen.sequence || anchor.time < seen.time)
        {
            return Err(SyncError::AnchorWentBack { seen: seen.sequence, found: anchor.sequence });
        }
        self.start.seen = Some(SeenAnchor { sequence: anchor.sequence, time: anchor.time });
        Ok(Some(anchor.hash()))
    }
}

fn same<T: PartialEq>(what: &'static str, found: T, expected: T) -> Result<(), SyncError> {
    if found == expected { Ok(()) } else { Err(SyncError::WrongAnswer { what }) }
}
