//! Lists by person: one after the other of those whom a reader may see, in pages.

use sync_core::{
    directory::{Role, User},
    id::UserId,
};

use super::json::Place;
use crate::{
    engine::{EngineError, line},
    http::Problem,
    projection::View,
    store::StoreError,
};

/// How many people one page looks at.
const PEOPLE: usize = 200;

/// Which page of which people's things.
pub(super) struct ByPerson<'a> {
    /// Only this person's.
    pub person: Option<UserId>,
    /// Only theirs who report to this person, directly or through others, and this person's.
    pub team: Option<UserId>,
    /// Where the page before ended.
    pub after: Option<&'a Place>,
    /// How many things are looked at.
    pub limit: usize,
}

impl ByPerson<'_> {
    /// Reads one page, and says where the next one begins. `read` gives what follows of a person behind a place, at most so
    /// much, each thing with its place.
    pub(super) fn read<T>(
        &self,
        view: &View<'_>,
        reader: &User,
        mut read: impl FnMut(UserId, Option<&[u8]>, usize) -> Result<Vec<(Vec<u8>, T)>, StoreError>,
    ) -> Result<(Vec<T>, Option<Place>), Problem> {
        for asked in self.person.iter().chain(&self.team) {
            if !line::may_ask_about(view, reader, *asked)? {
                return Err(EngineError::NotFound.into());
            }
        }
        let from = self.after.map(Place::id_and_rest).transpose()?;
        let from = from.map(|(person, rest)| (UserId::from_bytes(person), rest));
        // A rep sees one person only; the others need not be looked at.
        let only = self.person.or((reader.role == Role::Rep).then_some(reader.id));
        let (people, more_people) = match (only, from) {
            (Some(only), _) => (vec![only], false),
            (None, from) => {
                let behind = view.users_after(from.map(|(person, _)| person), PEOPLE)?;
                let more = behind.len() == PEOPLE;
                // Behind a thing there may be more of its person; without one the person is done.
                let begun = from.filter(|(_, rest)| !rest.is_empty()).map(|(person, _)| person);
                (begun.into_iter().chain(behind.into_iter().map(|user| user.id)).collect(), more)
            }
        };
        let mut all = Vec::new();
        for person in &people {
            let is_asked_for = self.team.map_or(Ok(true), |team| line::is_in_team(view, *person, team))?;
            if !is_asked_for || !line::may_see(view, reader, *person)? {
                continue;
            }
            let after = from.filter(|(begun, _)| begun == person).map(|(_, rest)| rest);
            let mut last = None;
            for (rest, thing) in read(*person, after, self.limit - all.len())? {
                all.push(thing);
                last = Some(rest);
            }
            if let Some(rest) = last.filter(|_| all.len() == self.limit) {
                return Ok((all, Some(Place::new([person.as_bytes().as_slice(), &rest].concat()))));
            }
        }
        let next = people.last().filter(|_| more_people).map(|person| Place::new(*person.as_bytes()));
        Ok((all, next))
    }
}
