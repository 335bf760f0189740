//! What goes to standard output.

use std::io::{self, Write as _};

use super::CliError;

/// Writes a line.
pub(super) fn line(text: &str) -> Result<(), CliError> {
    self::text(&format!("{text}\n"))
}

/// Writes text at once; a reader that has seen enough is no error.
pub(super) fn text(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::io("write to", "standard output")(error))
        }
        _ => Ok(()),
    }
}
