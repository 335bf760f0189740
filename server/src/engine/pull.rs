//! Answering a pull: what happened in a device's scopes, and what time it is.

use std::{collections::BTreeSet, sync::Arc};

use sync_core::{
    encoding,
    id::{DeviceId, TenantId},
    log::{Anchor, ServerKey, SignedAnchor, limits},
    protocol::{Cursor, FeedItem, PullRequest, PullResponse},
};

use crate::{
    engine::{DeviceSession, Engine, EngineError},
    event::EventKind,
    projection::{EnrolledDevice, FeedEntry, FeedPlace, Scope, Told, View, corrupt},
    store::StoreError,
};

/// How many bytes one answer brings, but for its last item.
const PAGE_BYTES: usize = 1024 * 1024;

/// How many items of a scope are read at a time.
const READ_ITEMS: usize = 256;

impl Engine {
    /// Answers a pull; the last page brings a fresh anchor unless the server takes no commits just now, or the device
    /// was given too many that it has not answered.
    ///
    /// # Errors
    /// [`EngineError::DeviceRevoked`], [`EngineError::CursorAhead`] and [`EngineError::AnchorAhead`] when the phone has
    /// seen more than this journal holds, [`EngineError::Store`].
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
        // A server that went back to a backup and wrote nothing since begins its own story here.
        let has_begun = match self.begun().await {
            Ok(()) => true,
            Err(EngineError::Store(StoreError::Full { .. })) => false,
            Err(error) => return Err(error),
        };
        let (story, position) = (self.view(TenantId::SERVER), FeedPlace::from(request.cursor).position);
        if let Some(run) = request.run
            && !story.is_of_run(run, position)?
        {
            return Err(EngineError::CursorAhead { cursor: request.cursor, journal: root.size });
        }
        let newest = story.run()?;
        // Of a run that cannot be written yet, everything is of an earlier one.
        let began = newest.filter(|_| has_begun).map_or(u64::MAX, |(began, _)| began);
        let view = self.view(session.tenant);
        let mut device = view.device(session.device)?.ok_or(EngineError::UnknownDevice(session.device))?;
        if device.revoked.is_some() {
            return Err(EngineError::DeviceRevoked(session.device));
        }
        let can_write = self.recall(session, &mut device, request.shown).await?;
        if let (true, Some(seen)) = (can_write && device.sync.is_behind(request.seen), request.seen) {
            return Err(EngineError::AnchorAhead { seen });
        }
        let (items, cursor, more) = {
            let scopes = [Scope::Tenant, Scope::User(device.user)];
            let reader = Reading { device: session.device, began };
            let page = feed_page(&view, reader, scopes, request.cursor.into(), root.size)?;
            (page.items, Cursor::from(page.end), page.more)
        };
        let chain = device.sync.chain;
        let time = self.time();
        let mut anchor = None;
        if !more && can_write && !time.suspect && !device.sync.must_wait(time.now) {
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
            journal: root.size,
            run: newest.map(|(_, run)| run),
        })
    }

    /// Takes note of anchors that a device shows because a server restored from a backup does not know them; gives
    /// whether anything can be written.
    async fn recall(
        self: &Arc<Self>,
        session: DeviceSession,
        device: &mut EnrolledDevice,
        shown: Option<Vec<SignedAnchor>>,
    ) -> Result<bool, EngineError> {
        let mut shown = shown.unwrap_or_default();
        shown.drain(..shown.len().saturating_sub(limits::OPEN_ANCHORS));
        let key = ServerKey::of(self.authority.keys.signing());
        let known = device.sync.issued.map_or(0, |issued| issued.sequence);
        let news = shown.into_iter().skip_while(|shown| shown.anchor.sequence <= known);
        let genuine = news.take_while(|shown| shown.verify(&key).is_ok());
        let mut anchors: Vec<Anchor> = genuine.map(|shown| shown.anchor).collect();
        anchors.retain(|anchor| device.sync.recall_anchor(anchor));
        if anchors.is_empty() {
            return Ok(true);
        }
        tracing::warn!(
            device = %session.device,
            anchors = anchors.len(),
            "a device shows anchors that this journal does not know: it was restored from a backup"
        );
        let kind = EventKind::AnchorsRecalled { device: session.device, anchors };
        match self.append(session.tenant, Some(device.user), kind).await {
            Ok(_) => Ok(true),
            Err(EngineError::Store(StoreError::Full { .. })) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Who reads the feed, and where the server's newest run began.
#[derive(Clone, Copy)]
struct Reading {
    device: DeviceId,
    began: u64,
}

impl Reading {
    /// Whether a device is not told what it caused itself: its receipt said so. In an earlier run the server may have gone
    /// back since to what that receipt said, from something newer.
    fn leaves_out(self, place: FeedPlace, entry: &FeedEntry) -> bool {
        let is_settled = matches!(entry.told, Told::Item(_)) || place.position >= self.began;
        entry.author == Some(self.device) && is_settled
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
    reader: Reading,
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
            if reader.leaves_out(place, &entry) {
                continue;
            }
            match entry.told {
                Told::Item(item) => page.items.push(*item),
                // Once in a page is enough, since it is told as it is now.
                Told::Record(record) if records.insert(record) => {
                    let record = view.record(record)?;
                    let record =
                        record.ok_or_else(|| corrupt("a feed tells of a record that is not there"))?;
                    bytes += encoding::encode(&record.status).len();
                    page.items.push(FeedItem::Record(Box::new(record.status)));
                }
                Told::Record(_) => {}
            }
        }
    }
    Ok(page)
}
