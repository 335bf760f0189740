//! Reading: customers, lists of visits and other documents, one of them, events.

use rusqlite::Connection;
use sync_core::{
    directory::Customer,
    document::{DocumentKind, FieldDifference, FieldValue, difference, field},
    id::{CustomerId, DocumentId},
};

use crate::{
    book::{Book, best_time, day_around, enrolled, load, owner_of, pages::standing, past_of, rulebook},
    document::{DocumentFilter, DocumentLine, DocumentRecord},
    error::Error,
    event::{Event, EventId},
    store::{self, DocumentRow},
    visit::{VisitFilter, VisitId, VisitLine, VisitRecord},
};

/// How many customers or events one call gives at most.
const LIMIT: u32 = 500;
/// How many words of a query are looked for.
const WORDS: usize = 8;

impl Book {
    /// Finds customers by words in name, number, address or contact; all customers for an empty query.
    ///
    /// Gives at most 500, by name.
    pub fn customers(&self, query: &str) -> Result<Vec<Customer>, Error> {
        let words: Vec<String> = query.split_whitespace().take(WORDS).map(str::to_lowercase).collect();
        self.read(|db| store::customers(db, &words, LIMIT))
    }

    /// Lists visits, earliest first, without loading their documents.
    pub fn visits(&self, filter: VisitFilter) -> Result<Vec<VisitLine>, Error> {
        let rows = self.rows(DocumentKind::Visit, filter)?;
        let line = |(row, customer_name): (DocumentRow, _)| VisitLine {
            id: row.id,
            customer: row.customer,
            customer_name,
            rep: row.rep,
            planned: row.planned,
            started: row.started,
            ended: row.ended,
            submitted: row.submitted,
            phase: row.phase,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Lists documents of a kind, earliest first, without loading them.
    pub fn documents(&self, kind: DocumentKind, filter: DocumentFilter) -> Result<Vec<DocumentLine>, Error> {
        let rows = self.rows(kind, filter)?;
        let line = |(row, customer_name): (DocumentRow, _)| DocumentLine {
            id: row.id,
            customer: row.customer,
            customer_name,
            about: row.about,
            at: row.day,
            submitted: row.submitted,
            phase: row.phase,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    fn rows(
        &self,
        kind: DocumentKind,
        filter: DocumentFilter,
    ) -> Result<Vec<(DocumentRow, Option<String>)>, Error> {
        self.read(|db| {
            let filter = match filter {
                DocumentFilter::Today => {
                    let (from, before) = day_around(&rulebook(db)?, best_time(db, self.platform.clock())?);
                    DocumentFilter::Between { from, before }
                }
                other => other,
            };
            store::list(db, kind, &filter)
        })
    }

    /// One visit with its fields and where it stands; `None` if this book has no such visit.
    pub fn visit(&self, id: VisitId) -> Result<Option<VisitRecord>, Error> {
        Ok(self.document(id)?.and_then(VisitRecord::of))
    }

    /// One document of any kind with its fields and where it stands; `None` if this book does not have it.
    pub fn document(&self, id: DocumentId) -> Result<Option<DocumentRecord>, Error> {
        self.read(|db| record(db, id))
    }

    /// What the fields hold now, and what they held with what other phones wrote and a server that went back to a backup
    /// lost; only fields that differ. Empty once those phones have made it again.
    pub fn missing(&self, visit: VisitId) -> Result<Vec<FieldDifference>, Error> {
        self.read(|db| {
            let lost = store::foreign_left_out(db, visit)?;
            let now = load(db, visit)?.map(|document| document.values()).unwrap_or_default();
            let with = past_of(db, visit, &lost)?.values();
            let mut missing = difference(&now, &with);
            missing.retain(|field| field.after.is_some());
            Ok(missing)
        })
    }

    /// What came back from the server and was not marked as read, oldest first; at most 500.
    ///
    /// Events stay in the book until [`mark_read`](Self::mark_read), also over restarts.
    pub fn events(&self) -> Result<Vec<(EventId, Event)>, Error> {
        self.read(|db| {
            let rows = store::events(db, LIMIT)?;
            rows.into_iter()
                .map(|(id, body)| Ok((EventId(id), serde_json::from_str(&body).map_err(Error::corrupt)?)))
                .collect()
        })
    }

    /// Drops the events up to and including this one.
    pub fn mark_read(&self, up_to: EventId) -> Result<(), Error> {
        self.transact(|db| store::forget_events(db, up_to.0))
    }
}

fn record(db: &Connection, id: DocumentId) -> Result<Option<DocumentRecord>, Error> {
    let (Some(kind), Some(document)) = (DocumentKind::of(id), load(db, id)?) else { return Ok(None) };
    let fields = document.values();
    // All kinds name the customer by the same word.
    let customer = match fields.get(field::CUSTOMER) {
        Some(FieldValue::Id(customer)) => store::customer(db, CustomerId::from_bytes(*customer))?,
        _ => None,
    };
    let me = enrolled(db)?;
    let open = store::open_rows(db, me.device)?;
    let own = open.iter().filter(|row| row.document == Some(id));
    let refused = own.clone().filter(|row| row.refusal.is_some()).count();
    let waiting = own.count() - refused;
    let submit = store::last_submit(db, id)?;
    let edited_since_submit = submit.is_some_and(|row| {
        super::submit::submitted_in(&row).is_none_or(|(heads, _)| heads != document.heads())
    });
    let (phase, _) = standing(db, id)?;
    let status = store::record(db, id)?;
    let owner = owner_of(&me, status.as_ref());
    Ok(Some(DocumentRecord {
        id,
        kind,
        fields,
        owner,
        customer,
        phase,
        edited_since_submit,
        waiting,
        refused,
        status,
    }))
}
