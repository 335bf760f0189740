//! The devices page and the question before a device is revoked.

use askama::Template;

use crate::web::{
    Html, Page, path,
    view::{DeviceRow, DevicesView, RevokeView},
};

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage<'a> {
    p: &'a Page,
    view: &'a DevicesView,
}

#[derive(Template)]
#[template(path = "revoke.html")]
struct RevokePage<'a> {
    p: &'a Page,
    view: &'a RevokeView,
}

/// Renders the devices.
pub fn render_devices(page: &Page, view: &DevicesView) -> askama::Result<Html> {
    DevicesPage { p: page, view }.render().map(axum::response::Html)
}

/// Renders the question before a device is revoked.
pub fn render_revoke(page: &Page, view: &RevokeView) -> askama::Result<Html> {
    RevokePage { p: page, view }.render().map(axum::response::Html)
}

impl DevicesPage<'_> {
    fn revoke_path(&self, row: &DeviceRow) -> String {
        path::revoke(&row.device)
    }
}

impl RevokePage<'_> {
    fn revoke_path(&self) -> String {
        path::revoke(&self.view.device.device)
    }
}
