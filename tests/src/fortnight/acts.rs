//! The acts: what each person does, in terms of the SDK.

use anyhow::Context as _;
use client_sdk::{Error, Outcome, Reason, field};
use sync_core::{
    document::{Document, DocumentKind, Edit, FieldValue, new_id},
    record::{Ruling, Standing},
};

use super::{Act, Fortnight};
use crate::{hostile::HostilePhone, hostile::forgery, phone::Phone};

impl Fortnight {
    pub(super) async fn act(&mut self, rep: usize, act: &Act) -> anyhow::Result<()> {
        match *act {
            Act::Arrive { visit } => {
                let (person, planned) = (&self.reps[rep], &mut self.visits[visit]);
                let customer = person.customers[visit * 7 % person.customers.len()];
                let id = person.phone.book.new_visit(customer)?;
                person.phone.book.check_in(id)?;
                person.phone.book.edit(id, |draft| {
                    draft.text(field::CLASS, planned.note.class).text(field::CHANNEL, planned.note.channel);
                    draft.text(field::PURPOSE, planned.note.purpose);
                })?;
                planned.made = Some(id);
                self.summary.visits += 1;
            }
            Act::Write { visit } => {
                let Some((phone, id)) = self.made(visit) else { return Ok(()) };
                let note = &self.visits[visit].note;
                phone.book.edit(id, |draft| {
                    draft.text(field::COUNTERPART, note.counterpart.as_str());
                    draft.text(field::COUNTERPART_LEVEL, note.counterpart_level);
                    draft.text(field::CONTENT, note.content.as_str());
                })?;
            }
            Act::Leave { visit } => {
                let Some((phone, id)) = self.made(visit) else { return Ok(()) };
                let note = &self.visits[visit].note;
                phone.book.check_out(id)?;
                phone.book.edit(id, |draft| {
                    draft.text(field::RESULT, note.result.as_str());
                    draft.text(field::NEXT_STEP, note.next_step.as_str());
                    draft.count(field::SATISFACTION, note.satisfaction);
                })?;
            }
            Act::Submit { visit } => {
                let Some((phone, id)) = self.made(visit) else { return Ok(()) };
                match phone.book.submit(id, None) {
                    Ok(submission) => {
                        self.submitted.insert(id, submission.entry);
                        self.summary.submits += 1;
                    }
                    // A phone that was replaced may lack what the lost one never delivered.
                    Err(Error::Incomplete { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Act::Sync => self.sync(rep).await?,
            Act::Amend { visit } => self.amend(rep, visit).await?,
            Act::EditOnBoth { visit } => self.edit_on_both(rep, visit).await?,
            Act::Reboot => self.reps[rep].phone.reboot()?,
            Act::LosePhone => {
                let owner = self.reps[rep].phone.book.owner()?.context("nobody is enrolled")?;
                self.world.revoke(owner.device).await?;
            }
            Act::NewPhone => {
                let login = self.reps[rep].login;
                self.reps[rep].phone = self.world.phone(login).await?;
            }
            Act::Forge => self.forge(rep).await?,
            Act::Decide => self.decide().await?,
        }
        Ok(())
    }

    /// The phone that made a visit and the visit, if that phone still has it.
    fn made(&self, visit: usize) -> Option<(&Phone, client_sdk::VisitId)> {
        let planned = &self.visits[visit];
        let (phone, id) = (&self.reps[planned.rep].phone, planned.made?);
        let known = phone.book.visit(id).ok().flatten().is_some();
        known.then_some((phone, id))
    }

    async fn sync(&mut self, rep: usize) -> anyhow::Result<()> {
        let phone = &self.reps[rep].phone;
        let waiting: Vec<_> = phone.book.due()?;
        let report = match phone.try_sync().await {
            // The lost phone, until there is a new one.
            Err(Error::ReEnrol { .. }) => return Ok(()),
            result => result?,
        };
        anyhow::ensure!(report.outcome == Outcome::Complete, "the sync ended {:?}", report.outcome);
        for due in waiting {
            let client_sdk::DueAct::Sync { .. } = due.act else { continue };
            let Some(prediction) = due.prediction else { continue };
            if let Some(entry) = self.submitted.get(&due.visit) {
                self.foretold.insert(*entry, prediction.if_sent_now);
            }
        }
        self.summary.syncs += 1;
        self.summary.refused += report.refused.len();
        Ok(())
    }

    async fn amend(&mut self, rep: usize, visit: usize) -> anyhow::Result<()> {
        self.sync(rep).await?;
        let Some((phone, id)) = self.made(visit) else { return Ok(()) };
        phone.book.edit(id, |draft| {
            draft.text(field::RESULT, "更正：对方同意的是四十五天账期，不是三十天。");
        })?;
        phone.book.submit(id, Some(Reason::Correction))?;
        self.summary.submits += 1;
        self.summary.sights.push((id, "an amendment after the seal"));
        self.sync(rep).await
    }

    async fn edit_on_both(&mut self, rep: usize, visit: usize) -> anyhow::Result<()> {
        self.sync(rep).await?;
        let Some((phone, id)) = self.made(visit) else { return Ok(()) };
        let Some(tablet) = &self.reps[rep].tablet else { return Ok(()) };
        tablet.sync().await?;
        let chars = phone.record(id)?.fields.content.map_or(0, |text| text.chars().count());
        phone.book.edit(id, |draft| {
            draft.splice(field::CONTENT, 0, 0, "【手机补充】对方已更换联系人。");
        })?;
        tablet.book.edit(id, |draft| {
            draft.splice(field::CONTENT, chars, 0, "【平板补充】附现场照片三张 📷");
        })?;
        for device in [phone, tablet] {
            device.book.submit(id, None)?;
        }
        tablet.sync().await?;
        self.summary.submits += 2;
        self.summary.sights.push((id, "one visit, edited and submitted on two devices apart"));
        self.sync(rep).await
    }

    /// Somebody with a stolen code writes in another's name.
    async fn forge(&mut self, rep: usize) -> anyhow::Result<()> {
        let login = self.reps[rep].login;
        let victim = self.reps[rep].phone.book.owner()?.context("nobody is enrolled")?.device;
        let mut thief = HostilePhone::enrol(&self.world, login).await?;
        let Some(id) = self.visits.iter().filter(|visit| visit.rep == rep).find_map(|visit| visit.made)
        else {
            return Ok(());
        };
        let stored = self.world.stored(id)?.context("the visit has not arrived")?;
        let edit = |text: &str| Edit::Set {
            field: field::RESULT.to_owned(),
            value: FieldValue::Text(text.to_owned()),
        };
        let victim = sync_core::admission::Author { device: victim, ..thief.author };
        let forged = Document::load(id, &stored.saved)?.edit(&victim, &[edit("伪造的结果")])?;
        thief.change(id, forged.context("nothing changes")?);
        let own = new_id(DocumentKind::Visit, [0xee; 15]);
        thief.change(own, forgery::row_bomb(thief.author.actor(own), 10_000_000));
        let receipt = thief.deliver().await?;
        self.world.revoke(thief.author.device).await?;
        self.summary.refused += receipt.refused.len();
        self.summary.sights.push((id, "a forged change in the rep's name, refused"));
        Ok(())
    }

    /// Fuller goes through what waits and rules on most of it.
    async fn decide(&mut self) -> anyhow::Result<()> {
        let mut ruled = 0;
        let made: Vec<_> = self.visits.iter().filter_map(|visit| visit.made).collect();
        for (n, id) in made.into_iter().enumerate() {
            let Some(stored) = self.world.stored(id)? else { continue };
            for submit in &stored.status.submits {
                let ruling = match submit.standing {
                    Standing::Held if n % 3 == 0 => Ruling::AcceptLate,
                    Standing::Held if n % 7 == 1 => Ruling::Refuse,
                    Standing::NeedsReview if n % 2 == 0 => Ruling::Excuse,
                    _ => continue,
                };
                self.world.rule("fuller", id, submit.entry, ruling).await?;
                ruled += 1;
            }
        }
        self.summary.decisions += ruled;
        Ok(())
    }
}
