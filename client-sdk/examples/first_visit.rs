//! A rep's first visit, from enrolment to what is still due. Needs a server with a customer, and a code that
//! `fieldbook user code LOGIN` prints:
//! `FIELDBOOK_SERVER=http://127.0.0.1:8321 FIELDBOOK_CODE=… cargo run -p client-sdk --example first_visit`

use std::{env, error::Error, sync::Arc};

use client_sdk::{Book, Credentials, SoftwarePlatform, field};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = env::temp_dir().join("first_visit.book");
    let book = Book::open(path, Arc::new(SoftwarePlatform::new()?))?;
    if book.owner()?.is_none() {
        let code = Credentials::Code(env::var("FIELDBOOK_CODE")?);
        book.enrol(&env::var("FIELDBOOK_SERVER")?, code, "example").await?;
    }
    book.sync().await?;

    let customer = book.customers("")?.into_iter().next().ok_or("no customers yet")?;
    let visit = book.new_visit(customer.id)?;
    book.check_in(visit)?;
    book.edit(visit, |draft| {
        draft.text(field::CHANNEL, "on_site").text(field::RESULT, "续约一年 🤝");
    })?;
    book.check_out(visit)?;
    book.submit(visit, None)?;

    println!("{:#?}", book.due()?);
    println!("{:#?}", book.sync().await?);
    println!("{:#?}", book.outbox()?);
    Ok(book.close()?)
}
