//! A hostile phone: enrolled as it should be, with its own key and its own HTTP, and no word of truth in its log.

pub mod draft;
pub mod forgery;
pub mod lies;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, anyhow};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use client_sdk::{
    HttpTransport, KeyHandle, KeyStore as _, Request, Response, SoftwareKeyStore, Transport, Unreachable,
};
use serde_json::{Value, json};
use server::clock::Clock as _;
use sync_core::{
    admission::Author,
    document::Heads,
    encoding,
    hash::Hash,
    id::{BootId, DeviceId, DocumentId, TenantId},
    log::{Chain, Commit, Entry, EntryKind, Receipt, SignedAnchor, SignedReceipt, Statement, low_s},
    protocol::{Cursor, PullRequest, PullResponse},
    time::ClockReading,
};

use crate::{clock::SimulatedClock, proof::proof, world::World};

/// A phone that says whatever it likes.
pub struct HostilePhone {
    /// The device it was enrolled as.
    pub author: Author,
    /// How far its log goes.
    pub chain: Chain,
    /// The newest anchor it was given.
    pub anchor: Option<SignedAnchor>,
    /// What its clocks show instead of the truth.
    pub hands: FalseHands,
    clock: Arc<SimulatedClock>,
    url: String,
    token: String,
    refresh_token: String,
    key: KeyHandle,
    /// How many proofs its key made: each is good once, so each has an id of its own.
    proofs: AtomicU64,
    transport: Arc<dyn Transport>,
    /// The entries without a receipt, each with its bytes.
    waiting: Vec<Vec<u8>>,
}

/// Clocks that show what their owner likes.
#[derive(Debug, Clone, Copy)]
pub struct FalseHands {
    /// The run of the boot clock that it claims.
    pub boot: BootId,
    /// How far the boot clock is off the truth.
    pub boot_skew_ms: i64,
    /// How far the wall clock is off the truth.
    pub wall_skew_ms: i64,
}

impl FalseHands {
    /// Clocks that are right, in one run of the boot clock.
    pub fn none(boot: BootId) -> Self {
        Self { boot, boot_skew_ms: 0, wall_skew_ms: 0 }
    }
}

/// The server cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach(pub String);

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server cannot be reached: {}", self.0)
    }
}

impl std::error::Error for OutOfReach {}

/// A commit was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
}

impl HostilePhone {
    /// Enrols as a user of a world.
    pub async fn enrol(world: &World, login: &str) -> anyhow::Result<Self> {
        let code = world.code(login).await?;
        Self::enrol_with(world.url(), Arc::clone(&world.clock), &code, "hostile").await
    }

    /// Enrols under a name at any server with a one-time code.
    pub async fn enrol_with(
        url: String,
        clock: Arc<SimulatedClock>,
        code: &str,
        name: &str,
    ) -> anyhow::Result<Self> {
        let (transport, key) = (Arc::new(HttpTransport::default()), SoftwareKeyStore.create()?);
        Self::enrol_over(transport, clock, url, key, code, name).await
    }

    /// Enrols under a name at a server that is reached in some way.
    pub async fn enrol_over(
        transport: Arc<dyn Transport>,
        clock: Arc<SimulatedClock>,
        url: String,
        key: KeyHandle,
        code: &str,
        name: &str,
    ) -> anyhow::Result<Self> {
        let body = json!({
            "code": code,
            "device_name": name,
            "public_key": URL_SAFE_NO_PAD.encode(SoftwareKeyStore.public_key(&key)?),
        });
        let proofs = AtomicU64::new(0);
        let enrolled = proven(&*transport, &key, &proofs, &format!("{url}/v1/enrol"), &body).await?;
        let enrolled = enrolled.map_err(|problem| anyhow!("the enrolment is refused: {problem:?}"))?;
        let author = Author {
            tenant: text(&enrolled, "tenant")?.parse::<TenantId>()?,
            device: text(&enrolled, "device")?.parse::<DeviceId>()?,
        };
        Ok(Self {
            author,
            chain: Chain::EMPTY,
            anchor: None,
            hands: FalseHands::none(BootId::from_bytes([1; 16])),
            clock,
            token: text(&enrolled, "access_token")?,
            refresh_token: text(&enrolled, "refresh_token")?,
            url,
            key,
            proofs,
            transport,
            waiting: Vec::new(),
        })
    }

    /// The newest refresh token.
    pub fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// Writes a line into the log, whatever it says.
    pub fn append(&mut self, kind: EntryKind) -> Hash {
        let (_, bytes, hash) = self.chain.append(self.clock_reading(), kind);
        self.waiting.push(bytes);
        hash
    }

    /// Writes a line of any bytes into the log, which need not be an entry.
    pub fn append_bytes(&mut self, bytes: Vec<u8>) -> Hash {
        let hash = Entry::hash_of(&bytes);
        self.chain = Chain { next_index: self.chain.next_index + 1, head: hash };
        self.waiting.push(bytes);
        hash
    }

    /// Writes a change into the log, whatever it is.
    pub fn change(&mut self, document: DocumentId, change: Vec<u8>) -> Hash {
        self.append(EntryKind::Change { document, change: change.into() })
    }

    /// Submits a document at heads with the value hash that goes with them.
    pub fn submit(&mut self, document: DocumentId, heads: Heads, value: Hash) -> Hash {
        self.append(EntryKind::Submit { document, heads, value, reason: None })
    }

    /// Asks for everything since the beginning and for a fresh anchor.
    pub async fn pull(&mut self) -> anyhow::Result<PullResponse> {
        self.refresh().await?;
        let mut cursor = Cursor(0);
        loop {
            let request = PullRequest { cursor, nonce: [7; 16], seen: None, shown: None, run: None };
            let answer = self.ask(&request).await?;
            let answer = answer.map_err(|problem| anyhow!("the pull was refused: {problem:?}"))?;
            cursor = answer.cursor;
            if !answer.more {
                self.anchor = answer.anchor.clone();
                return Ok(answer);
            }
        }
    }

    /// Pulls as a request says.
    pub async fn ask(&self, request: &PullRequest) -> anyhow::Result<Result<PullResponse, Problem>> {
        match self.post("/v1/pull", encoding::encode(request)).await? {
            Ok(body) => Ok(Ok(encoding::decode(&body)?)),
            Err(problem) => Ok(Err(problem)),
        }
    }

    /// Pulls, ends the log with the anchor and hands over everything that waits, properly signed.
    pub async fn deliver(&mut self) -> anyhow::Result<Receipt> {
        self.pull().await?;
        let commit = self.commit()?;
        let receipt = self.send(&commit).await?;
        let receipt = receipt.map_err(|problem| anyhow!("the commit was refused: {problem:?}"))?.receipt;
        self.waiting.clear();
        Ok(receipt)
    }

    /// Ends the log with the newest anchor and makes one page of everything that waits.
    pub fn commit(&mut self) -> anyhow::Result<Commit> {
        let anchor = self.anchor.as_ref().context("pull first")?.anchor.hash();
        self.append(EntryKind::Anchor { anchor, round_trip_ms: 0 });
        self.commit_naming(anchor)
    }

    /// Signs any statement and makes one page of any entries under it.
    pub fn commit_stating(
        &self,
        statement: Statement,
        first: u64,
        entries: &[Vec<u8>],
    ) -> anyhow::Result<Commit> {
        let signature = self.sign(statement.hash().as_bytes())?;
        Ok(Commit {
            first,
            entries: entries.iter().map(|bytes| bytes.clone().into()).collect(),
            statement,
            signature,
        })
    }

    /// The entries without a receipt, each with its bytes.
    pub fn waiting(&self) -> &[Vec<u8>] {
        &self.waiting
    }

    /// Makes one page of everything that waits as it is, in the name of an anchor.
    pub fn commit_naming(&self, anchor: Hash) -> anyhow::Result<Commit> {
        let statement = Statement {
            tenant: self.author.tenant,
            device: self.author.device,
            last: self.chain.next_index - 1,
            head: self.chain.head,
            anchor,
        };
        self.commit_stating(statement, self.chain.next_index - self.waiting.len() as u64, &self.waiting)
    }

    /// Sends a commit as it is.
    pub async fn send(&self, commit: &Commit) -> anyhow::Result<Result<SignedReceipt, Problem>> {
        match self.post("/v1/commit", encoding::encode(commit)).await? {
            Ok(body) => Ok(Ok(encoding::decode(&body)?)),
            Err(problem) => Ok(Err(problem)),
        }
    }

    /// Forgets what waits and steps back to a chain that the server holds.
    pub fn step_back(&mut self, chain: Chain) {
        self.chain = chain;
        self.waiting.clear();
    }

    /// Access tokens are short-lived, and simulated days are long.
    async fn refresh(&mut self) -> anyhow::Result<()> {
        let tokens = self.renew_with(&self.refresh_token).await?;
        let tokens = tokens.map_err(|problem| anyhow!("the tokens are not renewed: {problem:?}"))?;
        self.token = text(&tokens, "access_token")?;
        self.refresh_token = text(&tokens, "refresh_token")?;
        Ok(())
    }

    /// Asks for tokens with any refresh token, and keeps what it has.
    pub async fn renew_with(&self, refresh_token: &str) -> anyhow::Result<Result<Value, Problem>> {
        let body = json!({ "grant_type": "refresh_token", "refresh_token": refresh_token });
        let url = format!("{}/v1/token", self.url);
        proven(&*self.transport, &self.key, &self.proofs, &url, &body).await
    }

    /// What its clocks show now.
    pub fn clock_reading(&self) -> ClockReading {
        let (wall, boot_ms) = self.clock.hands();
        ClockReading {
            boot: self.hands.boot,
            boot_ms: boot_ms.saturating_add_signed(self.hands.boot_skew_ms),
            wall: wall.plus_millis(self.hands.wall_skew_ms),
        }
    }

    fn sign(&self, message: &[u8]) -> anyhow::Result<[u8; 64]> {
        low_s(&SoftwareKeyStore.sign(&self.key, message)?).context("no signature")
    }

    /// Sends any body to any path with the access token, and gives the body of a good answer.
    pub async fn post(&self, path: &str, body: Vec<u8>) -> anyhow::Result<Result<Vec<u8>, Problem>> {
        self.post_with(&self.token, path, body).await
    }

    /// Sends any body to any path with any token, and gives the body of a good answer.
    pub async fn post_with(
        &self,
        token: &str,
        path: &str,
        body: Vec<u8>,
    ) -> anyhow::Result<Result<Vec<u8>, Problem>> {
        let answer = self.transport.send(Request {
            url: format!("{}{path}", self.url),
            content_type: "application/cbor",
            headers: vec![("Authorization", format!("Bearer {token}"))],
            body,
        });
        let answer = answer.await.map_err(unreachable)?;
        if answer.status == 200 {
            return Ok(Ok(answer.body));
        }
        Ok(Err(Problem::read(&answer)))
    }
}

impl Problem {
    fn read(answer: &Response) -> Self {
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let kind = problem["type"].as_str().unwrap_or_default();
        let code = kind.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
        Self { status: answer.status, code }
    }
}

fn unreachable(why: Unreachable) -> anyhow::Error {
    OutOfReach(why.0).into()
}

/// Asks with a proof of the key: once for the nonce, once with it.
async fn proven(
    transport: &dyn Transport,
    key: &KeyHandle,
    proofs: &AtomicU64,
    url: &str,
    body: &Value,
) -> anyhow::Result<Result<Value, Problem>> {
    let mut nonce: Option<String> = None;
    loop {
        let answer: Response = transport
            .send(Request {
                url: url.to_owned(),
                content_type: "application/json",
                headers: vec![(
                    "DPoP",
                    proof(key, proofs.fetch_add(1, Ordering::Relaxed), url, nonce.as_deref())?,
                )],
                body: body.to_string().into_bytes(),
            })
            .await
            .map_err(unreachable)?;
        if matches!(answer.status, 200..=299) {
            return Ok(Ok(serde_json::from_slice(&answer.body)?));
        }
        if nonce.is_some() || answer.nonce.is_none() {
            return Ok(Err(Problem::read(&answer)));
        }
        nonce = answer.nonce;
    }
}

fn text(answer: &Value, name: &str) -> anyhow::Result<String> {
    Ok(answer[name].as_str().with_context(|| format!("the answer has no {name}"))?.to_owned())
}
