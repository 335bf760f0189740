//! A stacked bar: how many there are of each state, side by side.

use crate::web::Page;

/// A stacked bar.
pub(crate) struct Stack {
    /// The same in words.
    pub(crate) words: String,
    /// Its stretches, from the left.
    pub(crate) stretches: Vec<Stretch>,
}

/// One state in a stacked bar, in per cent.
pub(crate) struct Stretch {
    pub(crate) name: &'static str,
    pub(crate) x: f64,
    pub(crate) width: f64,
}

impl Stack {
    /// Draws counts, each with the stable name of what is counted and a word for it.
    pub(crate) fn of(page: &Page, counts: impl IntoIterator<Item = (&'static str, String, u64)>) -> Self {
        let counts: Vec<_> = counts.into_iter().filter(|(_, _, count)| *count > 0).collect();
        let total = counts.iter().map(|(_, _, count)| count).sum::<u64>().max(1) as f64;
        let (mut x, mut stretches, mut words) = (0.0, Vec::new(), Vec::new());
        for (name, word, count) in counts {
            let width = 100.0 * count as f64 / total;
            stretches.push(Stretch { name, x, width });
            words.push(format!("{word} {count}"));
            x += width;
        }
        Self { words: words.join(&page.t("list-comma")), stretches }
    }
}
