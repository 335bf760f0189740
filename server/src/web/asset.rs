//! The files pages load: built into the program and named by their content, so that they may be cached for ever.

use std::sync::LazyLock;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sync_core::hash::Hash;

use crate::{
    http::Problem,
    web::{asked::Segment, path},
};

const CACHE_FOR_EVER: &str = "public, max-age=31536000, immutable";

struct Asset {
    stem: &'static str,
    extension: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

static ASSETS: [Asset; 2] = [
    Asset {
        stem: "fieldbook",
        extension: "css",
        content_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../../assets/fieldbook.css"),
    },
    Asset {
        stem: "icon",
        extension: "svg",
        content_type: "image/svg+xml",
        bytes: include_bytes!("../../assets/icon.svg"),
    },
];

static NAMED: LazyLock<Vec<(String, &'static Asset)>> = LazyLock::new(|| {
    let named = |asset: &'static Asset| {
        let hash = Hash::of("fieldbook/asset/1", &[asset.bytes]).to_string();
        (format!("{}-{}.{}", asset.stem, &hash[..12], asset.extension), asset)
    };
    ASSETS.iter().map(named).collect()
});

/// Gives the address of an asset by its plain name, such as `fieldbook.css`; an unknown name comes back as it is.
pub fn url(plain: &str) -> String {
    let named = NAMED.iter().find(|(_, asset)| plain == format!("{}.{}", asset.stem, asset.extension));
    format!("{}/{}", path::ASSETS, named.map_or(plain, |(name, _)| name))
}

/// Answers `GET /assets/{name}`.
pub(super) async fn get(Segment(name): Segment) -> Response {
    match NAMED.iter().find(|(known, _)| *known == name) {
        Some((_, asset)) => {
            let headers =
                [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, CACHE_FOR_EVER)];
            (headers, asset.bytes).into_response()
        }
        None => Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here").into_response(),
    }
}

/// The assets with the names they are served under.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    NAMED.iter().map(|(name, asset)| (name.as_str(), asset.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_asset_is_served_for_ever_under_the_name_that_pages_link() {
        let link = url("fieldbook.css");
        let name = link.strip_prefix("/assets/").expect("assets live there").to_owned();
        let answer = get(Segment(name)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CACHE_CONTROL], CACHE_FOR_EVER);
        assert_eq!(get(Segment("fieldbook.css".to_owned())).await.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn every_asset_that_templates_link_exists() {
        for plain in ["fieldbook.css", "icon.svg"] {
            assert_ne!(url(plain), format!("{}/{plain}", path::ASSETS));
        }
    }
}
