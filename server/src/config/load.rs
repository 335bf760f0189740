//! Reads the settings: the file, over it `FIELDBOOK_*` variables, over them the flags.

use std::{collections::BTreeMap, path::Path};

use ::config::{
    Config as Layers, ConfigError as LayerError, Environment, File, FileFormat, Map, Source, Value, ValueKind,
};

use super::{Config, ConfigFlags};

/// A setting cannot be used, with its key and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The settings file cannot be read or is not TOML.
    #[error("the settings file {file} cannot be read: {reason}")]
    File {
        /// The path as it was given.
        file: String,
        /// What the reader said, with line and column if it is not TOML.
        reason: String,
    },
    /// No setting has this name.
    #[error("there is no setting {key} (from {origin})")]
    UnknownKey {
        /// The name, with dots between tables.
        key: String,
        /// Where it was set.
        origin: String,
    },
    /// The value of a setting cannot be used.
    #[error("the setting {key} (from {origin}) is wrong: {reason}")]
    Value {
        /// The name, with dots between tables.
        key: String,
        /// Where it was set.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Config {
    /// Reads the settings from the file the flags name, the given environment and the flags, weakest first.
    ///
    /// A variable is the key in capitals behind `FIELDBOOK_`, with two underscores for a dot:
    /// `FIELDBOOK_LIMITS__BODY_BYTES` is `limits.body_bytes`. `FIELDBOOK_CONFIG` names the file and is not a setting.
    pub fn load(
        flags: &ConfigFlags,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut builder = Layers::builder();
        if let Some(path) = &flags.config {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            builder = builder.add_source(FileText { path: path.display().to_string(), text });
        }
        let variables = environment
            .into_iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("FIELDBOOK_CONFIG"))
            .collect();
        builder = builder.add_source(
            Environment::with_prefix("FIELDBOOK")
                .prefix_separator("_")
                .separator("__")
                .source(Some(variables)),
        );
        builder = builder.add_source(FlagLayer(flags.clone()));

        let layers = builder.build().map_err(|error| described(error, &BTreeMap::new()))?;
        let origins = origins(&layers);
        let known = match Layers::try_from(&Config::default()) {
            Ok(defaults) => self::origins(&defaults),
            Err(error) => unreachable!("the defaults are settings: {error}"),
        };
        if let Some((key, origin)) = origins.iter().find(|(key, _)| !known.contains_key(*key)) {
            return Err(ConfigError::UnknownKey { key: key.clone(), origin: origin.clone() });
        }
        let config: Config = layers.try_deserialize().map_err(|error| described(error, &origins))?;
        config.check(&origins)
    }

    fn check(mut self, origins: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let wrong = |key: &str, reason: &str| ConfigError::Value {
            key: key.to_owned(),
            origin: origin_of(key, origins),
            reason: reason.to_owned(),
        };
        while self.public_url.ends_with('/') {
            self.public_url.pop();
        }
        let url: axum::http::Uri =
            self.public_url.parse().map_err(|_| wrong("public_url", "it is not a URL"))?;
        if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none_or(str::is_empty) {
            return Err(wrong("public_url", "it has to start with http:// or https:// and name a host"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(wrong("public_url", "it may not have a path"));
        }
        if self.company.trim().is_empty() || self.company.chars().count() > 200 {
            return Err(wrong("company", "it has to be 1 to 200 characters long"));
        }
        let limits = &self.limits;
        let tokens = &self.tokens;
        for (key, value, most) in [
            ("limits.body_bytes", limits.body_bytes as u64, 64 << 20),
            ("limits.connections", limits.connections as u64, 1_000_000),
            ("limits.connections_per_ip", limits.connections_per_ip as u64, 1_000_000),
            ("limits.header_timeout_ms", limits.header_timeout_ms, 600_000),
            ("limits.idle_timeout_ms", limits.idle_timeout_ms, 3_600_000),
            ("limits.body_timeout_ms", limits.body_timeout_ms, 3_600_000),
            ("limits.body_progress_timeout_ms", limits.body_progress_timeout_ms, 600_000),
            ("limits.drain_ms", limits.drain_ms, 600_000),
            ("limits.concurrent_commits", limits.concurrent_commits as u64, 10_000),
            ("limits.waiting_commits", limits.waiting_commits as u64, 10_000),
            ("tokens.access_minutes", tokens.access_minutes.into(), 60),
            ("tokens.refresh_days", tokens.refresh_days.into(), 366),
            ("tokens.web_session_hours", tokens.web_session_hours.into(), 24 * 7),
            ("tokens.enrolment_days", tokens.enrolment_days.into(), 90),
        ] {
            if !(1..=most).contains(&value) {
                return Err(wrong(key, &format!("it has to be from 1 to {most}")));
            }
        }
        tracing_subscriber::EnvFilter::try_new(&self.log.level)
            .map_err(|error| wrong("log.level", &error.to_string()))?;
        Ok(self)
    }
}

/// The text of the settings file, remembering which file it was.
#[derive(Debug, Clone)]
struct FileText {
    path: String,
    text: String,
}

impl Source for FileText {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, LayerError> {
        let table = File::from_str(&self.text, FileFormat::Toml).collect().map_err(|error| match error {
            LayerError::FileParse { cause, .. } => {
                LayerError::FileParse { uri: Some(self.path.clone()), cause }
            }
            other => other,
        })?;
        let mut flat = Map::new();
        flatten("", table, &mut |key, value| {
            flat.insert(key, Value::new(Some(&self.path), value.kind));
        });
        Ok(flat)
    }
}

/// The flags that set something.
#[derive(Debug, Clone)]
struct FlagLayer(ConfigFlags);

impl Source for FlagLayer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, LayerError> {
        let overrides = self.0.overrides().into_iter();
        Ok(overrides
            .map(|(flag, key, value)| {
                (key, Value::new(Some(&format!("the flag {flag}")), ValueKind::String(value)))
            })
            .collect())
    }
}

fn flatten(prefix: &str, table: Map<String, Value>, leaf: &mut dyn FnMut(String, Value)) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value.kind {
            ValueKind::Table(inner) => flatten(&key, inner, leaf),
            _ => leaf(key, value),
        }
    }
}

fn origins(layers: &Layers) -> BTreeMap<String, String> {
    let mut origins = BTreeMap::new();
    if let ValueKind::Table(table) = &layers.cache.kind {
        flatten("", table.clone(), &mut |key, value| {
            let origin = match value.origin() {
                Some("the environment") => format!("the variable {}", variable(&key)),
                Some(origin) => origin.to_owned(),
                None => "the default".to_owned(),
            };
            origins.insert(key, origin);
        });
    }
    origins
}

fn variable(key: &str) -> String {
    format!("FIELDBOOK_{}", key.replace('.', "__").to_uppercase())
}

fn origin_of(key: &str, origins: &BTreeMap<String, String>) -> String {
    origins.get(key).cloned().unwrap_or_else(|| "the default".to_owned())
}

fn unreadable(path: &Path, error: &std::io::Error) -> ConfigError {
    ConfigError::File { file: path.display().to_string(), reason: error.to_string() }
}

fn described(error: LayerError, origins: &BTreeMap<String, String>) -> ConfigError {
    match error {
        LayerError::FileParse { uri, cause } => {
            ConfigError::File { file: uri.unwrap_or_default(), reason: cause.to_string() }
        }
        LayerError::Type { unexpected, expected, key, .. } => {
            let key = key.unwrap_or_default();
            let reason = format!("expected {expected}, found {unexpected}");
            ConfigError::Value { origin: origin_of(&key, origins), key, reason }
        }
        LayerError::At { error, key, .. } => {
            let key = key.unwrap_or_default();
            ConfigError::Value { origin: origin_of(&key, origins), key, reason: error.to_string() }
        }
        other => ConfigError::Value {
            key: "(unknown)".to_owned(),
            origin: "the settings".to_owned(),
            reason: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn file(text: &str) -> (tempfile::TempDir, ConfigFlags) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fieldbook.toml");
        std::fs::write(&path, text).unwrap();
        (folder, ConfigFlags { config: Some(path), ..ConfigFlags::default() })
    }

    #[test]
    fn without_any_setting_the_defaults_hold() {
        assert_eq!(Config::load(&ConfigFlags::default(), []).unwrap(), Config::default());
    }

    #[test]
    fn a_flag_beats_a_variable_and_a_variable_beats_the_file() {
        let (_folder, mut flags) =
            file("company = \"File\"\n[limits]\nbody_bytes = 10\nconnections = 11\ndrain_ms = 12\n");
        flags.set = vec![("limits.drain_ms".to_owned(), "31".to_owned())];
        let environment = variables(&[
            ("FIELDBOOK_LIMITS__CONNECTIONS", "21"),
            ("FIELDBOOK_LIMITS__DRAIN_MS", "22"),
            ("FIELDBOOK_CONFIG", "/elsewhere"),
            ("HOME", "/root"),
        ]);
        let config = Config::load(&flags, environment).unwrap();
        assert_eq!(config.company, "File");
        let limits = &config.limits;
        assert_eq!((limits.body_bytes, limits.connections, limits.drain_ms), (10, 21, 31));
    }

    #[test]
    fn a_wrong_value_names_its_key_and_where_it_came_from() {
        let environment = variables(&[("FIELDBOOK_LIMITS__BODY_BYTES", "plenty")]);
        let error = Config::load(&ConfigFlags::default(), environment).unwrap_err().to_string();
        assert!(error.contains("limits.body_bytes"), "{error}");
        assert!(error.contains("FIELDBOOK_LIMITS__BODY_BYTES"), "{error}");

        let (_folder, flags) = file("listen = \"nowhere\"\n");
        let error = Config::load(&flags, []).unwrap_err().to_string();
        assert!(error.contains("listen") && error.contains("fieldbook.toml"), "{error}");

        let flags = ConfigFlags {
            set: vec![("trusted_proxies".to_owned(), "::1, proxy".to_owned())],
            ..ConfigFlags::default()
        };
        let error = Config::load(&flags, []).unwrap_err().to_string();
        assert!(error.contains("trusted_proxies") && error.contains("--set"), "{error}");
    }

    #[test]
    fn a_setting_nobody_knows_is_an_error_wherever_it_stands() {
        let (_folder, flags) = file("[limits]\nbodybytes = 1\n");
        let error = Config::load(&flags, []).unwrap_err();
        assert!(
            matches!(&error, ConfigError::UnknownKey { key, origin }
                if key == "limits.bodybytes" && origin.ends_with("fieldbook.toml")),
            "{error}"
        );
        let environment = variables(&[("FIELDBOOK_COMPANI", "x")]);
        let error = Config::load(&ConfigFlags::default(), environment).unwrap_err();
        assert!(matches!(error, ConfigError::UnknownKey { .. }), "{error}");
    }

    #[test]
    fn a_value_out_of_range_is_refused() {
        for (key, value) in [
            ("limits.body_bytes", "0"),
            ("public_url", "ftp://x"),
            ("public_url", "https://x/path"),
            ("log.level", "server=loud"),
            ("tokens.access_minutes", "600"),
        ] {
            let flags =
                ConfigFlags { set: vec![(key.to_owned(), value.to_owned())], ..ConfigFlags::default() };
            let error = Config::load(&flags, []).unwrap_err();
            assert!(matches!(&error, ConfigError::Value { key: k, .. } if k == key), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_toml_is_named() {
        let (_folder, flags) = file("company = \n");
        let error = Config::load(&flags, []).unwrap_err();
        assert!(matches!(&error, ConfigError::File { file, .. } if file.ends_with("fieldbook.toml")));
    }
}
