//! The program `fieldbook`.

use std::process::ExitCode;

use server::cli::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(Cli::read()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fieldbook: {error}");
            ExitCode::FAILURE
        }
    }
}
