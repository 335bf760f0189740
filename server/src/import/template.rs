//! How a field's text is put together from columns: one column name, or text with `{Column}` places.

use super::{field::header_form, mapping::MappingError, table::Row};

/// The parts of one field's text, with columns already found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Column(usize),
}

impl Template {
    /// Stands for one column as it is.
    pub(super) fn column(column: usize) -> Self {
        Self(vec![Part::Column(column)])
    }

    /// Stands for columns one after the other with a text between.
    pub(super) fn joined(first: usize, between: &str, second: usize) -> Self {
        Self(vec![Part::Column(first), Part::Text(between.to_owned()), Part::Column(second)])
    }

    /// Reads a mapping's right-hand side: the name of a column, or text in which `{name}` stands for a column and
    /// `{{` and `}}` for braces.
    pub(super) fn parse(source: &str, columns: &[String]) -> Result<Self, MappingError> {
        if !source.contains(['{', '}']) {
            return Ok(Self::column(find(source, columns)?));
        }
        let unbalanced = || MappingError::Template { template: source.to_owned() };
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("{{") {
                text.push('{');
                rest = after;
            } else if let Some(after) = rest.strip_prefix("}}") {
                text.push('}');
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (name, after) = after.split_once('}').ok_or_else(unbalanced)?;
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Column(find(name, columns)?));
                rest = after;
            } else if c == '}' {
                return Err(unbalanced());
            } else {
                text.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self(parts))
    }

    /// Gives the columns it draws on.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|part| match part {
            Part::Column(column) => Some(*column),
            Part::Text(_) => None,
        })
    }

    /// Writes the text for a row; empty if all columns it draws on are empty.
    pub(super) fn render(&self, row: &Row) -> String {
        if self.columns().all(|column| row.cell(column).trim().is_empty()) {
            return String::new();
        }
        let mut rendered = String::new();
        for part in &self.0 {
            rendered.push_str(match part {
                Part::Text(text) => text,
                Part::Column(column) => row.cell(*column).trim(),
            });
        }
        rendered
    }
}

/// Finds a column by its name, else by a name that differs only in case, spaces and punctuation.
fn find(name: &str, columns: &[String]) -> Result<usize, MappingError> {
    let name = name.trim();
    let exact: Vec<usize> = (0..columns.len()).filter(|index| columns[*index] == name).collect();
    let form = header_form(name);
    let found = if exact.is_empty() && !form.is_empty() {
        (0..columns.len()).filter(|index| header_form(&columns[*index]) == form).collect()
    } else {
        exact
    };
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(MappingError::UnknownColumn { column: name.to_owned(), columns: columns.to_vec() }),
        _ => Err(MappingError::AmbiguousColumn { column: name.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<String> {
        ["First Name", "last_name", "x", "x"].map(str::to_owned).to_vec()
    }

    fn render(source: &str, cells: &[&str]) -> String {
        let row =
            Row { number: 2, cells: cells.iter().map(|cell| cell.to_string()).collect(), overflows: false };
        Template::parse(source, &columns()).unwrap().render(&row)
    }

    #[test]
    fn columns_and_text_make_one_value() {
        assert_eq!(render("last_name", &["Ann", "Lee"]), "Lee");
        assert_eq!(render("{First Name} {last_name}", &["Ann", " Lee "]), "Ann Lee");
        assert_eq!(render("{{{last_name}}}", &["Ann", "Lee"]), "{Lee}");
        assert_eq!(render("{FIRST-NAME}", &["Ann"]), "Ann");
    }

    #[test]
    fn text_alone_does_not_make_a_value() {
        assert_eq!(render("emp{last_name}", &["Ann", " "]), "");
    }

    #[test]
    fn unknown_ambiguous_and_unbalanced_names_are_refused() {
        let parse = |source| Template::parse(source, &columns()).unwrap_err();
        assert!(matches!(parse("title"), MappingError::UnknownColumn { .. }));
        assert!(matches!(parse("{x}"), MappingError::AmbiguousColumn { .. }));
        assert!(matches!(parse("{x"), MappingError::Template { .. }));
        assert!(matches!(parse("x}"), MappingError::Template { .. }));
        assert!(matches!(parse("{}"), MappingError::UnknownColumn { .. }));
    }
}
