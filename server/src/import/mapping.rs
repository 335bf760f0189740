//! The column mapping: which columns fill which field, as the operator wrote it down.

use std::collections::BTreeMap;

use sync_core::directory::{Role, is_post, is_tag};

use super::{
    field::Kind,
    words::{Meanings, parts, title_form},
};

/// Which columns fill which field. Fields that are not mentioned are found by their usual header names.
///
/// The right-hand side is a column name, or text with `{Column}` places: `login = "{last_name}"`. An empty one leaves
/// the field out.
///
/// ```toml
/// [customers]
/// number = "客户编号"
/// [users]
/// login = "{last_name}"
/// [roles]
/// "Sales Manager" = "manager"
/// "*" = "rep"
/// [posts]
/// "Sales Manager" = "ka_supervisor, direct_supervisor"
/// [tags]
/// "VIP" = "important"
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    customers: BTreeMap<String, String>,
    users: BTreeMap<String, String>,
    roles: BTreeMap<String, Role>,
    #[serde(deserialize_with = "meanings")]
    posts: Meanings,
    #[serde(deserialize_with = "meanings")]
    tags: Meanings,
}

/// What is wrong with a mapping, or with a file seen through it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The mapping file is not a mapping.
    #[error("the mapping cannot be read: {message}")]
    Toml {
        /// What the TOML reader said, with line and column.
        message: String,
    },
    /// An argument is not of the form `field=Column`.
    #[error("expected field=Column, found {argument:?}")]
    Argument {
        /// The argument.
        argument: String,
    },
    /// There is no such role.
    #[error("{role:?} is no role; the roles are rep, supervisor, manager, admin and auditor")]
    UnknownRole {
        /// What was given.
        role: String,
    },
    /// A meaning is no word of rules.
    #[error(
        "{word:?} is no word of the rules: it must be in lowercase, at most 64 characters, as in ka_specialist"
    )]
    NotAWord {
        /// What was given.
        word: String,
    },
    /// There is no such field.
    #[error("{field:?} is no field; the fields are {}", fields.join(", "))]
    UnknownField {
        /// What was given.
        field: String,
        /// Those there are.
        fields: Vec<&'static str>,
    },
    /// The file has no such column.
    #[error("the file has no column {column:?}; it has {}", columns.join(", "))]
    UnknownColumn {
        /// What was given.
        column: String,
        /// Those the file has.
        columns: Vec<String>,
    },
    /// Several columns of the file bear the name.
    #[error("several columns are called {column:?}: rename all but one")]
    AmbiguousColumn {
        /// The name.
        column: String,
    },
    /// Braces do not match.
    #[error("the braces in {template:?} do not match; write {{{{ and }}}} for braces themselves")]
    Template {
        /// The right-hand side.
        template: String,
    },
    /// No column fills a field that every row needs.
    #[error("no column was recognised as {field}: map one, as in {field}=Column; the file has {}", columns.join(", "))]
    RequiredField {
        /// The field.
        field: &'static str,
        /// The columns of the file.
        columns: Vec<String>,
    },
}

impl Mapping {
    /// Reads a mapping file.
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let mut mapping: Self =
            toml::from_str(text).map_err(|error| MappingError::Toml { message: error.to_string() })?;
        for kind in [Kind::Customers, Kind::Users] {
            for field in mapping.sources(kind).keys() {
                known_field(kind, field)?;
            }
        }
        for (meanings, takes) in [(&mapping.posts, is_post as fn(&str) -> bool), (&mapping.tags, is_tag)] {
            if let Some(word) = meanings.values().flatten().find(|word| !takes(word)) {
                return Err(MappingError::NotAWord { word: word.chars().take(80).collect() });
            }
        }
        mapping.roles = mapping.roles.into_iter().map(|(title, role)| (title_form(&title), role)).collect();
        Ok(mapping)
    }

    /// Takes a command line argument `field=Column`, which outranks the file.
    pub fn set(&mut self, kind: Kind, argument: &str) -> Result<(), MappingError> {
        let (field, source) = halves(argument)?;
        known_field(kind, field)?;
        let sources = match kind {
            Kind::Customers => &mut self.customers,
            Kind::Users => &mut self.users,
        };
        sources.insert(field.to_owned(), source.to_owned());
        Ok(())
    }

    /// Takes a command line argument `Title=role`, which outranks the file; the title `*` stands for any other.
    pub fn set_role(&mut self, argument: &str) -> Result<(), MappingError> {
        let (title, role) = halves(argument)?;
        let role = match role {
            "rep" => Role::Rep,
            "supervisor" => Role::Supervisor,
            "manager" => Role::Manager,
            "admin" => Role::Admin,
            "auditor" => Role::Auditor,
            other => return Err(MappingError::UnknownRole { role: other.to_owned() }),
        };
        self.roles.insert(title_form(title), role);
        Ok(())
    }

    /// Gives what fills the fields of a kind, by field name.
    pub(super) fn sources(&self, kind: Kind) -> &BTreeMap<String, String> {
        match kind {
            Kind::Customers => &self.customers,
            Kind::Users => &self.users,
        }
    }

    /// Gives the posts by title.
    pub(super) fn posts(&self) -> &Meanings {
        &self.posts
    }

    /// Gives the tags by what the file calls them.
    pub(super) fn tags(&self) -> &Meanings {
        &self.tags
    }

    /// Gives the roles by title.
    pub(super) fn roles(&self) -> &BTreeMap<String, Role> {
        &self.roles
    }
}

/// Reads titles with their words: several words of one title stand in one text.
fn meanings<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Meanings, D::Error> {
    let written: BTreeMap<String, String> = serde::Deserialize::deserialize(deserializer)?;
    let read =
        |(title, words): (String, String)| (title_form(&title), parts(&words).map(str::to_owned).collect());
    Ok(written.into_iter().map(read).collect())
}

fn halves(argument: &str) -> Result<(&str, &str), MappingError> {
    let (left, right) = argument
        .split_once('=')
        .ok_or_else(|| MappingError::Argument { argument: argument.chars().take(200).collect() })?;
    Ok((left.trim(), right.trim()))
}

fn known_field(kind: Kind, name: &str) -> Result<(), MappingError> {
    match kind.field(name) {
        Some(_) => Ok(()),
        None => Err(MappingError::UnknownField {
            field: name.to_owned(),
            fields: kind.fields().iter().map(|field| field.name).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_the_same_arguments_are_one_mapping() {
        let file = Mapping::from_toml(
            "[users]\nlogin = '{last_name}'\n[roles]\n'Sales Manager' = 'manager'\n'*' = 'rep'",
        )
        .unwrap();
        let mut arguments = Mapping::default();
        arguments.set(Kind::Users, "login={last_name}").unwrap();
        arguments.set_role("Sales Manager=manager").unwrap();
        arguments.set_role("*=rep").unwrap();
        assert_eq!(file, arguments);
    }

    #[test]
    fn a_slip_in_a_mapping_is_named() {
        let toml = |text| Mapping::from_toml(text).unwrap_err();
        assert!(matches!(toml("[user]\n"), MappingError::Toml { .. }));
        assert!(matches!(toml("[roles]\nBoss = 'boss'"), MappingError::Toml { .. }));
        assert!(matches!(toml("[posts]\nBoss = 'Boss'"), MappingError::NotAWord { .. }));
        assert!(matches!(toml("[tags]\nVIP = 'very important'"), MappingError::NotAWord { .. }));
        assert!(matches!(toml("[customers]\nlogin = 'a'"), MappingError::UnknownField { .. }));
        let mut mapping = Mapping::default();
        assert!(matches!(mapping.set(Kind::Users, "login"), Err(MappingError::Argument { .. })));
        assert!(matches!(mapping.set_role("Boss=boss"), Err(MappingError::UnknownRole { .. })));
    }
}
