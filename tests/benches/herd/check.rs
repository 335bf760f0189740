//! Afterwards: what the data folder of the killed server holds of what the phones wrote.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use server::{app::Opened, clock::SystemClock, config::Config};
use sync_core::document::Document;
use tests::Company;

use crate::phone::LightPhone;

/// Counts the changes that are held, and compares every log and every visit to the byte of its hash.
pub(crate) fn count_held(data: &Path, company: &Company, phones: &[LightPhone]) -> anyhow::Result<u64> {
    let config = Config { data_dir: data.to_owned(), ..Config::default() };
    let opened = Opened::open(&config, &server::host::Host::system(Arc::new(SystemClock::new())))?;
    let view = opened.engine.view(company.tenant);
    let mut held = 0;
    for phone in phones {
        let device = view.device(phone.author.device)?.context("a device is gone")?;
        ensure!(phone.receipted == phone.chain.next_index, "a phone has an entry without a receipt");
        ensure!(device.sync.chain == phone.chain, "the server's end of a log is not the phone's");
        for visit in &phone.visits {
            let Some(stored) = view.record(visit.document)? else { continue };
            let document = Document::load(visit.document, &stored.saved)?;
            ensure!(document.heads() == visit.heads, "visit {} has other heads", visit.document);
            ensure!(document.values().hash() == visit.values, "visit {} reads otherwise", visit.document);
            ensure!(stored.status.submits.len() == 1, "visit {} was not submitted", visit.document);
            held += u64::from(stored.written.iter().map(|written| written.changes).sum::<u32>());
        }
    }
    Ok(held)
}
