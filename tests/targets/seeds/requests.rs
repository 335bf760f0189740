//! Seeds of the targets that read requests: tokens and queries.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use targets::world::{NOW, server_keys};

use crate::{Seeds, reel::Reel};

fn part(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// What an access token of this server claims.
fn claims() -> String {
    let id = |byte: &str| byte.repeat(16);
    let now = NOW.as_millis() / 1_000;
    format!(
        r#"{{"iss":"https://sync.example","aud":"fieldbook-sync","sub":"{}","tid":"{}","did":"{}","cnf":{{"jkt":"thumb"}},"jti":"a","iat":{now},"nbf":{now},"exp":{}}}"#,
        id("06"),
        id("01"),
        id("02"),
        now + 600
    )
}

pub(crate) fn tokens() -> Seeds {
    let unsigned = |header: &str| format!("{}.{}.", part(header), part(&claims()));
    let with_public_key = {
        let signed = format!("{}.{}", part(r#"{"alg":"HS256","typ":"at+jwt"}"#), part(&claims()));
        let mac = Hmac::<Sha256>::new_from_slice(&server_keys().public()).unwrap();
        let mac = mac.chain_update(&signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
    };
    let text = |kind: u8, text: &str| Reel::of(&[kind, 1]).raw(text.as_bytes()).done();
    let key_in_header = r#"{"typ":"dpop+jwt","alg":"none","jwk":{"kty":"oct","k":"AA"}}"#;
    Seeds::from([
        ("honest_access_token", vec![0, 0, 0]),
        ("honest_refresh_token", vec![1, 0, 0]),
        ("honest_proof", vec![2, 0, 0]),
        ("honest_nonce", vec![3, 0, 0]),
        ("honest_code", vec![4, 0, 0]),
        ("honest_session", vec![5, 0, 0]),
        ("honest_form_token", vec![6, 0, 0]),
        ("hostile_alg_none", text(0, &unsigned(r#"{"alg":"none","typ":"at+jwt"}"#))),
        ("hostile_alg_none_in_capitals", text(0, &unsigned(r#"{"alg":"NONE","typ":"at+jwt"}"#))),
        ("hostile_public_key_as_secret", text(0, &with_public_key)),
        ("hostile_alg_twice", text(0, &unsigned(r#"{"alg":"EdDSA","alg":"none","typ":"at+jwt"}"#))),
        ("hostile_access_token_flipped", Reel::of(&[0, 0, 1]).damage(1, 120, 3).done()),
        ("hostile_access_token_cut", Reel::of(&[0, 0, 1]).damage(4, 200, 0).done()),
        ("hostile_session_as_access_token", vec![0, 236, 0]),
        ("hostile_access_token_as_session", vec![5, 224, 0]),
        ("hostile_proof_as_access_token", vec![0, 226, 0]),
        ("hostile_proof_without_algorithm", text(2, &format!("{}.{}.", part(key_in_header), part("{}")))),
        ("hostile_refresh_token_flipped", Reel::of(&[1, 0, 1]).damage(1, 40, 1).done()),
        ("hostile_refresh_token_of_zeros", text(1, &format!("fbr_{}", "A".repeat(64)))),
        ("hostile_nonce_of_zeros", text(3, &"A".repeat(32))),
        ("hostile_code_of_zeros", text(4, "00000-00000")),
        ("hostile_code_in_letters", text(4, "OILoi-l-O0I L 1 0")),
        ("hostile_deep_json", text(0, &format!("{}.{}.AA", part(&"[".repeat(800)), part("{}")))),
        ("hostile_two_cookies", text(5, "__Host-fieldbook=a; __Host-fieldbook=b")),
        ("hostile_empty_cookie", text(5, "__Host-fieldbook=")),
    ])
}

pub(crate) fn queries() -> Seeds {
    let ask = |what: u8, who: u8, query: &str| Reel::of(&[what, who]).raw(query.as_bytes()).done();
    let (rep, other) = ("02".repeat(16), "04".repeat(16));
    let place = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Seeds::from([
        ("honest_filter", ask(0, 0, &format!("state=held_late&rep={rep}&customer=A%26B%3D%E6%99%A8&page=3"))),
        ("honest_overview", ask(1, 0, &format!("state=submitted&rep={rep}&customer=K-&page=1"))),
        ("honest_language", ask(2, 0, "back=/records/01?version=2")),
        ("honest_sign_in", ask(3, 0, "next=/devices&why=ended")),
        ("honest_records", ask(4, 1, "limit=2")),
        ("honest_records_of_a_phase", ask(4, 2, &format!("phase=submitted&owner={rep}&limit=1"))),
        ("honest_own_records", ask(4, 0, "limit=1")),
        ("honest_customers", ask(12, 0, "limit=1")),
        ("honest_users", ask(20, 2, "limit=1")),
        ("honest_devices", ask(28, 2, "limit=1")),
        ("honest_made_up_place", ask(4, 1, &format!("after={}", place(&[1; 60])))),
        ("honest_place_behind_another", ask(4, 0, &format!("after={}", place(&[4; 60])))),
        ("hostile_records_of_another", ask(4, 0, &format!("owner={other}"))),
        ("hostile_limit_of_nothing", ask(4, 2, "limit=0")),
        ("hostile_limit_of_everything", ask(4, 2, "limit=99999999999999999999")),
        ("hostile_limit_below_nothing", ask(4, 2, "limit=-1")),
        ("hostile_limit_twice", ask(4, 2, "limit=1&limit=2")),
        ("hostile_place_too_long", ask(4, 2, &format!("after={}", "A".repeat(4_000)))),
        ("hostile_place_too_short", ask(12, 2, "after=AA")),
        ("hostile_unknown_parameter", ask(4, 2, "tenant=01")),
        ("hostile_bytes", Reel::of(&[4, 2]).raw(b"after=\x00\xff\xfe").done()),
        ("hostile_half_an_escape", ask(4, 2, "after=%f")),
        ("hostile_many_parameters", ask(4, 2, &"a&".repeat(2_000))),
        ("hostile_language_elsewhere", ask(2, 0, "back=//evil.example")),
        ("hostile_language_with_a_backslash", ask(2, 0, "back=/%5Cevil.example")),
        ("honest_scripts", ask(1, 0, "customer=%3Cscript%3Ealert(1)%3C/script%3E&rep=%22%3E%3Cimg")),
        ("honest_last_page", ask(1, 0, "page=18446744073709551615")),
    ])
}
