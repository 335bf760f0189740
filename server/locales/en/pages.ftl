### The words on the pages.

skip-to-content = Skip to content

nav-label = Pages
nav-records = Records
nav-devices = Phones

language-label = Language

sign-out = Sign out

list-comma = {", "}

cancel = Cancel

overview-title = Visit records
overview-tiles = Filter by state
overview-waiting = Waiting for your decision
overview-running = Everything else
overview-window = last { $count } days
overview-cut = There are too many records; the earlier ones are not counted. Choose one rep.

filter-all-reps = Everyone
filter-customer-hint = Name or number
filter-apply = Filter
filter-clear = Clear filter

records-head = Records
records-count = { $count ->
    [one] 1 record
   *[other] { $count } records
}
records-empty = No records match.

column-customer = Customer
column-rep = Rep
column-ended = Visit ended
column-due = Due
column-state = State
column-basis = Basis
column-evidence = Evidence of time
column-user = User
column-device = Phone
column-enrolled = Enrolled
column-contact = Last contact

customer-missing = No customer yet
customer-grade = Grade
customer-tags = Tags

not-ended = Not ended
not-arrived = not arrived

pager-label = Pages
pager-previous = Previous
pager-next = Next
pager-page-of = Page { $page } of { $pages }

reps-head = By rep
reps-waiting = { $count } waiting

crumbs-label = Where you are

timeline-ended-at = visit ended { $name }
timeline-due-at = due { $name }
timeline-not-before = not before { $name }
timeline-not-after = not after { $name }

key-ended = Visit ended
key-interval = Proven interval of the submit
key-interval-short = Proven interval
key-measured = Measured by the phone’s timer
key-claimed = The phone’s clock said
key-now = Now

evidence-table = Evidence in detail
evidence-outcome = Verdict
evidence-rule = Rule
evidence-not-before = Not before
evidence-rests-on = Which rests on
evidence-anchor = Server’s time statement
evidence-enrolment = Enrolment of the phone
evidence-not-after = Not after (arrival)
evidence-measured = Measured by the phone’s timer
evidence-unmeasured = Not measured
evidence-claimed = The phone’s clock said

difference-head = What the amendment changes
difference-field = Field
difference-before = Version { $count } (sealed)
difference-after = Proposed

value-empty = Empty
value-removed = Removed

decide-head = Decide
decide-ruling = Ruling
decide-reason = Reason
decide-note = Note (optional)
decide-choose = Choose
decide-hint = The decision is kept beside the evidence for good. It never alters the evidence and cannot be deleted.
decide-send = Save decision

nothing-submitted = Not submitted yet

fields-head = Content
fields-draft = Draft as it stands
fields-empty = Nothing has been written yet.

version-number = Version { $count }
version-joins = joins { $count } submits

versions-head = Sealed versions
versions-empty = No sealed version yet.

decisions-head = Decisions
decisions-empty = No decisions yet.

decision-submit = the submit

submit-reason = reason given: { $name }
submit-missing = Missing: { $name }

history-head = History
refused-head = Refused entries
refused-means = These entries were not merged into the record; they stay on the phone.
history-server = Server
history-arrived = arrived { $name }

devices-just-revoked = “{ $name }” is revoked.
devices-empty = No phone is enrolled yet.
devices-never = Never

device-active = In use
device-revoked = Revoked
device-quarantined = { $count } pages kept apart since

revoke = Revoke
revoke-named = Revoke { $name }
revoke-title = Revoke this phone?
revoke-means-kept = Everything it has already delivered is kept.
revoke-means-later = What it sends from now on is kept apart as evidence and enters no record; enrolled anew, an honest phone makes again what it had not sent.
revoke-means-again = To be used again it must be enrolled as a new phone.
revoke-yes = Revoke phone

sign-in-title = Sign in
sign-in-lead = Where managers see and decide about visit records.
sign-in-company = Company code
sign-in-login = Login
sign-in-password = Password
sign-in = Sign in
sign-in-first = First time here? Set a password with your one-time code

first-title = First sign-in
first-lead = Set a password with the one-time code your administrator gave you.
first-code = One-time code
first-password = New password
first-password-hint = At least 12 characters.
first-repeat = Once more
first-send = Set password and sign in
first-back = Back to sign-in

problem-home = Back to visit records

refused-count = { $count ->
    [one] 1 refused entry
   *[other] { $count } refused entries
}
