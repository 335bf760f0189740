//! Closing: days are closed, and what is known of them by then is kept beside what comes later.

use std::sync::Arc;

use sync_core::{
    directory::Role,
    id::{TenantId, UserId},
    rules::Period,
};

use crate::{
    engine::{Engine, EngineError, decide::NOTE_CHARS, directory::within},
    event::EventKind,
    projection::{Closing, corrupt, ledger},
};

/// How many days one closing holds.
const DAYS: i32 = 400;

/// How many closings a company has.
const CLOSINGS: usize = 1_000;

/// How often others have their turn while the ledger is brought up to date.
const TURNS: usize = 10_000;

impl Engine {
    /// Closes days that are over. Before that, everything that arrived is judged, so that it is in what is kept.
    ///
    /// Days may be closed again: then what is known by then is kept as well.
    ///
    /// # Errors
    /// [`EngineError::NotPermitted`] for anybody but an administrator, [`EngineError::TooLong`] for the note,
    /// [`EngineError::Invalid`] for days that cannot be closed. `by` is `None` for the operator at the console.
    pub async fn close_period(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        period: Period,
        note: &str,
    ) -> Result<Closing, EngineError> {
        if let Some(by) = by
            && self.view(tenant).user(by)?.is_none_or(|user| !user.active || user.role != Role::Admin)
        {
            return Err(EngineError::NotPermitted);
        }
        within("note", note, NOTE_CHARS)?;
        self.check_days(tenant, period)?;
        self.tick_tenant(tenant).await?;
        for _ in 0..TURNS {
            if !self.judge_next(tenant).await? {
                break;
            }
        }
        // From here on nothing arrives, and what came in between is little.
        let _directory = self.locks.directory(tenant).await;
        let _rules = self.locks.rules(tenant).write_owned().await;
        while ledger::waits(&self.view(tenant), self.time().now)? {
            self.judge_held(tenant).await?;
        }
        if self.view(tenant).closings()?.len() >= CLOSINGS {
            return Err(EngineError::Invalid(format!(
                "there are {CLOSINGS} closings, and no more can be kept"
            )));
        }
        let kind = EventKind::PeriodClosed { period, note: note.to_owned() };
        self.append(tenant, by, kind).await?;
        let closed = self.view(tenant).closings()?.pop();
        Ok(closed.ok_or_else(|| corrupt("days were closed, and nothing is known of it"))?)
    }

    fn check_days(&self, tenant: TenantId, Period { first, last }: Period) -> Result<(), EngineError> {
        let time = self.time();
        let refuse = |what: String| Err(EngineError::Invalid(what));
        if time.suspect {
            return refuse(
                "the server's clock is in doubt: close the days when it can be trusted".to_owned(),
            );
        }
        let rulebook = self.view(tenant).rulebook()?;
        let Some(today) = rulebook.zone(time.now).and_then(|zone| zone.day_of(time.now)) else {
            return refuse("there is no rule yet that says in which zone days end".to_owned());
        };
        if first > last {
            return refuse(format!("{first} is after {last}: the first day comes first"));
        }
        if last >= today {
            return refuse(format!("{last} is not over: days can be closed from the day after on"));
        }
        if first.until(last).is_ok_and(|days| days.get_days() < DAYS) {
            Ok(())
        } else {
            refuse(format!("{first} to {last} are more than {DAYS} days"))
        }
    }
}
