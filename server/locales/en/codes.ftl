### The words for codes: states, verdicts, reasons, fields, choices.

state-needs_review = Needs review
state-held_late = Held late
state-amendment_waiting = Amendment waiting
state-overdue = Overdue
state-draft = Draft
state-on_time = On time
state-arrived_late = Made in time, arrived late
state-sealed = Sealed

standing-candidate = In time; sealed at the deadline
standing-official = Sealed submit
standing-held = Late submit, waiting for a decision
standing-needs_review = Time undecided, waiting for a decision
standing-amendment = Amendment, waiting for a decision
standing-approved = Made official by a decision
standing-rejected = Rejected amendment
standing-contained = Adds nothing to the sealed version
standing-refused = Refused late submit
standing-not_evaluable = Required fields missing, not evaluable

outcome-on_time = On time
outcome-late = Late
outcome-needs_review = Needs review
outcome-open = Open
outcome-not_evaluable = Not evaluable

basis-proven = Proven
basis-measured = Measured
basis-claimed = By the phone’s clock only
basis-receipt = By arrival
basis-none = Basis insufficient

flag-wall_jump = The phone’s clock was changed (does not affect the measured time)
flag-claim_outside_bounds = The phone’s clock was outside the proven interval
flag-reboot_since_anchor = The phone restarted in between, so its timer was interrupted
flag-boot_rate_odd = The phone’s timer does not run true; its measurement is not used
flag-anchors_unanswered = The phone asked for many time statements without delivering; its measurement is not used
flag-server_time_suspect = The server’s own time was in doubt on arrival; the measurement is not used

ruling-accept_late = Accept late
ruling-accept_late-means = It counts, and stays late.
ruling-excuse = Excuse
ruling-excuse-means = It counts as if in time.
ruling-refuse = Refuse
ruling-refuse-means = It does not count; it stays in the history.
ruling-approve = Approve
ruling-approve-means = It becomes a new sealed version.
ruling-reject = Reject
ruling-reject-means = The sealed version stands; the amendment stays in the history.

reason-no_coverage = No coverage
reason-device_failure = Phone failure
reason-illness = Illness
reason-customer_request = Customer’s request
reason-forgot = Forgot
reason-system_fault = System fault
reason-correction = Correction
reason-other = Other (say what)

cause-deadline = Sealed at the deadline
cause-arrived_late = Made in time, arrived late
cause-accepted_late = Late submit accepted
cause-excused = Late submit excused
cause-approved = Amendment approved
cause-finding = Late, noted as a finding only
cause-decided = By a decision

happening-checked_in = Checked in
happening-checked_out = Checked out
happening-wrote = Wrote
happening-submitted = Submitted
happening-sealed = Sealed
happening-decided = Decided

decide-problem-ruling_missing = Choose a ruling.
decide-problem-reason_missing = Choose a reason.
decide-problem-note_missing = Say what the other reason is.
decide-problem-note_too_long = The note may have at most 500 characters.
decide-problem-moved = This submit no longer waits for a decision; see how it stands now.

sign-in-problem-wrong = Company code, login or password is wrong.
sign-in-problem-too_many = Too many tries. Wait a few minutes.
sign-in-problem-ended = Your session has ended. Sign in again.
sign-in-problem-not_for_pages = This account is used on the phone.

password-problem-code_wrong = Company code, login or code is wrong, or the code was already used.
password-problem-too_short = The password needs at least 12 characters.
password-problem-too_many = Too many tries. Wait a few minutes.
password-problem-one_time = That was a one-time code. Set a password of your own first.
password-problem-too_long = The password may have at most 128 characters.
password-problem-common = This password is too easy to guess. Choose another.
password-problem-different = The two passwords are not the same.

problem-not_found = Nothing here
problem-not_found-next = The address may be wrong, or this is not yours to see.
problem-not_allowed = You may not do this
problem-not_allowed-next = Ask your administrator if you need to.
problem-form_expired = The form has expired
problem-form_expired-next = Nothing was changed. Go back to the page and fill it in again.
problem-busy = The server is busy
problem-busy-next = Try again in a moment.
problem-failed = The server failed
problem-failed-next = The error was logged. Try again later.

field-customer = Customer
field-rep = Rep
field-class = Class of visit
field-channel = Channel
field-planned = Planned
field-started = Started
field-ended = Ended
field-place = Place
field-counterpart = Counterpart
field-counterpart_level = Level
field-attendees = Attendees
field-purpose = Purpose
field-expected_effect = Expected effect
field-content = Content
field-result = Result
field-consensus = Agreed
field-next_step = Next step
field-next_visit = Next visit
field-change_reason = Reason for change
field-satisfaction = Satisfaction

choice-scheduled_return = Scheduled return visit
choice-event_return = Return visit after an event
choice-walk = Walk visit
choice-business_contact = Business contact
choice-first = First visit
choice-first_after_deal = First visit after a deal
choice-site_survey = Site survey
choice-festival = Festival visit
choice-move_in = Move-in visit
choice-on_site = On site
choice-phone = Phone
choice-sms = SMS
choice-email = E-mail
choice-letter = Letter
choice-post = Post
choice-handling_contact = Handling contact
choice-handling_lead = Handling lead
choice-business_lead = Business lead
choice-key_decision_maker = Key decision maker

refusal-malformed_entry = The log entry cannot be read
refusal-over_limit = Over a limit of size or number
refusal-malformed_change = The change is malformed
refusal-foreign_actor = Written in another phone’s name
refusal-sequence_broken = The change’s number repeats or skips
refusal-missing_dependency = Earlier changes are missing; the phone sends them again
refusal-start_op_wrong = The change’s operation count is wrong
refusal-not_permitted = This user may not write this record
refusal-bad_reference = Refers to something that does not exist
refusal-schema_violation = A value does not fit its field
refusal-dry_run_failed = The trial merge failed
refusal-unknown_kind = Unknown kind of record
refusal-unknown_heads = Submits something that has not arrived
refusal-value_mismatch = What was submitted does not match its hash
refusal-unknown_anchor = The time statement was not given to this phone
refusal-unknown_document = The record does not exist
refusal-quarantined = The phone was revoked; kept apart

field-time = Time
field-calendar = Holiday calendar
