//! A phone: its key, its proofs, its tokens and its log.

use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sync_core::{
    document::{Author, Document, Edit, Visit},
    encoding,
    hash::Hash,
    id::{BootId, DeviceId, DocumentId},
    log::{Chain, Commit, EntryKind, ServerKey, SignedReceipt, Signer, SoftwareKey, Statement},
    protocol::{Cursor, PullRequest, PullResponse},
    time::ClockReading,
};

use super::world::{Answer, World};
use crate::clock::Clock as _;

/// A phone that is enrolled.
pub(super) struct Phone {
    seed: u8,
    pub(super) device: DeviceId,
    pub(super) access: String,
    pub(super) refresh: String,
    server: ServerKey,
    chain: Chain,
    unsent: Vec<Vec<u8>>,
    proofs: u32,
}

impl Phone {
    pub(super) async fn enrol(world: &World, seed: u8, credentials: Value) -> Self {
        let answer = try_enrol(world, seed, credentials).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let enrolled = answer.json();
        let text = |name: &str| enrolled[name].as_str().unwrap().to_owned();
        let server: [u8; 32] = URL_SAFE_NO_PAD.decode(text("server_key")).unwrap().try_into().unwrap();
        Self {
            seed,
            device: text("device").parse().unwrap(),
            access: text("access_token"),
            refresh: text("refresh_token"),
            server: ServerKey::from_bytes(&server).unwrap(),
            chain: Chain::EMPTY,
            unsent: Vec::new(),
            proofs: 0,
        }
    }

    /// Exchanges a refresh token.
    pub(super) async fn refresh_with(&mut self, world: &World, token: &str) -> Answer {
        self.proofs += 1;
        let nonce = world.authority.nonces.issue(world.clock.now());
        let proof = proof(self.seed, "/v1/token", world, &nonce, &format!("refresh {}", self.proofs));
        let body = json!({"grant_type": "refresh_token", "refresh_token": token});
        world.send(proven("/v1/token", &proof, &body)).await
    }

    /// Writes to a visit and submits it.
    pub(super) fn submits(&mut self, world: &World, document: DocumentId, visit: &Visit) {
        let mut draft = Document::genesis(document).unwrap();
        let author = Author { tenant: world.tenant, device: self.device };
        let edits: Vec<Edit> = visit.edits();
        let change = draft.edit(&author, &edits).unwrap().unwrap();
        self.append(world, EntryKind::Change { document, change: change.into() });
        let (heads, value) = (draft.heads(), draft.values().hash());
        self.append(world, EntryKind::Submit { document, heads, value, reason: None });
    }

    pub(super) async fn pull(&self, world: &World) -> Answer {
        let request =
            PullRequest { cursor: Cursor(0), nonce: [self.seed; 16], seen: None, shown: None, run: None };
        world.cbor("/v1/pull", Some(&self.access), encoding::encode(&request)).await
    }

    /// Pulls, and gives the commit that answers the anchor.
    pub(super) async fn commit(&mut self, world: &World) -> Commit {
        let answer = self.pull(world).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let pulled: PullResponse = encoding::decode(&answer.body).unwrap();
        let signed = pulled.anchor.unwrap();
        let anchor = signed.verify(&self.server).unwrap().hash();
        self.append(world, EntryKind::Anchor { anchor, round_trip_ms: 0 });
        let last = self.chain.next_index - 1;
        let statement =
            Statement { tenant: world.tenant, device: self.device, last, head: self.chain.head, anchor };
        let first = last + 1 - self.unsent.len() as u64;
        let entries = std::mem::take(&mut self.unsent).into_iter().map(Into::into).collect();
        Commit { signature: self.sign(statement.hash()), statement, first, entries }
    }

    pub(super) async fn send(&self, world: &World, commit: &Commit) -> Answer {
        world.cbor("/v1/commit", Some(&self.access), encoding::encode(commit)).await
    }

    /// Pulls and commits, and checks the receipt.
    pub(super) async fn syncs(&mut self, world: &World) -> SignedReceipt {
        let commit = self.commit(world).await;
        let answer = self.send(world, &commit).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let receipt: SignedReceipt = encoding::decode(&answer.body).unwrap();
        receipt.verify(&self.server).unwrap();
        receipt
    }

    fn append(&mut self, world: &World, kind: EntryKind) {
        let clock = ClockReading {
            boot: BootId::from_bytes([1; 16]),
            boot_ms: world.clock.monotonic_ms(),
            wall: world.clock.now(),
        };
        let (_, bytes, _) = self.chain.append(clock, kind);
        self.unsent.push(bytes);
    }

    fn sign(&self, hash: Hash) -> [u8; 64] {
        SoftwareKey::from_bytes(&[self.seed; 32]).unwrap().sign(hash).unwrap()
    }
}

/// Enrols a phone as phones do: without a nonce first, then with the one the server gave.
pub(super) async fn try_enrol(world: &World, seed: u8, credentials: Value) -> Answer {
    let mut body = credentials;
    body["device_name"] = "A phone".into();
    let key = SoftwareKey::from_bytes(&[seed; 32]).unwrap().public_key();
    body["public_key"] = URL_SAFE_NO_PAD.encode(key.to_bytes()).into();
    let asked = world.send(proven("/v1/enrol", &proof(seed, "/v1/enrol", world, "", "first"), &body)).await;
    assert_eq!(asked.problem(), (401, "use_dpop_nonce".to_owned()));
    let nonce = asked.headers["dpop-nonce"].to_str().unwrap();
    let id = hex::encode(world.authority.randomness.draw::<8>().unwrap());
    world.send(proven("/v1/enrol", &proof(seed, "/v1/enrol", world, nonce, &id), &body)).await
}

/// A proof by the phone of a seed.
pub(super) fn proof(seed: u8, path: &str, world: &World, nonce: &str, id: &str) -> String {
    let key = SigningKey::from_slice(&[seed; 32]).unwrap();
    let point = key.verifying_key().to_encoded_point(false);
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": {
        "kty": "EC", "crv": "P-256", "x": text(&point.as_bytes()[1..33]), "y": text(&point.as_bytes()[33..]),
    }});
    let mut claims =
        json!({"htm": "POST", "htu": format!("{}{path}", world.config.public_url), "jti": id, "iat": 0});
    if !nonce.is_empty() {
        claims["nonce"] = nonce.into();
    }
    let signed = format!("{}.{}", text(header.to_string().as_bytes()), text(claims.to_string().as_bytes()));
    let signature: Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", text(&signature.to_bytes()))
}

/// A JSON request with a proof.
pub(super) fn proven(path: &str, proof: &str, body: &Value) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json").header("dpop", proof);
    request.body(Body::from(body.to_string())).unwrap()
}
