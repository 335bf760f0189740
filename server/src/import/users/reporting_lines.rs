//! Who reports to whom, followed to the top: no circles, and no line through a row that is not loaded.

use std::collections::BTreeMap;

use super::{super::known_people::KnownPeople, Candidate, Problem};

/// What is known of one login while lines are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// On the line being followed now.
    Followed,
    /// Its line ends at the top.
    Sound,
    /// Its line meets a circle or a bad row.
    Broken,
}

/// Reports each candidate whose line comes back to it or meets a bad row.
///
/// What remains good therefore reaches the top through good rows and people the file does not mention, so skipping the
/// bad rows cannot make a circle either. Each login is visited once.
pub(super) fn check(candidates: &mut [Candidate], people: &KnownPeople, column: &str) {
    let places: BTreeMap<String, usize> = candidates
        .iter()
        .enumerate()
        .map(|(place, candidate)| (candidate.draft.login.clone(), place))
        .collect();
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for start in 0..candidates.len() {
        let mut followed: Vec<String> = Vec::new();
        let mut next = Some(candidates[start].draft.login.clone());
        let end = loop {
            let Some(login) = next else { break Line::Sound };
            match lines.get(&login) {
                Some(Line::Followed) => {
                    report_circle(&followed, &login, &places, candidates, column);
                    break Line::Broken;
                }
                Some(known) => break *known,
                None => {}
            }
            next = match places.get(&login) {
                Some(place) if !candidates[*place].bad.is_empty() => {
                    lines.insert(login, Line::Broken);
                    break Line::Broken;
                }
                Some(place) => candidates[*place].draft.reports_to.clone(),
                None => people.person(&login).and_then(|person| person.reports_to.clone()),
            };
            lines.insert(login.clone(), Line::Followed);
            followed.push(login);
        };
        for login in followed {
            if end == Line::Broken
                && let Some(place) = places.get(&login)
                && candidates[*place].bad.is_empty()
            {
                candidates[*place].report(column, Problem::LeadsToBadRow);
            }
            lines.insert(login, end);
        }
    }
}

fn report_circle(
    followed: &[String],
    entry: &str,
    places: &BTreeMap<String, usize>,
    candidates: &mut [Candidate],
    column: &str,
) {
    for login in followed.iter().skip_while(|login| *login != entry) {
        if let Some(place) = places.get(login) {
            candidates[*place].report(column, Problem::ReportsInCircle);
        }
    }
}
