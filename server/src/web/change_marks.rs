//! Where two texts part and meet again, so that a difference can be marked inside them.

/// A text split around the part that differs from its counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Marked {
    /// Equal in both.
    pub(crate) start: String,
    /// Differs.
    pub(crate) middle: String,
    /// Equal in both.
    pub(crate) end: String,
}

/// Splits both texts around what differs, never inside a number, a Latin word or a joined emoji.
pub(crate) fn mark(before: &str, after: &str) -> (Marked, Marked) {
    let before: Vec<char> = before.chars().collect();
    let after: Vec<char> = after.chars().collect();
    let mut start = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    while start > 0 && (inside(&before, start) || inside(&after, start)) {
        start -= 1;
    }
    let mut end =
        before[start..].iter().rev().zip(after[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    while end > 0 && (inside(&before, before.len() - end) || inside(&after, after.len() - end)) {
        end -= 1;
    }
    (split(&before, start, end), split(&after, start, end))
}

fn split(text: &[char], start: usize, end: usize) -> Marked {
    let end = text.len() - end;
    Marked {
        start: text[..start].iter().collect(),
        middle: text[start..end].iter().collect(),
        end: text[end..].iter().collect(),
    }
}

/// Whether a cut at this place would part what is read as one.
fn inside(text: &[char], at: usize) -> bool {
    let joins = |c: char| matches!(c, '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{300}'..='\u{36F}');
    if at >= text.len() {
        return false;
    }
    let (left, right) = (text[at - 1], text[at]);
    joins(right) || left == '\u{200D}' || (left.is_ascii_alphanumeric() && right.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn middles(before: &str, after: &str) -> (String, String) {
        let (before, after) = mark(before, after);
        (before.middle, after.middle)
    }

    #[test]
    fn only_the_part_that_differs_is_marked() {
        assert_eq!(middles("报价 12 万元", "报价 15 万元"), ("12".to_owned(), "15".to_owned()));
        assert_eq!(middles("同意", "同意。"), (String::new(), "。".to_owned()));
        assert_eq!(middles("好好", "好好好"), (String::new(), "好".to_owned()));
    }

    #[test]
    fn a_joined_emoji_is_not_parted() {
        assert_eq!(middles("好👍🏻", "好👍🏿"), ("👍🏻".to_owned(), "👍🏿".to_owned()));
    }
}
