//! A session: one document while changes are being judged one after the other and merged in groups.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use automerge::{Automerge, Change, legacy::ObjectId};

use super::{
    Limits, Refusal, RefusalCode,
    canonical::Decoded,
    column::over_limit,
    header,
    operation_set::{Operation, OperationSet},
    reference,
    view::{Effects, View},
};
use crate::document::{Actor, Ancestry, Document, DocumentKind, Field};

/// A fork of the document, what is waiting to be merged into it, and what the next writer saw.
pub(super) struct Session<'a> {
    document: &'a Document,
    actor: Actor,
    /// The fork; `None` until something was merged into it.
    fork: Option<Automerge>,
    ancestry: Ancestry,
    /// Accepted changes that the state does not have yet; the view already stands after the last of them.
    waiting: Vec<Change>,
    view: Option<View>,
    /// Every element ever inserted, by text; read from the whole history, so only when it is needed.
    elements: Option<HashMap<Operation, &'static str>>,
}

impl<'a> Session<'a> {
    pub(super) fn new(document: &'a Document, actor: Actor) -> Self {
        Self {
            document,
            actor,
            fork: None,
            ancestry: Ancestry::of(document.state()),
            waiting: Vec::new(),
            view: None,
            elements: None,
        }
    }

    /// Runs gates 3 and 5; an accepted change waits for [`merge`](Self::merge).
    ///
    /// The inner result is about this change. The outer error is about a change accepted before it, which could not
    /// be merged after all; the session is then of no further use.
    pub(super) fn judge(
        &mut self,
        decoded: &Decoded<'_>,
        limits: &Limits,
    ) -> Result<Result<(), Refusal>, Refusal> {
        if let Err(refusal) = self.check_header(decoded, limits) {
            return Ok(Err(refusal));
        }
        if self.ancestry.knows(&decoded.hash()) {
            // Sent again: it is already part of the document.
            return Ok(Ok(()));
        }
        let mut view = self.view_at(decoded)?;
        let checked = header::check_own_past(decoded, &self.ancestry, &view.past).and_then(|()| {
            let kind = self.document.kind();
            let mut sight = SessionSight { session: self, view: &mut view };
            reference::check(kind, decoded, &mut sight)
        });
        let judged = checked.map(|effects| {
            self.accept(decoded, &effects);
            view.advance(&self.ancestry, decoded.hash(), effects);
        });
        self.view = Some(view);
        Ok(judged)
    }

    /// Merges what is waiting; after an error the session is of no further use.
    pub(super) fn merge(&mut self) -> Result<(), Refusal> {
        let waiting = std::mem::take(&mut self.waiting);
        self.view = None;
        if waiting.is_empty() {
            return Ok(());
        }
        let failed = |detail: String| Refusal::new(RefusalCode::DryRunFailed, detail);
        let (fork, changes) = match self.fork.take() {
            Some(fork) => (fork, waiting),
            None if self.document.is_new() => {
                // Into an empty document all changes go at one place: that is faster than into the genesis.
                let genesis = self.document.kind().genesis().change.clone();
                (Automerge::new(), std::iter::once(genesis).chain(waiting).collect())
            }
            None => (self.document.state().clone(), waiting),
        };
        let applied = catch_unwind(AssertUnwindSafe(|| {
            let mut fork = fork;
            fork.apply_changes(changes).map(|()| fork)
        }));
        let applied = applied.map_err(|_| failed("applying it panicked".into()))?;
        self.fork = Some(applied.map_err(|error| failed(error.to_string()))?);
        Ok(())
    }

    /// The document with all that was merged; `None` if nothing was.
    pub(super) fn finish(self) -> Option<Document> {
        self.fork.map(|fork| self.document.with_state(fork))
    }
}

impl Session<'_> {
    fn check_header(&self, decoded: &Decoded<'_>, limits: &Limits) -> Result<(), Refusal> {
        header::check_actor(decoded, &self.actor)?;
        if self.ancestry.knows(&decoded.hash()) {
            return Ok(());
        }
        header::check_place(decoded, &self.ancestry)?;
        let changes = self.ancestry.len() + 1;
        if changes > limits.document_changes {
            return Err(over_limit("changes of a document", changes as u64, limits.document_changes as u64));
        }
        Ok(())
    }

    /// The view of the change's writer: the one left by the change before if it goes on from there.
    fn view_at(&mut self, decoded: &Decoded<'_>) -> Result<View, Refusal> {
        let mut heads = decoded.dependencies().to_vec();
        heads.sort_unstable();
        if let Some(view) = self.view.take_if(|view| view.heads == heads) {
            return Ok(view);
        }
        self.merge()?;
        Ok(View::new(self.document.kind(), self.state(), &self.ancestry, heads))
    }

    fn state(&self) -> &Automerge {
        self.fork.as_ref().unwrap_or(self.document.state())
    }

    fn accept(&mut self, decoded: &Decoded<'_>, effects: &Effects) {
        let (start_op, max_op) = (decoded.start_op(), decoded.max_op());
        self.ancestry.add(decoded.hash(), decoded.actor(), decoded.dependencies(), start_op, max_op);
        self.waiting.push(decoded.change().clone());
        if let Some(elements) = &mut self.elements {
            for (field, effect) in effects.iter() {
                elements.extend(effect.inserted.iter().map(|element| (element, field.name)));
            }
        }
    }

    fn element_field(&mut self, element: Operation) -> Option<&'static str> {
        let state = self.fork.as_ref().unwrap_or(self.document.state());
        let (kind, waiting) = (self.document.kind(), &self.waiting);
        let elements = self.elements.get_or_insert_with(|| {
            let merged = state.get_changes(&[]);
            merged.iter().chain(waiting).flat_map(|change| inserted_elements(kind, change)).collect()
        });
        elements.get(&element).copied()
    }
}

fn inserted_elements(kind: DocumentKind, change: &Change) -> Vec<(Operation, &'static str)> {
    let Some(actor) = Actor::read(change.actor_id()) else { return Vec::new() };
    let operations = change.decode().operations;
    let numbered = operations.iter().zip(change.start_op().get()..);
    numbered
        .filter(|(operation, _)| operation.insert)
        .filter_map(|(operation, counter)| match &operation.obj {
            ObjectId::Id(object) => {
                let field = kind.text_field(object.counter(), &Actor::read(object.actor())?)?;
                Some(((counter, actor), field.name))
            }
            ObjectId::Root => None,
        })
        .collect()
}

/// The session and the view of one writer, as gate 5 wants to see them.
struct SessionSight<'a, 'd> {
    session: &'a mut Session<'d>,
    view: &'a mut View,
}

impl reference::Sight for SessionSight<'_, '_> {
    fn visible(&mut self, field: &'static Field) -> &OperationSet {
        self.view.visible(self.session.state(), field)
    }

    fn was_deleted(&mut self, field: &'static Field, element: Operation) -> bool {
        self.session.element_field(element) == Some(field.name)
            && self.view.past.has_operation(&self.session.ancestry, element.0, &element.1)
    }
}
