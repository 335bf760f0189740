//! What the server in memory answers to each request.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sync_core::{
    admission::{Limits, Refusal, admit},
    document::{Author, Document},
    encoding,
    hash::Hash,
    log::{
        CheckedPage, DeviceKey, EntryKind, JournalRoot, Receipt, Refused, ServerKey, SignedAnchor,
        SignedReceipt,
    },
    protocol::{
        Cursor, DeviceState, FeedItem, PullRequest, PullResponse, server::CheckedCommit, server::check_commit,
    },
};

use super::{ME, TENANT, World};
use crate::{
    DeviceId, RefusalCode, Role, User, VisitId,
    sync::{Request, Response, Unreachable},
};

impl World {
    pub(super) fn answer(&mut self, request: &Request) -> Result<Response, Unreachable> {
        if self.offline {
            return Err(Unreachable("no network".into()));
        }
        let path = request.url.split_once("/v1/").unwrap().1;
        let response = match path {
            "enrol" | "token" => self.with_nonce(request, path),
            "pull" | "commit" => self.with_token(request, path),
            other => panic!("no such path: {other}"),
        };
        if self.lose_answers.remove(path) { Err(Unreachable("broken off".into())) } else { Ok(response) }
    }

    fn with_nonce(&mut self, request: &Request, path: &str) -> Response {
        let proof = header(request, "DPoP").unwrap();
        let claims: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(proof.split('.').nth(1).unwrap()).unwrap())
                .unwrap();
        if claims["nonce"] != "n-1" {
            let nonce = Some("n-1".to_owned());
            return Response { nonce, ..problem(401, "use_dpop_nonce") };
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        if path == "token" {
            let device: DeviceId = body["refresh_token"].as_str().unwrap().parse().unwrap();
            return if self.revoked.contains(&device) {
                problem(401, "device_revoked")
            } else {
                json_answer(&self.tokens(device))
            };
        }
        let key = URL_SAFE_NO_PAD.decode(body["public_key"].as_str().unwrap()).unwrap();
        let device = DeviceId::from_bytes([u8::try_from(self.devices.len() + 1).unwrap(); 16]);
        let state = DeviceState::new(TENANT, device, DeviceKey::from_bytes(&key).unwrap());
        self.devices.insert(device, state);
        let user = User {
            id: ME,
            login: "li".into(),
            name: "李雷".into(),
            role: Role::Rep,
            unit: None,
            reports_to: None,
            active: true,
            posts: Vec::new(),
            until: None,
        };
        let mut answer = self.tokens(device);
        answer["tenant"] = json!(TENANT);
        answer["device"] = json!(device);
        answer["user"] = json!(user);
        answer["server_key"] = URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes()).into();
        answer["enrolled_ms"] = self.now.as_millis().into();
        json_answer(&answer)
    }

    fn tokens(&mut self, device: DeviceId) -> Value {
        self.tokens += 1;
        let access = format!("{device}.{}", self.tokens);
        json!({ "access_token": access, "expires_in": 600, "refresh_token": device })
    }

    fn with_token(&mut self, request: &Request, path: &str) -> Response {
        let token = header(request, "Authorization").unwrap().strip_prefix("Bearer ").unwrap();
        let device: DeviceId = token.split_once('.').unwrap().0.parse().unwrap();
        if self.revoked.contains(&device) {
            return problem(401, "device_revoked");
        }
        if self.busy && path == "commit" {
            return problem(503, "busy");
        }
        let answer = match path {
            "pull" => {
                let request = encoding::decode(&request.body).unwrap();
                self.pull(device, &request).map(|answer| encoding::encode(&answer))
            }
            _ => self.commit(device, &request.body).map(|receipt| encoding::encode(&receipt)),
        };
        match answer {
            Ok(body) => Response { status: 200, body, ..Response::default() },
            Err(code) => problem(409, code),
        }
    }

    /// Where the journal stands: one record for everything that was told or taken.
    fn journal(&self) -> JournalRoot {
        JournalRoot { size: (self.feed.len() + self.receipts.len()) as u64, hash: Hash::ZERO }
    }

    fn pull(&mut self, device: DeviceId, request: &PullRequest) -> Result<PullResponse, &'static str> {
        let from = usize::try_from(request.cursor.0).unwrap();
        if from > self.feed.len() {
            return Err("cursor_ahead");
        }
        if let Some(run) = request.run {
            let began = self.runs.iter().position(|(known, _)| *known == run);
            let ended = began.and_then(|began| self.runs.get(began + 1)).map(|(_, told)| *told);
            if began.is_none() || ended.is_some_and(|ended| from > ended) {
                return Err("cursor_ahead");
            }
        }
        let run = self.runs.last().map(|(run, _)| *run);
        let state = self.devices.get_mut(&device).unwrap();
        for shown in request.shown.iter().flatten() {
            shown.verify(&ServerKey::of(&self.key)).unwrap();
            state.recall_anchor(&shown.anchor);
        }
        if state.is_behind(request.seen) {
            return Err("cursor_ahead");
        }
        let end = self.feed.len().min(from.saturating_add(self.page));
        let theirs = |origin: &Option<DeviceId>| *origin != Some(device);
        let items = self.feed[from..end]
            .iter()
            .filter(|(origin, _)| theirs(origin))
            .map(|(_, item)| item.clone())
            .collect();
        let more = end < self.feed.len();
        let journal = self.journal();
        let state = self.devices.get_mut(&device).unwrap();
        let anchor = (!more && !self.in_doubt)
            .then(|| SignedAnchor::sign(state.issue_anchor(self.now, request.nonce, journal), &self.key));
        Ok(PullResponse {
            items,
            cursor: Cursor(end as u64),
            more,
            anchor,
            next_index: state.chain.next_index,
            device_head: state.chain.head,
            journal: journal.size,
            run,
        })
    }

    fn commit(&mut self, device: DeviceId, body: &[u8]) -> Result<SignedReceipt, &'static str> {
        let commit = encoding::decode(body).map_err(|_| "malformed")?;
        let page = match check_commit(&self.devices[&device], &commit).map_err(|error| error.code())? {
            CheckedCommit::Repeated(id) => {
                return self.receipts.get(&(device, id)).cloned().ok_or("log_forked");
            }
            CheckedCommit::New(page) => page,
        };
        let refused = self.merge(device, &page);
        let receipt = Receipt {
            tenant: TENANT,
            device,
            first: page.id.first,
            last: page.id.last,
            head: page.id.head,
            received: self.now,
            refused,
            records: std::mem::take(&mut self.answers),
            journal: self.journal(),
        };
        let signed = SignedReceipt::sign(receipt, &self.key);
        self.receipts.insert((device, page.id), signed.clone());
        self.devices.get_mut(&device).unwrap().advance(&page);
        Ok(signed)
    }

    fn merge(&mut self, device: DeviceId, page: &CheckedPage) -> Vec<Refused> {
        let mut refused = Vec::new();
        for entry in &page.entries {
            let (id, result) = match &entry.content.as_ref().unwrap().kind {
                EntryKind::Change { document, change } => (*document, self.admit(device, *document, change)),
                EntryKind::Submit { document, heads, .. } => {
                    let known = self.documents.get(document).is_some_and(|document| document.knows(heads));
                    let unknown = || Err(Refusal::new(RefusalCode::UnknownHeads, "heads"));
                    (*document, if known { Ok(()) } else { unknown() })
                }
                _ => continue,
            };
            if let Err(Refusal { code, detail }) = result {
                refused.push(Refused {
                    index: entry.index,
                    entry: entry.hash,
                    document: Some(id),
                    code,
                    detail,
                });
            }
        }
        refused
    }

    fn admit(&mut self, device: DeviceId, id: VisitId, change: &[u8]) -> Result<(), Refusal> {
        if let Some((text, code)) = self.refuse_text
            && change.windows(text.len()).any(|window| window == text.as_bytes())
        {
            return Err(Refusal::new(code, "as the test wants it"));
        }
        let document = self.documents.get(&id).cloned().unwrap_or_else(|| Document::genesis(id).unwrap());
        let author = Author { tenant: TENANT, device };
        let mut admitted = admit(&document, &author, &[change], &Limits::default());
        admitted.results.remove(0)?;
        self.documents.insert(id, admitted.document);
        let changes = vec![change.to_vec().into()];
        self.feed.push((Some(device), FeedItem::Changes { document: id, author: device, changes }));
        Ok(())
    }
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str())
}

fn json_answer(value: &Value) -> Response {
    Response { status: 200, body: value.to_string().into_bytes(), ..Response::default() }
}

fn problem(status: u16, code: &str) -> Response {
    let body = json!({ "type": format!("urn:fieldbook:problem:{code}"), "title": code }).to_string();
    Response { status, body: body.into_bytes(), ..Response::default() }
}
