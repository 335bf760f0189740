//! Answering a pull: what happened in a device's scopes, and what time it is.

use std::{collections::BTreeSet, sync::Arc};

use sync_core::{
    encoding,
    id::DeviceId,
    log::SignedAnchor,
    protocol::{Cursor, FeedItem, PullRequest, PullResponse},
};

use crate::{
    engine::{DeviceSession, Engine, EngineError},
    event::EventKind,
    projection::{FeedPlace, Scope, Told, View, corrupt},
    store::StoreError,
};

/// How many bytes one answer brings, but for its last item.
const PAGE_BYTES: usize = 1024 * 1024;

/// How many items of a scope are read at a time.
const READ_ITEMS: usize = 256;

impl Engine {
    /// Answers a pull; the last page brings a fresh anchor unless the server takes no commits just now.
    ///
    /// # Errors
    /// [`EngineError::DeviceRevoked`], [`EngineError::CursorAhead`] when the phone has seen more than this journal
    /// holds, [`EngineError::Store`].
    pub async fn pull(
        self: &Arc<Self>,
        session: DeviceSession,
        request: PullRequest,
    ) -> Result<PullResponse, EngineError> {
        let _device = self.locks.device(session.tenant, session.device).await;
        let root = self.root();
        if FeedPlace::from(request.cursor).position > root.size {
            return Err(EngineError::CursorAhead { cursor: request.cursor, journal: root.size });
        }
        let (items, cursor, more, mut device) = {
            let index = self.index();
            let view = View::new(index, session.tenant);
            let device = view.device(session.device)?.ok_or(EngineError::UnknownDevice(session.device))?;
            if device.revoked.is_some() {
                return Err(EngineError::DeviceRevoked(session.device));
            }
            let scopes = [Scope::Tenant, Scope::User(device.user)];
            let page = feed_page(&view, session.device, scopes, request.cursor.into(), root.size)?;
            (page.items, Cursor::from(page.end), page.more, device)
        };
        let chain = device.sync.chain;
        let time = self.time();
        let mut anchor = None;
        if !more && !time.suspect {
            let issued = device.sync.issue_anchor(time.now, request.nonce, root);
            let kind = EventKind::AnchorIssued(issued.clone());
            match self.append(session.tenant, Some(device.user), kind).await {
                Ok(_) => anchor = Some(SignedAnchor::sign(issued, self.authority.keys.signing())),
                // Reading goes on while nothing can be written.
                Err(EngineError::Store(StoreError::Full { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(PullResponse {
            items,
            cursor,
            more,
            anchor,
            next_index: chain.next_index,
            device_head: chain.head,
        })
    }
}

struct FeedPage {
    items: Vec<FeedItem>,
    end: FeedPlace,
    more: bool,
}

/// Merges scopes by place, until the page is full or nothing is left up to a position of the journal.
///
/// What is younger waits for the next pull: it may be visible in one scope and not yet in the other, which was read
/// before it.
fn feed_page(
    view: &View<'_>,
    reader: DeviceId,
    scopes: [Scope; 2],
    after: FeedPlace,
    up_to: u64,
) -> Result<FeedPage, StoreError> {
    let mut page = FeedPage { items: Vec::new(), end: after, more: true };
    let mut records = BTreeSet::new();
    let mut bytes = 0;
    while page.more && bytes < PAGE_BYTES {
        let mut found = Vec::new();
        // Behind the last item of a full read there may be more of that scope; the others wait for it.
        let mut cut = None;
        for scope in scopes {
            let mut items = view.feed(scope, page.end, READ_ITEMS)?;
            items.retain(|(place, ..)| place.position <= up_to);
            if items.len() == READ_ITEMS {
                let last = items.last().map(|(place, ..)| *place);
                cut = [cut, last].into_iter().flatten().min();
            }
            found.extend(items);
        }
        page.more = cut.is_some();
        found.retain(|(place, ..)| cut.is_none_or(|cut| *place <= cut));
        found.sort_by_key(|(place, ..)| *place);
        for (place, entry, size) in found {
            if bytes >= PAGE_BYTES {
                page.more = true;
                break;
            }
            page.end = place;
            // Also what the reader is not told was read, and reading is bounded too.
            bytes += size;
            if entry.author == Some(reader) {
                continue;
            }
            match entry.told {
                Told::Item(item) => page.items.push(item),
                // Once in a page is enough, since it is told as it is now.
                Told::Record(record) if records.insert(record) => {
                    let record = view.record(record)?;
                    let record = record.ok_or_else(|| corrupt("a feed tells of a record that is not there"))?;
                    bytes += encoding::encode(&record.status).len();
                    page.items.push(FeedItem::Record(Box::new(record.status)));
                }
                Told::Record(_) => {}
            }
        }
    }
    Ok(page)
}
