//! A light phone: the core's own log, documents and sync session without the SDK's database, so that ten thousand of
//! them fit beside the server they are to load.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use client_sdk::{KeyHandle, KeyStore as _, SoftwareKeyStore};
use rand::{Rng as _, rngs::StdRng};
use serde_json::{Value, json};
use server::clock::Clock as _;
use sync_core::{
    document::{Author, Heads},
    encoding,
    hash::Hash,
    id::{BootId, DocumentId},
    log::{Chain, EntryKind, ServerKey, SignedReceipt, low_s},
    protocol::{
        Cursor, PullResponse,
        phone::{Finished, PhoneSession, SeenAnchor, Start, Step},
    },
    time::ClockReading,
};
use tests::{SimulatedClock, proof::proof};

use crate::{
    figures::{Figures, Kind},
    line::{Answer, Line},
};

/// The page the SDK begins with.
const PAGE_BYTES: usize = 512 * 1024;
/// The longest the SDK waits of itself.
const LONGEST_WAIT_S: u64 = 300;

/// What a phone holds of one visit, to be compared with what the server holds.
pub(crate) struct Written {
    pub(crate) document: DocumentId,
    pub(crate) heads: Heads,
    pub(crate) values: Hash,
}

/// A phone that was away and comes back.
pub(crate) struct LightPhone {
    pub(crate) author: Author,
    pub(crate) visits: Vec<Written>,
    /// How far its log goes.
    pub(crate) chain: Chain,
    /// Index of the first entry without a receipt.
    pub(crate) receipted: u64,
    clock: Arc<SimulatedClock>,
    boot: BootId,
    random: StdRng,
    key: KeyHandle,
    server: ServerKey,
    url: String,
    refresh_token: String,
    access_token: Option<String>,
    /// Made before the phone is back, as it needs nothing from the server.
    first_proof: Option<String>,
    cursor: Cursor,
    seen: Option<SeenAnchor>,
    /// The hash of each entry.
    hashes: Vec<Hash>,
    /// The entries without a receipt.
    waiting: Vec<Vec<u8>>,
}

/// Where and as whom a phone was enrolled.
pub(crate) struct Enrolled {
    pub(crate) author: Author,
    pub(crate) key: KeyHandle,
    pub(crate) server: ServerKey,
    pub(crate) url: String,
    pub(crate) refresh_token: String,
}

/// How a try to sync ended.
enum Try {
    Complete,
    /// The server said when to come again.
    TurnedAway(Duration),
    /// Something between phone and server went wrong; the SDK would wait and try again.
    Broken,
    /// The session is out of date; a new one may do better.
    Again,
}

impl LightPhone {
    /// A phone whose log begins.
    pub(crate) fn new(enrolled: Enrolled, clock: Arc<SimulatedClock>, mut random: StdRng) -> Self {
        let Enrolled { author, key, server, url, refresh_token } = enrolled;
        let mut phone = Self {
            author,
            visits: Vec::new(),
            chain: Chain::EMPTY,
            receipted: 0,
            clock,
            boot: BootId::from_bytes(random.random()),
            random,
            key,
            server,
            url,
            refresh_token,
            access_token: None,
            first_proof: None,
            cursor: Cursor(0),
            seen: None,
            hashes: Vec::new(),
            waiting: Vec::new(),
        };
        phone.append(EntryKind::Boot);
        phone
    }

    /// Its random numbers.
    pub(crate) fn random(&mut self) -> &mut StdRng {
        &mut self.random
    }

    /// What its clocks say.
    pub(crate) fn clock(&self) -> ClockReading {
        let (wall, boot_ms) = self.clock.hands();
        ClockReading { boot: self.boot, boot_ms, wall }
    }

    /// Writes a line into the log.
    pub(crate) fn append(&mut self, kind: EntryKind) {
        let (_, bytes, hash) = self.chain.append(self.clock(), kind);
        self.hashes.push(hash);
        self.waiting.push(bytes);
    }

    /// Was away for so long that its access token is worth nothing any more, and has its first proof ready.
    pub(crate) fn go_away(&mut self) -> anyhow::Result<()> {
        self.access_token = None;
        self.first_proof = Some(self.prove(None)?);
        Ok(())
    }

    /// Syncs until everything has its receipt, and waits between tries as the SDK does.
    pub(crate) async fn sync(&mut self, line: &mut Line, figures: &mut Figures) -> anyhow::Result<()> {
        for failures in 0..u32::MAX {
            let asked = match self.try_sync(line, figures).await? {
                Try::Complete => return Ok(()),
                Try::Again => continue,
                Try::TurnedAway(asked) => asked,
                Try::Broken => Duration::ZERO,
            };
            // Full jitter over a bound that doubles, on top of what the server asked for.
            let longest_s = 1_u64.checked_shl(failures).unwrap_or(LONGEST_WAIT_S).min(LONGEST_WAIT_S);
            let drawn = Duration::from_millis(self.random.random_range(0..=longest_s * 1_000));
            tokio::time::sleep(asked + drawn).await;
        }
        unreachable!("four thousand million tries");
    }

    async fn try_sync(&mut self, line: &mut Line, figures: &mut Figures) -> anyhow::Result<Try> {
        let mut session = PhoneSession::new(Start {
            tenant: self.author.tenant,
            device: self.author.device,
            server: self.server,
            cursor: self.cursor,
            run: None,
            nonce: self.random.random(),
            chain: self.chain,
            receipted: self.receipted,
            seen: self.seen,
            shown: Vec::new(),
        });
        let mut asked_ms = 0;
        loop {
            match session.poll() {
                Step::Pull(request) => {
                    asked_ms = self.clock().boot_ms;
                    let answer = self.ask(line, figures, Kind::Pull, encoding::encode(&request)).await?;
                    let answer: PullResponse = match answer {
                        Ok(body) => encoding::decode(&body)?,
                        Err(stopped) => return Ok(stopped),
                    };
                    let hashes = &self.hashes;
                    session.handle_pull(&answer, &|index| hashes.get(index as usize).copied())?;
                    (self.cursor, self.seen) = (answer.cursor, session.seen());
                }
                Step::AppendAnchor(anchor) => {
                    let round_trip_ms = self.clock().boot_ms.saturating_sub(asked_ms) as u32;
                    self.append(EntryKind::Anchor { anchor, round_trip_ms });
                    session.anchor_appended(self.chain)?;
                }
                Step::Sign(statement) => session.signed(self.sign(statement.hash().as_bytes())?)?,
                Step::Commit { .. } => {
                    let page = session.page(self.waiting.iter().cloned(), PAGE_BYTES)?;
                    let sent = page.entries.len();
                    let answer = self.ask(line, figures, Kind::Commit, encoding::encode(&page)).await?;
                    let receipt: SignedReceipt = match answer {
                        Ok(body) => encoding::decode(&body)?,
                        Err(stopped) => return Ok(stopped),
                    };
                    session.handle_receipt(&receipt)?;
                    let refused = &receipt.receipt.refused;
                    ensure!(refused.is_empty(), "an honest entry was refused: {:?}", refused.first());
                    self.waiting.drain(..sent);
                    self.receipted = session.receipted();
                }
                Step::Done(Finished::Committed) => return Ok(Try::Complete),
                Step::Done(Finished::PulledOnly) => return Ok(Try::Broken),
            }
        }
    }

    /// Sends one request of a sync with an access token, after fetching one if there is none.
    async fn ask(
        &mut self,
        line: &mut Line,
        figures: &mut Figures,
        kind: Kind,
        body: Vec<u8>,
    ) -> anyhow::Result<Result<Vec<u8>, Try>> {
        let token = match &self.access_token {
            Some(token) => token.clone(),
            None => match self.renew(line, figures).await? {
                Ok(token) => token,
                Err(stopped) => return Ok(Err(stopped)),
            },
        };
        let header = ("authorization", format!("Bearer {token}"));
        let answer = figures.timed(kind, line.post(kind.path(), "application/cbor", header, body)).await;
        Ok(answer.map(|answer| answer.body.to_vec()).map_err(|refused| stopped(refused.as_ref())))
    }

    /// Exchanges the refresh token: once for the nonce, once with it.
    async fn renew(&mut self, line: &mut Line, figures: &mut Figures) -> anyhow::Result<Result<String, Try>> {
        let body = json!({ "grant_type": "refresh_token", "refresh_token": self.refresh_token });
        let body = body.to_string().into_bytes();
        let mut nonce = None;
        loop {
            let header = match self.first_proof.take() {
                Some(proof) if nonce.is_none() => proof,
                _ => self.prove(nonce.as_deref())?,
            };
            let kind = if nonce.is_none() { Kind::Nonce } else { Kind::Token };
            let asked = line.post(kind.path(), "application/json", ("dpop", header), body.clone());
            let answer = match figures.timed(kind, asked).await {
                Ok(answer) => answer,
                Err(refused) => return Ok(Err(stopped(refused.as_ref()))),
            };
            if kind == Kind::Nonce && answer.status == 401 {
                nonce = Some(answer.nonce.context("no nonce")?);
                continue;
            }
            let tokens: Value = serde_json::from_slice(&answer.body)?;
            let text = |name: &str| Some(tokens[name].as_str()?.to_owned());
            self.refresh_token = text("refresh_token").context("no refresh token")?;
            let token = text("access_token").context("no access token")?;
            self.access_token = Some(token.clone());
            return Ok(Ok(token));
        }
    }

    fn prove(&mut self, nonce: Option<&str>) -> anyhow::Result<String> {
        proof(&self.key, self.random.random(), &format!("{}{}", self.url, Kind::Token.path()), nonce)
    }

    fn sign(&self, message: &[u8]) -> anyhow::Result<[u8; 64]> {
        low_s(&SoftwareKeyStore.sign(&self.key, message)?).context("no signature")
    }
}

/// What the SDK makes of an answer that is not the one it asked for; `None` is no answer at all.
fn stopped(answer: Option<&Answer>) -> Try {
    match answer {
        Some(Answer { status: 503, retry_after: Some(asked), .. }) => Try::TurnedAway(*asked),
        Some(Answer { status: 409, .. }) => Try::Again,
        _ => Try::Broken,
    }
}
