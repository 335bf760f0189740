//! The address a request comes from, seen past trusted proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};

use super::AppState;
use crate::config::AddressList;

/// Where a request comes from; an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress {
    /// The address to count against.
    pub ip: IpAddr,
    /// Whether it was sent on this very machine and not through a proxy.
    pub is_local: bool,
}

impl ClientAddress {
    /// Finds the address: the peer's, or the last untrusted one a trusted proxy has written down.
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &AddressList) -> Self {
        let peer = peer.to_canonical();
        let is_forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
        let is_local = peer.is_loopback() && !is_forwarded;
        if !trusted.contains(peer) {
            return Self { ip: peer, is_local };
        }
        let mut ip = peer;
        for value in headers.get_all("x-forwarded-for").iter().rev() {
            for text in value.to_str().unwrap_or_default().rsplit(',') {
                // What stands before something unreadable was not written by a trusted proxy.
                let Ok(hop) = text.trim().parse::<IpAddr>() else { return Self { ip, is_local } };
                ip = hop.to_canonical();
                if !trusted.contains(ip) {
                    return Self { ip, is_local };
                }
            }
        }
        Self { ip, is_local }
    }
}

pub(super) async fn find(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    // Without a connection there is no address: all such requests count as one stranger.
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let address = ClientAddress::of(peer, request.headers(), &state.config.trusted_proxies);
    request.extensions_mut().insert(address);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.1", "10.0.0.2"].iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        ClientAddress::of(peer.parse().unwrap(), &headers, &trusted).ip.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_for_the_hop_it_saw() {
        assert_eq!(of("1.2.3.4", &["5.6.7.8"]), "1.2.3.4");
        assert_eq!(of("10.0.0.1", &["9.9.9.9, 5.6.7.8"]), "5.6.7.8");
        assert_eq!(of("10.0.0.1", &["9.9.9.9", "5.6.7.8, 10.0.0.2"]), "5.6.7.8");
        assert_eq!(of("::ffff:10.0.0.1", &["nonsense, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(of("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_request_that_passed_a_proxy_is_not_local() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut headers = HeaderMap::new();
        assert!(ClientAddress::of(loopback, &headers, &AddressList::default()).is_local);
        headers.insert("x-forwarded-for", "127.0.0.1".parse().unwrap());
        assert!(!ClientAddress::of(loopback, &headers, &AddressList::default()).is_local);
    }
}
