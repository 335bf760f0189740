//! What this phone has not handed over yet, with the evidence of time it has for it.

use std::collections::{BTreeSet, HashMap};

use rusqlite::Connection;
use sync_core::{
    document::{DocumentKind, Heads},
    hash::Hash,
    id::DocumentId,
    log::{Entry, EntryKind, Witness},
    rules::{Evidence, Reason},
    time::{ClockReading, Timestamp},
};

use crate::{
    book::{best_time, enrolled},
    error::Error,
    store::{self, Enrolment},
};

/// What has no receipt yet, and what is known of time right now.
pub(crate) struct Open {
    pub(crate) me: Enrolment,
    pub(crate) now: Timestamp,
    /// Evidence a submit would have that was made at this moment.
    pub(crate) at_once: Option<Evidence>,
    documents: BTreeSet<DocumentId>,
    submits: Vec<OpenSubmit>,
    written: HashMap<DocumentId, Evidence>,
}

/// A submit that has no receipt yet.
pub(crate) struct OpenSubmit {
    pub(crate) document: DocumentId,
    pub(crate) entry: Hash,
    pub(crate) heads: Heads,
    pub(crate) reason: Option<Reason>,
    pub(crate) evidence: Evidence,
}

impl Open {
    pub(crate) fn load(db: &Connection, clock: ClockReading) -> Result<Self, Error> {
        let me = enrolled(db)?;
        let entries = open_entries(db, &me, clock)?;
        // Of a visit the submits alone are evidence, of other documents also that they were written.
        let mut first: HashMap<DocumentId, u64> = HashMap::new();
        for (entry, _) in &entries {
            if let EntryKind::Change { document, .. } = entry.kind
                && DocumentKind::of(document) != Some(DocumentKind::Visit)
            {
                first.entry(document).or_insert(entry.index);
            }
        }
        let wanted = |entry: &Entry| match entry.kind {
            EntryKind::Submit { .. } => true,
            EntryKind::Change { document, .. } => first.get(&document) == Some(&entry.index),
            _ => false,
        };
        let evidence: HashMap<u64, Evidence> =
            read_witness(db, &me, &entries, &wanted)?.1.into_iter().collect();
        let now = best_time(db, clock)?;
        let mut open = Self {
            me,
            now,
            at_once: None,
            documents: BTreeSet::new(),
            submits: Vec::new(),
            written: HashMap::new(),
        };
        for (entry, hash) in entries {
            let evidence = evidence.get(&entry.index).cloned();
            match (entry.kind, evidence) {
                (EntryKind::Submit { .. }, evidence) if hash == Hash::ZERO => open.at_once = evidence,
                (EntryKind::Submit { document, heads, reason, .. }, Some(evidence)) => {
                    open.documents.insert(document);
                    open.submits.push(OpenSubmit { document, entry: hash, heads, reason, evidence });
                }
                (EntryKind::Change { document, .. }, evidence) => {
                    open.documents.insert(document);
                    open.written.extend(evidence.map(|evidence| (document, evidence)));
                }
                _ => {}
            }
        }
        Ok(open)
    }

    /// The documents with something that has no receipt yet.
    pub(crate) fn documents(&self) -> &BTreeSet<DocumentId> {
        &self.documents
    }

    /// The submits of a document, as they were made.
    pub(crate) fn submits(&self, document: DocumentId) -> impl Iterator<Item = &OpenSubmit> {
        self.submits.iter().filter(move |submit| submit.document == document)
    }

    /// The evidence of when a document was first written, if that has no receipt yet.
    pub(crate) fn written(&self, document: DocumentId) -> Option<&Evidence> {
        self.written.get(&document)
    }

    /// What evidence becomes if it reaches the server at this moment.
    pub(crate) fn arriving(&self, evidence: &Evidence) -> Evidence {
        evidence.arriving(self.now.max(evidence.not_before))
    }
}

/// The entries without a receipt, and behind them, under the hash zero, a submit as it would be if made now.
fn open_entries(db: &Connection, me: &Enrolment, clock: ClockReading) -> Result<Vec<(Entry, Hash)>, Error> {
    let first = store::first_open(db, me.device)?;
    let mut entries = store::entries_from(db, me.device, first, usize::MAX)?
        .into_iter()
        .map(|(hash, bytes)| Ok((Entry::decode(&bytes).map_err(Error::corrupt)?, hash)))
        .collect::<Result<Vec<_>, Error>>()?;
    let chain = store::chain(db, me.device)?;
    let nothing = DocumentId::from_bytes([0; 16]);
    let kind =
        EntryKind::Submit { document: nothing, heads: Heads::default(), value: Hash::ZERO, reason: None };
    entries.push((Entry::new(chain.next_index, chain.head, clock, kind), Hash::ZERO));
    Ok(entries)
}

/// Carries the time context of the log on over these entries; gives it with the evidence of those that are wanted.
pub(crate) fn read_witness(
    db: &Connection,
    me: &Enrolment,
    entries: &[(Entry, Hash)],
    wanted: &dyn Fn(&Entry) -> bool,
) -> Result<(Witness, Vec<(u64, Evidence)>), Error> {
    let mut witness: Witness = match &me.witness {
        Some(bytes) => sync_core::encoding::decode(bytes).map_err(Error::corrupt)?,
        None => Witness::new(),
    };
    let anchors = |hash| store::anchor_time(db, hash).ok().flatten();
    let evidence = witness.read_where(wanted, entries, &anchors, None, 0, me.enrolled);
    Ok((witness, evidence))
}
