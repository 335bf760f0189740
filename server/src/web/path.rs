//! Where each page lives, so that links, forms and routes cannot drift apart.

use sync_core::{
    hash::Hash,
    id::{DeviceId, DocumentId},
};

/// The overview, filtered by its query.
pub const OVERVIEW: &str = "/";
/// The obligations, filtered by their query.
pub const OBLIGATIONS: &str = "/obligations";
/// The closings: page, and form that closes days.
pub const CLOSINGS: &str = "/closings";
/// Sign-in: page and form.
pub const SIGN_IN: &str = "/sign-in";
/// First sign-in: page and form that set a password with a one-time code.
pub const FIRST_SIGN_IN: &str = "/first-sign-in";
/// Sign-out: form only.
pub const SIGN_OUT: &str = "/sign-out";
/// All devices.
pub const DEVICES: &str = "/devices";
/// Sets the language and goes back: `/language/{tag}?back=/path`.
pub const LANGUAGE: &str = "/language";
/// Where assets are served: `/assets/{name}`.
pub const ASSETS: &str = "/assets";

/// A path and query of this server, or the overview when it is anything else: where a reader may be sent back to.
pub fn local(text: &str) -> &str {
    let is_plain = text.len() <= 2_000 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    // Behind two slashes a browser reads another host.
    if is_plain && text.starts_with('/') && !text.starts_with("//") { text } else { OVERVIEW }
}

/// One record's page; `?version=n` shows a sealed version.
pub fn record(record: &DocumentId) -> String {
    format!("/records/{record}")
}

/// The page that explains an obligation.
pub fn obligation(obligation: &Hash) -> String {
    format!("{OBLIGATIONS}/{obligation}")
}

/// The page of what is different since a closing.
pub fn closing(closing: &Hash) -> String {
    format!("{CLOSINGS}/{closing}")
}

/// Where an exception from an obligation is posted.
pub fn exceptions(obligation: &Hash) -> String {
    format!("{OBLIGATIONS}/{obligation}/exceptions")
}

/// Where a decision about one of the record's submits is posted.
pub fn decisions(record: &DocumentId) -> String {
    format!("/records/{record}/decisions")
}

/// The page that asks before a device is revoked, and where its form goes.
pub fn revoke(device: &DeviceId) -> String {
    format!("/devices/{device}/revoke")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_server() {
        for text in [
            "",
            "x",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/\r\nx: y",
            "/\t/x",
            "/客户",
        ] {
            assert_eq!(local(text), OVERVIEW, "{text:?}");
        }
        assert_eq!(local("/records/01?version=2"), "/records/01?version=2");
    }
}
