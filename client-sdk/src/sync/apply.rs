//! Applying a page of the feed: everything in it passes this phone's own checks first.

use std::collections::HashSet;

use rusqlite::Connection;
use sync_core::{
    admission::{Admitted, Limits, Refusal, RefusalCode, admit},
    calendar::Calendar,
    document::{Author, Document, DocumentKind},
    encoding::Bytes,
    id::{DeviceId, DocumentId},
    protocol::{Cursor, FeedItem, PullResponse},
    record::{RecordStatus, Seal},
    rules::Pack,
};

use crate::{
    book::{
        Writer, begin_anew, dependencies, keep_page, keep_standing, load, make_again, put_back, rebuild,
        set_lost_aside,
    },
    error::Error,
    event::Event,
    store::{self, ChangeState},
    sync::SyncReport,
};

/// Keeps what a page brought, together with its cursor.
pub(crate) fn apply_page(
    db: &Connection,
    writer: &Writer<'_>,
    page: PullResponse,
    report: &mut SyncReport,
) -> Result<(), Error> {
    if writer.me.cursor == Cursor(0) {
        begin_anew(db, writer)?;
    }
    for item in page.items {
        apply(db, writer, item, page.journal, report)?;
    }
    store::set_cursor(db, writer.me.device, page.cursor, page.run)?;
    if !page.more {
        make_up(db, writer, report)?;
    }
    tell_reminders(db, writer)
}

/// After a whole pull: forgets what the server has no longer, and makes again what others than this enrolment wrote here
/// and the server does not have.
fn make_up(db: &Connection, writer: &Writer<'_>, report: &mut SyncReport) -> Result<(), Error> {
    let untold = store::take_untold(db)?;
    for customer in &untold.customers {
        keep_news(db, writer, true, &Event::CustomerGone { customer: *customer })?;
    }
    keep_news(db, writer, untold.rules > 0, &Event::RulesChanged)?;
    if untold.users > 0 {
        writer.obligations_may_change();
    }
    for visit in set_lost_aside(db, writer)? {
        keep(db, &Event::Missing { visit })?;
    }
    for visit in make_again(db, writer)? {
        report.made_again += 1;
        keep(db, &Event::MadeAgain { visit })?;
    }
    Ok(())
}

fn apply(
    db: &Connection,
    writer: &Writer<'_>,
    item: FeedItem,
    journal: u64,
    report: &mut SyncReport,
) -> Result<(), Error> {
    match item {
        FeedItem::Changes { document, author, changes } => {
            apply_changes(db, writer, document, author, &changes, report)
        }
        FeedItem::Record(status) => apply_record(db, writer, &status, journal, report),
        FeedItem::Customer(customer) => {
            let is_new = store::keep_customer(db, &customer)?;
            keep_news(db, writer, is_new, &Event::CustomerChanged { customer: customer.id })
        }
        FeedItem::CustomerGone { id } => {
            let is_new = store::forget_customer(db, id)?;
            keep_news(db, writer, is_new, &Event::CustomerGone { customer: id })
        }
        FeedItem::User(user) => {
            if store::keep_user(db, &user)? {
                writer.obligations_may_change();
            }
            Ok(())
        }
        FeedItem::Pack { toml } => match Pack::parse(&toml) {
            Ok(pack) => {
                let effective_from = pack.effective_from.to_string();
                let is_new = store::keep_pack(db, &pack.id, pack.version, &effective_from, &toml)?;
                keep_news(db, writer, is_new, &Event::RulesChanged)
            }
            Err(error) => distrust(db, None, error.to_string(), report),
        },
        FeedItem::Calendar { year, ics } => match Calendar::from_ics(&[(year, &ics)]) {
            Ok(_) => {
                let is_new = store::keep_calendar(db, year, &ics)?;
                keep_news(db, writer, is_new, &Event::RulesChanged)
            }
            Err(error) => distrust(db, None, error.to_string(), report),
        },
    }
}

fn apply_changes(
    db: &Connection,
    writer: &Writer<'_>,
    id: DocumentId,
    device: DeviceId,
    changes: &[Bytes],
    report: &mut SyncReport,
) -> Result<(), Error> {
    let changes: Vec<&[u8]> = changes.iter().map(|bytes| bytes.as_slice()).collect();
    let document = match load(db, id)? {
        Some(document) => document,
        None => match Document::genesis(id) {
            Ok(document) => document,
            Err(unknown) => {
                let refusal = Refusal::new(RefusalCode::UnknownKind, unknown.to_string());
                for bytes in changes {
                    keep_apart(db, writer, (id, device, bytes), &refusal, report)?;
                }
                return Ok(());
            }
        },
    };
    let author = Author { tenant: writer.me.tenant, device };
    let mut admitted = admit(&document, &author, &changes, &Limits::default());
    if has_no_room(&admitted)
        && make_room(db, writer, id, &changes)?
        && let Some(document) = load(db, id)?
    {
        admitted = admit(&document, &author, &changes, &Limits::default());
    }
    let Admitted { saved, values, results, .. } = admitted;
    let (mut merged, mut came_back) = (0, false);
    for (bytes, result) in changes.into_iter().zip(results) {
        match result {
            Ok(hash) => {
                came_back |=
                    matches!(store::change_state(db, hash)?, Some(ChangeState::LeftOut | ChangeState::Aside));
                let is_new = store::keep_change(db, id, device, hash, bytes, ChangeState::There)?;
                merged += usize::from(is_new);
            }
            Err(refusal) => keep_apart(db, writer, (id, device, bytes), &refusal, report)?,
        }
    }
    if came_back {
        // With it comes what was written on top of it.
        rebuild(db, writer, id)?;
    } else {
        keep_page(db, writer, id, &values, &saved)?;
    }
    report.received += merged;
    match merged {
        0 => Ok(()),
        _ if is_visit(id) => keep(db, &Event::VisitChanged { visit: id }),
        _ => keep(db, &Event::DocumentChanged { document: id }),
    }
}

/// Whether a change found its number taken, or something missing that it builds on.
fn has_no_room(admitted: &Admitted) -> bool {
    let is_so = |refusal: &Refusal| {
        matches!(refusal.code, RefusalCode::SequenceBroken | RefusalCode::MissingDependency)
    };
    admitted.results.iter().any(|result| result.as_ref().is_err_and(is_so))
}

/// Puts changes of this book back that were out of the document, if they are among those the server shows or these build
/// on them: its receipt for them may have been lost. Gives whether there were any.
fn make_room(db: &Connection, writer: &Writer<'_>, id: DocumentId, changes: &[&[u8]]) -> Result<bool, Error> {
    let mut below = HashSet::new();
    for bytes in changes {
        // What cannot be read builds on nothing; it is refused for that.
        below.extend(dependencies(bytes).unwrap_or_default());
    }
    put_back(db, writer, id, |row| below.contains(&row.hash) || changes.contains(&row.bytes.as_slice()))
}

fn keep_apart(
    db: &Connection,
    writer: &Writer<'_>,
    (document, device, bytes): (DocumentId, DeviceId, &[u8]),
    refusal: &Refusal,
    report: &mut SyncReport,
) -> Result<(), Error> {
    tracing::warn!(%document, %device, code = ?refusal.code, "a change from the server failed this phone's checks");
    store::keep_distrusted(db, document, device, bytes, refusal, writer.now)?;
    report.distrusted += 1;
    keep(db, &Event::Distrusted { visit: Some(document), detail: refusal.to_string() })
}

fn distrust(
    db: &Connection,
    visit: Option<DocumentId>,
    detail: String,
    report: &mut SyncReport,
) -> Result<(), Error> {
    tracing::warn!(?visit, detail, "what the server sent failed this phone's checks");
    report.distrusted += 1;
    keep(db, &Event::Distrusted { visit, detail })
}

/// Keeps what the server says of a record as of so many records of its journal, and tells what is new in it.
///
/// What is older than what this book has already, as in a receipt that had to be asked for again, is passed over.
/// A version never changes: what says otherwise is distrusted, and what this book has stays. Only after the server went
/// back to a backup, official is what it says from then on; what is so no longer is told with what it was.
pub(crate) fn apply_record(
    db: &Connection,
    writer: &Writer<'_>,
    status: &RecordStatus,
    as_of: u64,
    report: &mut SyncReport,
) -> Result<(), Error> {
    let visit = status.document;
    if store::is_older(db, visit, as_of)? {
        return Ok(());
    }
    if !is_visit(visit) {
        store::keep_record(db, status, as_of)?;
        return keep_standing(db, writer, visit);
    }
    let before = store::record(db, visit)?;
    let held = before.as_ref().map_or(&[][..], |before| &before.seals);
    let same = held.iter().zip(&status.seals).take_while(|(held, said)| held == said).count();
    if let Some(seal) = held.get(same)
        && !store::is_of_another_journal(db, visit)?
    {
        let detail = format!("version {} is not what it was", seal.version.number);
        distrust(db, Some(visit), detail, report)?;
        return keep_standing(db, writer, visit);
    }
    store::keep_record(db, status, as_of)?;
    for seal in &held[same..] {
        let Seal { version, value } = seal.clone();
        keep(db, &Event::Unsealed { visit, version: version.number, at: version.at, value })?;
    }
    for seal in &status.seals[same..] {
        report.seals += 1;
        keep(db, &Event::Sealed { visit, version: seal.version.number })?;
    }
    for submit in &status.submits {
        let known = before.as_ref().and_then(|before| before.submit(submit.entry));
        if known.is_none_or(|known| known.verdict != submit.verdict) {
            report.verdicts += 1;
            let verdict = Box::new(submit.verdict.clone());
            keep(db, &Event::Judged { visit, submit: submit.entry, verdict })?;
        }
        for decision in submit.decisions.iter().skip(known.map_or(0, |known| known.decisions.len())) {
            report.decisions += 1;
            keep(
                db,
                &Event::Decided {
                    visit,
                    submit: submit.entry,
                    ruling: decision.ruling,
                    reason: decision.reason,
                    note: decision.note.clone(),
                },
            )?;
        }
    }
    keep_standing(db, writer, visit)
}

/// Whether a document is a visit: nothing that is said of another document is a verdict on it.
fn is_visit(document: DocumentId) -> bool {
    DocumentKind::of(document) == Some(DocumentKind::Visit)
}

/// The feed says the same again after it was read from the start; the app is not told twice.
fn keep_news(db: &Connection, writer: &Writer<'_>, is_new: bool, event: &Event) -> Result<(), Error> {
    if !is_new {
        return Ok(());
    }
    writer.obligations_may_change();
    keep(db, event)
}

/// Tells once, behind everything else, that what is owed may be something else now.
pub(crate) fn tell_reminders(db: &Connection, writer: &Writer<'_>) -> Result<(), Error> {
    if !writer.obligations_changed() {
        return Ok(());
    }
    // The one that is there already may be among those that the app is about to mark as read.
    store::forget_event(db, &written(&Event::RemindersChanged)?)?;
    keep(db, &Event::RemindersChanged)
}

/// Keeps an event until the app has read it.
pub(crate) fn keep(db: &Connection, event: &Event) -> Result<(), Error> {
    store::keep_event(db, &written(event)?)
}

fn written(event: &Event) -> Result<String, Error> {
    serde_json::to_string(event).map_err(Error::corrupt)
}
