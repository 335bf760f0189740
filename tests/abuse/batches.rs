//! The matrix inside commits: one entry that is not permitted among 255 good ones, from everybody with a phone, about a
//! record in every state.

use std::collections::BTreeMap;

use client_sdk::{RefusalCode, field};
use sync_core::{
    directory::Role,
    document::{Document, Edit},
    id::DocumentId,
};

use crate::{
    draft::Draft,
    rights::records::{Records, STATES},
    site::Site,
};

/// Entries of a commit that are good.
const GOOD: usize = 255;

#[tokio::test(flavor = "multi_thread")]
async fn one_forbidden_entry_among_255_good_ones_is_refused_alone() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let mut own = site.found("Own").await?;
    let mut foreign = site.found("Foreign").await?;
    let records = Records::make(&site, &mut own).await?;
    let before = kept(&site, own.tenant, &records)?;
    let names: Vec<&'static str> = own.people.keys().copied().filter(|name| *name != "owner").collect();
    let (mut cells, mut entries) = (0, 0);
    for is_own in [true, false] {
        for name in &names {
            for (state_number, state) in (0..).zip(STATES) {
                let (target, _) = records.of(state)?;
                let saved = site.engine().view(own.tenant).record(target)?.expect("it is kept").saved;
                let company = if is_own { &mut own } else { &mut foreign };
                let role = company.person(name).role;
                let phone = company.phone_of(name)?;
                // The whole number once for each person; the other states need no more than company.
                let good = if state_number == 0 { GOOD } else { 3 };
                // A document is one person's, so everybody has ids of their own.
                let mut draft = Draft::of(phone.author.device, state_number)?;
                for n in 0..good - 1 {
                    draft.write(phone, field::PLACE, &format!("{n}"))?;
                }
                let forged = Document::load(target, &saved)?
                    .edit(&phone.author, &[Edit::Clear { field: field::PLACE.to_owned() }])?
                    .expect("a change");
                phone.change(target, forged);
                let receipt = phone.deliver().await?;
                let codes: Vec<_> = receipt.refused.iter().map(|refused| refused.code).collect();
                let writes = matches!(role, Role::Rep | Role::Supervisor | Role::Manager);
                let expected = match (writes, is_own) {
                    // The last of the good ones is the anchor.
                    (false, _) => vec![RefusalCode::NotPermitted; good],
                    (true, true) => vec![RefusalCode::NotPermitted],
                    // In another company there is no such document: what the change builds on is missing.
                    (true, false) => vec![RefusalCode::MissingDependency],
                };
                assert_eq!(codes, expected, "{name} {state} {is_own}");
                assert!(receipt.records.iter().all(|record| record.document != target), "{name} {state}");
                let accepted = (receipt.last - receipt.first + 1) as usize - codes.len();
                assert_eq!(accepted, if writes { good } else { 1 }, "{name} {state} {is_own}");
                cells += 1;
                entries += good + 1;
            }
        }
    }
    assert_eq!(kept(&site, own.tenant, &records)?, before, "no record of the owner's moved by a byte");
    println!("batches: {cells} cells, {entries} entries");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_another_companys_record_opens_nothing_of_it() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let mut own = site.found("Own").await?;
    let mut foreign = site.found("Foreign").await?;
    let records = Records::make(&site, &mut own).await?;
    let before = kept(&site, own.tenant, &records)?;
    for state in STATES {
        let (target, _) = records.of(state)?;
        let phone = foreign.phone_of("other")?;
        let mut draft = Draft { id: target, document: Document::genesis(target)? };
        draft.write(phone, field::PLACE, "elsewhere")?;
        draft.submit(phone);
        let receipt = phone.deliver().await?;
        assert!(
            receipt.refused.is_empty(),
            "{state}: in their own company the id is free: {:?}",
            receipt.refused
        );
        let theirs = site.engine().view(foreign.tenant).record(target)?.expect("it is theirs");
        let values = Document::load(target, &theirs.saved)?.values();
        assert_eq!(values.iter().count(), 1, "{state}: nothing of the other record is in it");
    }
    assert_eq!(kept(&site, own.tenant, &records)?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_another_device_sends_nobody_elses_commit() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let mut own = site.found("Own").await?;
    let mut foreign = site.found("Foreign").await?;
    let customer = own.customers[0];
    let now = site.engine().time().now;
    let mut draft = Draft::new(1)?;
    let phone = own.phone_of("owner")?;
    draft.fill(phone, customer, now)?;
    phone.pull().await?;
    let commit = phone.commit()?;
    let root = site.engine().root();
    for company in [&mut own, &mut foreign] {
        for name in ["mate", "boss", "admin"] {
            let problem = company.phone_of(name)?.send(&commit).await?.expect_err("a refusal");
            assert_eq!((problem.status, problem.code.as_str()), (403, "wrong_device"), "{name}");
        }
    }
    assert_eq!(site.engine().root(), root);
    assert!(own.phone_of("owner")?.send(&commit).await?.is_ok(), "its own token sends it");
    Ok(())
}

/// Everything that is kept of the records.
fn kept(
    site: &Site,
    tenant: sync_core::id::TenantId,
    records: &Records,
) -> anyhow::Result<BTreeMap<DocumentId, Option<server::projection::StoredRecord>>> {
    let view = site.engine().view(tenant);
    records.ids().map(|id| Ok((id, view.record(id)?))).collect()
}
