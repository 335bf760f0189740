//! Events: what the journal holds, one per record. Everything the server knows follows from them.

use minicbor::{Decode, Encode};
use sync_core::{
    directory::{Customer, Unit, User},
    encoding::Bytes,
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId, RunId, TenantId, UserId},
    log::{Anchor, Commit, DeviceKey, SignedReceipt},
    record::Decision,
    rules::Period,
    time::Timestamp,
};

use crate::auth::{enrolment_code::EnrolmentCode, refresh::RefreshFamily};

/// One thing that the server accepted or did.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Event {
    /// The company it belongs to.
    #[n(0)]
    pub tenant: TenantId,
    /// When, by the server's clock, which never goes back from one event to the next.
    #[n(1)]
    pub at: Timestamp,
    /// Who caused it; `None` for the server itself and the operator at its console.
    #[n(2)]
    pub by: Option<UserId>,
    /// What it was.
    #[n(3)]
    pub kind: EventKind,
}

/// What an event was.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum EventKind {
    /// A company was set up.
    #[n(0)]
    TenantFounded {
        /// Its name.
        #[n(0)]
        name: String,
    },
    /// Units were added or altered.
    #[n(1)]
    UnitsPut(#[n(0)] Vec<Unit>),
    /// Users were added or altered.
    #[n(2)]
    UsersPut(#[n(0)] Vec<User>),
    /// Customers were added or altered.
    #[n(3)]
    CustomersPut(#[n(0)] Vec<Customer>),
    /// Customers were taken out of the directory.
    #[n(4)]
    CustomersRemoved(#[n(0)] Vec<CustomerId>),
    /// A user got a password.
    #[n(5)]
    PasswordSet {
        /// Whose.
        #[n(0)]
        user: UserId,
        /// The argon2id hash as a PHC string.
        #[n(1)]
        hash: String,
        /// Whether it must be changed at the first sign-in.
        #[n(2)]
        one_time: bool,
    },
    /// A rule pack was put in force from its effective date on.
    #[n(6)]
    PackPut {
        /// The whole file.
        #[n(0)]
        toml: String,
    },
    /// The holiday calendar of a year was put in.
    #[n(7)]
    CalendarPut {
        /// The year.
        #[n(0)]
        year: i16,
        /// The whole file.
        #[n(1)]
        ics: String,
    },
    /// A code to enrol one phone was drawn; the text itself is shown once and kept nowhere.
    #[n(8)]
    EnrolmentCodeDrawn(#[n(0)] EnrolmentCode),
    /// A phone was enrolled.
    #[n(9)]
    DeviceEnrolled {
        /// The new device.
        #[n(0)]
        device: DeviceId,
        /// Its user.
        #[n(1)]
        user: UserId,
        /// What the user calls it.
        #[n(2)]
        name: String,
        /// Its public key.
        #[n(3)]
        key: DeviceKey,
        /// The code that was used up, if it was enrolled with one.
        #[n(4)]
        code: Option<Hash>,
        /// The state of its refresh tokens.
        #[n(5)]
        refresh: RefreshFamily,
    },
    /// A device's refresh token was exchanged for the next one, or its family was revoked.
    #[n(10)]
    RefreshRotated {
        /// The device.
        #[n(0)]
        device: DeviceId,
        /// The new state of its refresh tokens.
        #[n(1)]
        refresh: RefreshFamily,
    },
    /// A device was revoked: lost, stolen or left.
    #[n(11)]
    DeviceRevoked {
        /// The device.
        #[n(0)]
        device: DeviceId,
    },
    /// A device was told the time.
    #[n(12)]
    AnchorIssued(#[n(0)] Anchor),
    /// A page of a commit was admitted, except what the receipt refuses.
    #[n(13)]
    Committed {
        /// The page, as it arrived.
        #[n(0)]
        commit: Commit,
        /// The answer, as it was given and will be given again.
        #[n(1)]
        receipt: SignedReceipt,
        /// Whether the server's own clock was in doubt when it arrived.
        #[n(2)]
        time_suspect: bool,
        /// Who is told of the new documents beside their owner, as things stood then; absent if nobody is.
        #[n(3)]
        readers: Option<Vec<Readers>>,
    },
    /// A page arrived from a revoked device and is kept apart.
    #[n(14)]
    Quarantined {
        /// The device.
        #[n(0)]
        device: DeviceId,
        /// The page, as it arrived.
        #[n(1)]
        commit: Commit,
        /// Whether the server's own clock was in doubt then; not known of pages kept by early versions.
        #[n(2)]
        time_suspect: Option<bool>,
    },
    /// A supervisor ruled on a submit.
    #[n(15)]
    Decided {
        /// The record.
        #[n(0)]
        document: DocumentId,
        /// The ruling.
        #[n(1)]
        decision: Decision,
    },
    /// The deadline of records passed.
    #[n(16)]
    DeadlinePassed(#[n(0)] Vec<DocumentId>),
    /// A device showed anchors of this server that its journal does not know: it was restored from a backup.
    #[n(17)]
    AnchorsRecalled {
        /// The device.
        #[n(0)]
        device: DeviceId,
        /// The anchors, oldest first; their signatures were checked.
        #[n(1)]
        anchors: Vec<Anchor>,
    },
    /// A page that was kept apart was brought back: admitted as of its arrival, except what the receipt refuses.
    #[n(18)]
    QuarantineReleased {
        /// The device.
        #[n(0)]
        device: DeviceId,
        /// Where the journal says that the page was kept apart.
        #[n(1)]
        kept: u64,
        /// What the phone would have been answered.
        #[n(2)]
        receipt: SignedReceipt,
        /// Whether the server's own clock was in doubt when it arrived.
        #[n(3)]
        time_suspect: bool,
        /// As with a page that was admitted at once.
        #[n(4)]
        readers: Option<Vec<Readers>>,
    },
    /// A document was entered at the server, in the name of its owner.
    #[n(19)]
    Entered {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// For whom.
        #[n(1)]
        owner: UserId,
        /// The one change that makes it out of the genesis of its kind, written as the device of the server.
        #[n(2)]
        change: Bytes,
        /// Who is told of it beside its owner, as things stood then.
        #[n(3)]
        readers: Vec<UserId>,
    },
    /// What everybody owes was brought up to date with what had arrived and with the time.
    #[n(20)]
    Judged {
        /// About how many obligations were looked at, at most.
        #[n(0)]
        at_most: u32,
    },
    /// Days were closed: what was known of them by then is kept.
    #[n(21)]
    PeriodClosed {
        /// The days.
        #[n(0)]
        period: Period,
        /// Why, in the words of whoever closed them; may be empty.
        #[n(1)]
        note: String,
    },
    /// The server wrote for the first time since it was opened; of [`TenantId::SERVER`]. What follows is another story than
    /// what was ever written behind a copy of the records before it.
    #[n(22)]
    RunBegan {
        /// The run.
        #[n(0)]
        run: RunId,
    },
    /// Customers were altered of whom some got another owner, who is told what was written about them before.
    #[n(23)]
    CustomersHandedOver(#[n(0)] Vec<Customer>),
}

/// Who is told of a document beside its owner.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Readers {
    /// The document.
    #[n(0)]
    pub document: DocumentId,
    /// Who.
    #[n(1)]
    pub users: Vec<UserId>,
}

impl EventKind {
    /// A stable word for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TenantFounded { .. } => "tenant_founded",
            Self::UnitsPut(_) => "units_put",
            Self::UsersPut(_) => "users_put",
            Self::CustomersPut(_) => "customers_put",
            Self::CustomersRemoved(_) => "customers_removed",
            Self::PasswordSet { .. } => "password_set",
            Self::PackPut { .. } => "pack_put",
            Self::CalendarPut { .. } => "calendar_put",
            Self::EnrolmentCodeDrawn(_) => "enrolment_code_drawn",
            Self::DeviceEnrolled { .. } => "device_enrolled",
            Self::RefreshRotated { .. } => "refresh_rotated",
            Self::DeviceRevoked { .. } => "device_revoked",
            Self::AnchorIssued(_) => "anchor_issued",
            Self::Committed { .. } => "committed",
            Self::Quarantined { .. } => "quarantined",
            Self::Decided { .. } => "decided",
            Self::DeadlinePassed(_) => "deadline_passed",
            Self::AnchorsRecalled { .. } => "anchors_recalled",
            Self::QuarantineReleased { .. } => "quarantine_released",
            Self::Entered { .. } => "entered",
            Self::Judged { .. } => "judged",
            Self::PeriodClosed { .. } => "period_closed",
            Self::RunBegan { .. } => "run_began",
            Self::CustomersHandedOver(_) => "customers_handed_over",
        }
    }
}
