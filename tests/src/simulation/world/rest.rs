//! Rest: everything heals, and all phones come to rest.

use super::{Happening, World};
use crate::simulation::invariants::waits;

/// How often all phones may have to sync after everything healed until all is quiet.
const ROUNDS: usize = 12;
/// After so long every deadline has passed.
pub(super) const DEADLINES_MS: u64 = 20 * 24 * 3_600_000;

impl World<'_> {
    pub(super) fn heal(&mut self) -> anyhow::Result<()> {
        self.say("everything heals");
        self.network.heal();
        self.machine.heal();
        for handset in &mut self.handsets {
            handset.vanished_until_ms = 0;
            handset.platform.die_at(None);
            handset.platform.set_wall(0);
        }
        self.start_server()?;
        // What is under way ends, and the clock is calm.
        self.let_pass(10 * 60_000)
    }

    /// Everybody syncs until nobody has anything left to say.
    pub(super) fn come_to_rest(&mut self) -> anyhow::Result<()> {
        for _ in 0..ROUNDS {
            self.everybody_syncs()?;
            if self.is_quiet()? {
                // Once more, so that everybody has heard of what the last one brought.
                return self.everybody_syncs();
            }
        }
        anyhow::bail!(
            "I20 liveness: {ROUNDS} rounds of syncs after everything healed, phones still have work to hand over"
        )
    }

    fn everybody_syncs(&mut self) -> anyhow::Result<()> {
        for phone in 0..self.handsets.len() {
            self.sync(phone);
        }
        self.settle()?;
        self.let_pass(5 * 60_000)
    }

    fn is_quiet(&self) -> anyhow::Result<bool> {
        for handset in &self.handsets {
            if handset.is_syncing() || handset.needs_code || handset.book().outbox()?.iter().any(waits) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn let_pass(&mut self, ms: u64) -> anyhow::Result<()> {
        let until = self.now_ms() + ms;
        self.plan_in(ms, Happening::Tick);
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > until {
                break;
            }
            let ((at_ms, _), happening) = entry.remove_entry();
            self.step(at_ms.max(self.now_ms()), happening)?;
        }
        Ok(())
    }

    pub(super) fn invariants_at_rest(&mut self) -> anyhow::Result<()> {
        let Self { invariants, machine, handsets, truth, reached, .. } = self;
        invariants.at_rest(machine, handsets, truth, reached)?;
        let digest = self.machine.index_digest();
        self.say(format_args!("at rest, the index is {digest}"));
        Ok(())
    }
}
