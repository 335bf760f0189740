//! The operator: what happens to the server, its disk and its clock.

use rand::Rng as _;
use server::clock::Clock as _;

use super::{DOWN_MS, Happening, SYNC_MS, World};
use crate::simulation::{chance::chance, reached::Rare, story::ServerDeed};

/// How long the operator's hand stays on the clock.
const CLOCK_WRONG_MS: u64 = 40_000;

impl World<'_> {
    pub(super) fn server_deed(&mut self, deed: ServerDeed) -> anyhow::Result<()> {
        match deed {
            ServerDeed::PowerCut(calls) => self.machine.disk.cut_power_at(Some(calls)),
            ServerDeed::DiskFails(calls) => self.machine.disk.fail_at(Some(calls)),
            ServerDeed::DiskFull(ms) => {
                self.machine.disk.set_full(true);
                self.plan_in(ms, Happening::DiskHasRoom);
            }
            ServerDeed::ClockJumps(by_ms) => {
                // Some of it falls into the middle of syncs.
                for phone in 0..self.handsets.len() {
                    self.sync(phone);
                }
                let wait = chance(self.story.seed, ("jump", self.happenings)).random_range(0..SYNC_MS);
                self.plan_in(wait, Happening::ClockJumps { by_ms });
            }
            ServerDeed::IndexSpoils => {
                self.machine.stop();
                self.machine.spoil_index();
                self.start_server()?;
            }
            ServerDeed::Restart => {
                self.machine.stop();
                self.start_server()?;
            }
            ServerDeed::JournalRots(at) => {
                if self.machine.is_up() && !self.machine.disk.is_troubled() {
                    let starts = self.machine.starts_on_a_rotten_journal(at);
                    anyhow::ensure!(
                        !starts,
                        "I1 is broken: the server starts on a damaged journal as if it were whole"
                    );
                    self.start_server()?;
                }
            }
            ServerDeed::Backup => self.machine.back_up()?,
            ServerDeed::Restore => {
                if self.machine.put_back()? {
                    self.truth.server_went_back = true;
                    self.invariants.server_went_back();
                    self.reached.note(Rare::ServerRestored);
                    self.start_server()?;
                }
            }
        }
        Ok(())
    }

    /// A clock that is wrong while the server starts cannot be told from a right one: see the assumptions. It looks at its
    /// clock every second, so it did just before.
    pub(super) fn clock_jumps(&mut self, by_ms: i64) {
        if let Some(engine) = self.machine.engine() {
            engine.time();
            let now = self.clock.now();
            self.truth.clock_was_wrong.push((now, now.plus_millis(CLOCK_WRONG_MS as i64)));
            self.machine.clock.set_skew_ms(by_ms);
            self.plan_in(CLOCK_WRONG_MS, Happening::ClockIsRight);
        }
    }

    pub(super) fn start_server(&mut self) -> anyhow::Result<()> {
        if !self.machine.is_up() {
            self.machine.clock.set_skew_ms(0);
            let now = self.clock.now();
            for (_, until) in &mut self.truth.clock_was_wrong {
                *until = now.min(*until);
            }
            match self.machine.start() {
                Ok(()) => self.say("the server is up"),
                // The disk may still be against it.
                Err(error) if self.machine.disk.is_troubled() => {
                    self.say(format_args!("the server does not start: {error:#}"));
                    self.machine.power_cut();
                    self.plan_in(DOWN_MS, Happening::ServerStarts);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn machine_may_have_died(&mut self) {
        if let Some(cause) = self.machine.died() {
            self.say(format_args!("the server is down: {cause}"));
            self.writing = false;
            self.queue.retain(|_, happening| !matches!(happening, Happening::DiskWrites));
            self.plan_in(DOWN_MS, Happening::ServerStarts);
        }
    }
}
