//! The settings on the command line.

use std::{net::SocketAddr, path::PathBuf};

/// What clap calls the argument of [`ConfigFlags::set`].
const SET: &str = "set";

/// The flags that name a settings file or override a setting.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings")]
pub struct ConfigFlags {
    /// The settings file (TOML)
    #[arg(long, global = true, env = "FIELDBOOK_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The address and port to listen on
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// How phones and browsers reach the server
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// The folder of the journal, the index and the server key
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Any other setting, such as limits.body_bytes=2097152
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub set: Vec<(String, String)>,
}

impl ConfigFlags {
    /// Lets `--set` stand behind any subcommand too: as a global argument of clap, the later would drop the earlier.
    pub(crate) fn set_everywhere(command: clap::Command) -> clap::Command {
        let flags = <Self as clap::Args>::augment_args(clap::Command::new(""));
        let Some(set) = flags.get_arguments().find(|argument| argument.get_id() == SET).cloned() else {
            return command;
        };
        fn behind(command: clap::Command, set: &clap::Arg) -> clap::Command {
            command.mut_subcommands(|subcommand| behind(subcommand.arg(set.clone()), set))
        }
        behind(command, &set)
    }

    /// Adds what `--set` says behind the subcommands.
    pub(crate) fn add_set(&mut self, matches: &clap::ArgMatches) {
        let mut level = matches.subcommand();
        while let Some((_, inner)) = level {
            let said = inner.try_get_many::<(String, String)>(SET).ok().flatten();
            self.set.extend(said.into_iter().flatten().cloned());
            level = inner.subcommand();
        }
    }

    /// Gives each flag that was used: its name, the key it sets and the value.
    pub(super) fn overrides(&self) -> Vec<(&'static str, String, String)> {
        let mut overrides: Vec<_> =
            self.set.iter().map(|(key, value)| ("--set", key.clone(), value.clone())).collect();
        if let Some(listen) = self.listen {
            overrides.push(("--listen", "listen".to_owned(), listen.to_string()));
        }
        if let Some(url) = &self.public_url {
            overrides.push(("--public-url", "public_url".to_owned(), url.clone()));
        }
        if let Some(folder) = &self.data_dir {
            overrides.push(("--data-dir", "data_dir".to_owned(), folder.to_string_lossy().into_owned()));
        }
        overrides
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}
