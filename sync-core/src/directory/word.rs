//! Words of packs in the directory: what a post and a tag may look like.

/// How many posts one user may have.
pub const POSTS_MAX: usize = 16;

/// How many tags one customer may have.
pub const TAGS_MAX: usize = 32;

/// The longest word, in characters.
const WORD_CHARS: usize = 64;

/// Whether a text is a post: 1 to 64 lowercase letters a–z, digits and `_`.
pub fn is_post(text: &str) -> bool {
    is_word(text, |c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
}

/// Whether a text is a tag: 1 to 64 letters and digits of any script, none of them a capital, and `_`.
pub fn is_tag(text: &str) -> bool {
    is_word(text, |c| c == '_' || (c.is_alphanumeric() && c.to_lowercase().eq([c])))
}

fn is_word(text: &str, takes: impl Fn(char) -> bool) -> bool {
    // A character has at least one byte and at most four, so a text that is far too long is not read.
    !text.is_empty()
        && text.len() <= 4 * WORD_CHARS
        && text.chars().count() <= WORD_CHARS
        && text.chars().all(takes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_a_short_word_in_lowercase() {
        assert!(is_post("ka_specialist") && is_post("1") && is_post(&"a".repeat(64)));
        for text in ["", "KA", "a b", "a-b", "a,b", "专员", "é", &"a".repeat(65)] {
            assert!(!is_post(text), "{text}");
        }
    }

    #[test]
    fn a_tag_may_also_be_a_chinese_word() {
        assert!(is_tag("tender") && is_tag("招投标") && is_tag("重点2") && is_tag(&"客".repeat(64)));
        for text in ["", "Tender", "招 投", "招、投", "\u{202E}x", "É", &"客".repeat(65)] {
            assert!(!is_tag(text), "{text}");
        }
    }
}
