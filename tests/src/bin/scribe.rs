//! Writes in a book until it is killed, and says after each call what the call has kept.

use std::sync::Arc;

use anyhow::Context as _;
use client_sdk::{Book, SoftwarePlatform, field};

/// Edits of a visit.
const EDITS: u32 = 3;

fn main() -> anyhow::Result<()> {
    let file = std::env::args().nth(1).context("name the book")?;
    let book = Book::open(file, Arc::new(SoftwarePlatform::new()?))?;
    let customers = book.customers("")?;
    for customer in customers.iter().cycle() {
        let visit = book.new_visit(customer.id)?;
        println!("made {visit} 0");
        book.check_in(visit)?;
        for nth in 1..=EDITS {
            book.edit(visit, |draft| {
                draft.text(field::CONTENT, format!("{nth} {}", "记".repeat(200)));
                draft.text(field::RESULT, "续签意向明确").text(field::CHANNEL, "on_site");
                draft.text(field::CLASS, "scheduled_return");
            })?;
            println!("edited {visit} {nth}");
        }
        book.check_out(visit)?;
        book.submit(visit, None)?;
        println!("submitted {visit} {EDITS}");
    }
    Ok(())
}
