//! A frontier: what the official state needs to know of a document's history.

use crate::document::{DocumentFrontier, Heads};

/// The past of some heads: says whether everything at other heads is at them or among their ancestors.
pub type Past<'a> = Box<dyn Fn(&Heads) -> bool + 'a>;

/// What the official state needs to know of a document's history.
///
/// # Contract
///
/// Pure: answers depend on the arguments and the history only, and history only grows. All heads given are known;
/// admission has refused submits at unknown heads before they become events.
pub trait Frontier {
    /// The heads of the smallest history that contains all the given ones; independent of their order.
    fn joint(&self, heads: &[Heads]) -> Heads;

    /// The past of the given heads; finding it may cost a walk through the history, asking it does not.
    fn past<'a>(&'a self, of: &Heads) -> Past<'a>;
}

impl Frontier for DocumentFrontier {
    fn joint(&self, heads: &[Heads]) -> Heads {
        DocumentFrontier::joint(self, heads)
    }

    fn past<'a>(&'a self, of: &Heads) -> Past<'a> {
        Box::new(DocumentFrontier::past(self, of))
    }
}
