//! Tokens: access tokens, refresh tokens, proofs, nonces, enrolment codes, sessions and form tokens are taken only as
//! they were made; damage one bit, and they are not.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::json;
use server::auth::{
    access_token::{self, Access},
    enrolment_code::EnrolmentCodes,
    keys::ServerKeys,
    nonce::Nonces,
    proof::{self, ProvenKey, ProvenRequest},
    refresh::{PresentedToken, RefreshTokens, Rotation},
    web_session::{WebSession, WebSessions},
};
use sha2::{Digest as _, Sha256};
use sync_core::{hash::Hash, id::UserId};

use crate::{
    Outcome,
    tape::{Tape, damage},
    world::{DEVICE, NOW, TENANT, randomness, server_keys},
};

const URL: &str = "https://sync.example";
const USER: UserId = UserId::from_bytes([6; 16]);
const REQUEST: ProvenRequest<'static> =
    ProvenRequest { method: "POST", url: "https://sync.example/v1/token", access_token: Some("token") };

/// Everything the server has handed out, and what the phone has made of it.
struct Scene {
    keys: ServerKeys,
    nonces: Nonces,
    refresh: RefreshTokens,
    codes: EnrolmentCodes,
    sessions: WebSessions,
    access: Access,
    proven: ProvenKey,
    /// A family of refresh tokens at its third token.
    family: Rotation,
    code: Hash,
    /// The genuine texts, one of each kind.
    texts: [String; KINDS],
}

const KINDS: usize = 7;
const ACCESS: usize = 0;
const REFRESH: usize = 1;
const PROOF: usize = 2;
const NONCE: usize = 3;
const CODE: usize = 4;
const SESSION: usize = 5;

static SCENE: LazyLock<Scene> = LazyLock::new(Scene::new);

impl Scene {
    fn new() -> Self {
        let keys = server_keys();
        let nonces = Nonces::new(&keys);
        let refresh = RefreshTokens::new(&keys, 60, randomness());
        let codes = EnrolmentCodes::new(&keys, 7, randomness());
        let sessions = WebSessions::new(URL, 12);
        let access =
            Access { tenant: TENANT, user: USER, device: DEVICE, key_thumbprint: "thumb".to_owned() };
        let mut family = refresh.begin(TENANT, USER, DEVICE, "thumb".to_owned(), NOW).unwrap();
        for _ in 0..2 {
            let presented = PresentedToken::parse(family.token.expose()).unwrap();
            family = refresh.rotate(&family.family, &presented, "thumb", NOW).unwrap();
        }
        let (code, kept) = codes.draw(TENANT, USER, NOW).unwrap();
        let session = WebSession { tenant: TENANT, user: USER, credential_version: 4 };
        let cookie = sessions.begin(&keys, &session, NOW).unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let form = sessions.form_token(&keys, &cookies(&cookie).unwrap()).unwrap();
        let nonce = nonces.issue(NOW);
        let proof = signed_proof(&nonce);
        let proven = proof::verify(&nonces, &proof, REQUEST, NOW).unwrap();
        let token = access_token::issue(&keys, &*randomness(), URL, &access, 600, NOW).unwrap();
        let texts = [token, family.token.expose().clone(), proof, nonce, code.expose().clone(), cookie, form];
        let code = kept.hash;
        Self { keys, nonces, refresh, codes, sessions, access, proven, family, code, texts }
    }
}

fn signed_proof(nonce: &str) -> String {
    let key = SigningKey::from_slice(&[4; 32]).unwrap();
    let point = key.verifying_key().to_encoded_point(false);
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": {
        "kty": "EC", "crv": "P-256", "x": text(&point.as_bytes()[1..33]), "y": text(&point.as_bytes()[33..]),
    }});
    let claims = json!({
        "htm": REQUEST.method, "htu": REQUEST.url, "jti": "1", "nonce": nonce,
        "ath": text(&Sha256::digest("token")),
    });
    let part = |value: &serde_json::Value| text(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature: Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", text(&signature.to_bytes()))
}

/// Presents a text as one kind of token: any text, or a genuine one of some kind with damage.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let kind = tape.below(KINDS);
    let from = tape.byte();
    let text = if from & 1 == 1 {
        String::from_utf8_lossy(tape.rest()).into_owned()
    } else {
        let from = if from < 224 { kind } else { usize::from(from) % KINDS };
        let mut bytes = SCENE.texts[from].clone().into_bytes();
        for _ in 0..tape.below(4) {
            damage(&mut bytes, &mut tape);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Outcome::accepted_if(present(kind, &text))
}

fn present(kind: usize, text: &str) -> bool {
    let scene = &*SCENE;
    let genuine = scene.texts[kind].as_str();
    let taken = match kind {
        ACCESS => {
            let found = access_token::verify(&scene.keys, URL, text, NOW);
            assert!(found.as_ref().is_err() || found.as_ref() == Ok(&scene.access));
            found.is_ok()
        }
        REFRESH => PresentedToken::parse(text).is_some_and(|token| {
            let rotated = scene.refresh.rotate(&scene.family.family, &token, "thumb", NOW);
            assert!(scene.refresh.rotate(&scene.family.family, &token, "another", NOW).is_err());
            rotated.is_ok()
        }),
        PROOF => return present_proof(text, genuine),
        NONCE => {
            assert!(scene.nonces.check(text, NOW.plus_millis(300_000)).is_err());
            scene.nonces.check(text, NOW).is_ok()
        }
        CODE => {
            let found = scene.codes.recognise(text) == Some(scene.code);
            assert_eq!(found, plain(text) == plain(genuine));
            return found;
        }
        SESSION => return present_session(text, genuine),
        _ => {
            let own = cookies(&scene.texts[SESSION]).unwrap();
            scene.sessions.check_form_token(&scene.keys, &own, text).is_ok()
        }
    };
    assert_eq!(taken, text == genuine, "{text}");
    taken
}

/// What is signed has one form; the signature over it has two, which is why a proof is good for one use.
fn present_proof(text: &str, genuine: &str) -> bool {
    let Ok(found) = proof::verify(&SCENE.nonces, text, REQUEST, NOW) else {
        assert_ne!(text, genuine);
        return false;
    };
    if found.key == SCENE.proven.key {
        assert_eq!(found, SCENE.proven);
        let signed = |proof: &str| proof.rsplit_once('.').map(|(signed, _)| signed.to_owned());
        assert_eq!(signed(text), signed(genuine));
    }
    true
}

/// A code as people may type it: case, dashes and blanks do not matter, and some letters look like digits.
fn plain(text: &str) -> Option<String> {
    let typed =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
    (text.len() <= 64).then(|| typed.collect())
}

/// The request may carry other cookies; of ours, the first that is not empty counts.
fn present_session(text: &str, genuine: &str) -> bool {
    let Some(headers) = cookies(text) else { return false };
    let scene = &*SCENE;
    let found = scene.sessions.read(&scene.keys, &headers, NOW);
    let _ = scene.sessions.check_same_origin(&headers);
    let Ok(Some(session)) = found else {
        assert_ne!(text, genuine);
        return false;
    };
    assert_eq!(session, WebSession { tenant: TENANT, user: USER, credential_version: 4 });
    assert!(text.split(';').any(|pair| pair.trim() == genuine), "{text}");
    true
}

fn cookies(text: &str) -> Option<HeaderMap> {
    let value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
    Some(HeaderMap::from_iter([(header::COOKIE, value)]))
}
