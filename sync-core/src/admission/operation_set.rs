//! Sets of operations, kept as runs: what is typed in one go is one run, however long.

use std::collections::BTreeMap;

use crate::document::Actor;

/// An operation: its counter and who made it.
pub(super) type Operation = (u64, Actor);

/// A set of operations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OperationSet {
    /// First counter of a run → counter behind its last.
    runs: BTreeMap<(Actor, u64), u64>,
    len: usize,
}

impl OperationSet {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn contains(&self, (counter, actor): &Operation) -> bool {
        let run = self.runs.range(..=(*actor, *counter)).next_back();
        run.is_some_and(|((of, _), end)| of == actor && counter < end)
    }

    /// Whether the operation was not in the set before.
    pub(super) fn insert(&mut self, (counter, actor): Operation) -> bool {
        match self.runs.range_mut(..=(actor, counter)).next_back() {
            Some(((of, _), end)) if *of == actor && counter < *end => return false,
            Some(((of, _), end)) if *of == actor && counter == *end => *end = counter + 1,
            _ => drop(self.runs.insert((actor, counter), counter + 1)),
        }
        self.len += 1;
        true
    }

    /// Whether the operation was in the set.
    pub(super) fn remove(&mut self, (counter, actor): &Operation) -> bool {
        let Some(((of, start), end)) = self.runs.range_mut(..=(*actor, *counter)).next_back() else {
            return false;
        };
        if of != actor || *counter >= *end {
            return false;
        }
        let (start, old_end) = (*start, *end);
        *end = *counter;
        if start == *counter {
            self.runs.remove(&(*actor, start));
        }
        if counter + 1 < old_end {
            self.runs.insert((*actor, counter + 1), old_end);
        }
        self.len -= 1;
        true
    }

    /// Takes in operations none of which may be in the set, run by run.
    pub(super) fn add_new(&mut self, operations: Self) {
        for ((actor, start), end) in operations.runs {
            match self.runs.range_mut(..=(actor, start)).next_back() {
                Some(((of, _), last)) if *of == actor && *last == start => *last = end,
                _ => drop(self.runs.insert((actor, start), end)),
            }
        }
        self.len += operations.len;
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Operation> {
        self.runs.iter().flat_map(|(&(actor, start), &end)| (start..end).map(move |counter| (counter, actor)))
    }
}

impl FromIterator<Operation> for OperationSet {
    fn from_iter<I: IntoIterator<Item = Operation>>(operations: I) -> Self {
        let mut set = Self::default();
        for operation in operations {
            set.insert(operation);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn operation((counter, actor): (u64, u8)) -> Operation {
        (counter, Actor::from_bytes([actor; 16]))
    }

    proptest! {
        #[test]
        fn a_set_of_runs_holds_what_a_plain_set_holds(
            steps in prop::collection::vec((any::<bool>(), (0u64..12, 0u8..2)), 0..60),
            new in prop::collection::btree_set((12u64..30, 0u8..2), 0..20),
        ) {
            let (mut runs, mut plain) = (OperationSet::default(), BTreeSet::new());
            for (inserts, step) in steps {
                let step = operation(step);
                if inserts {
                    prop_assert_eq!(runs.insert(step), plain.insert(step));
                } else {
                    prop_assert_eq!(runs.remove(&step), plain.remove(&step));
                }
            }
            runs.add_new(new.iter().copied().map(operation).collect());
            plain.extend(new.into_iter().map(operation));
            prop_assert_eq!(runs.len(), plain.len());
            prop_assert_eq!(runs.iter().collect::<BTreeSet<_>>(), plain.clone());
            for counter in 0..32 {
                for actor in 0..3 {
                    let one = operation((counter, actor));
                    prop_assert_eq!(runs.contains(&one), plain.contains(&one));
                }
            }
        }
    }
}
