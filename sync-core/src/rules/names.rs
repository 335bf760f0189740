//! Names in parts: every attribute that a part names has to be one of the facts it is looked for in.

use super::{
    FactKind,
    part::{Access, Anchored, Band, By, Difference, Guard, Need, Quota, Recurring, Score},
    selector::attribute,
};

/// A part whose names can be checked.
pub(super) trait Named {
    /// Says which name does not exist, and which do.
    fn check_names(&self) -> Result<(), String>;
}

fn all<'a>(kind: FactKind, names: impl IntoIterator<Item = &'a String>) -> Result<(), String> {
    names.into_iter().try_for_each(|name| attribute(kind, name).map(drop))
}

fn route(by: &By, kind: FactKind) -> Result<(), String> {
    match by {
        By::Route { of, .. } => all(kind, [of]),
        _ => Ok(()),
    }
}

impl Named for Anchored {
    fn check_names(&self) -> Result<(), String> {
        all(self.anchor.kind, &self.one_per)?;
        route(&self.by, self.anchor.kind)
    }
}

impl Named for Quota {
    fn check_names(&self) -> Result<(), String> {
        self.counted.iter().try_for_each(|counted| route(&self.by, counted.kind))
    }
}

impl Named for Guard {
    fn check_names(&self) -> Result<(), String> {
        self.needs.iter().try_for_each(|need| match need {
            Need::Fields(names) => all(self.act.kind, names),
            Need::Number(bound) => all(self.act.kind, [&bound.value].into_iter().chain(&bound.of)),
            Need::Earlier { by, .. } => route(by, self.act.kind),
            Need::Like(_) | Need::Agreed(_) | Need::Hours { .. } | Need::Stages(_) => Ok(()),
        })
    }
}

impl Named for Difference {
    fn check_names(&self) -> Result<(), String> {
        all(self.planned.kind, &self.same)?;
        all(self.done.kind, self.same.iter().chain(&self.excused_by))
    }
}

impl Named for Access {
    fn check_names(&self) -> Result<(), String> {
        all(self.what.kind, &self.hidden_from)
    }
}

impl Named for Recurring {
    fn check_names(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Named for Band {
    fn check_names(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Named for Score {
    fn check_names(&self) -> Result<(), String> {
        Ok(())
    }
}
