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

nav-obligations = Obligations

obligations-title = Obligations
obligations-cut = There are too many obligations; those due last are not counted. Choose one person.
obligations-head = Obligations
obligations-empty = No obligations match.

span-label = Days shown
span-month = Month
span-quarter = Quarter

chosen-label = Chosen
chosen-off = Take off

quotas-head = Quotas: plan and actual
rules-head = By rule
rules-waiting-next = The text of the regulation leaves these figures out. Once the company writes them into the pack’s [parameters], the rules are counted.

quota-all-customers = All customers
quota-often = at least { $name } { $other }

column-rule = Rule
column-about = About
column-owed-by = Owed by

filter-all-rules = All rules

owed-met-of = { $name } of { $other } met
owed-by-anybody = Anybody
owed-in-share = counts in a share
owed-in-share-means = It only counts towards a share: missing it is no breach by itself.
owed-undecided = a person must decide
owed-since = Since { $name }

owed-breached-means = The rule was not kept.
owed-missed-means = It was not done in time.
owed-not_evaluable-means = It cannot be said whether the rule was kept.
owed-pending-means = There is still time.
owed-let_off-means = It was let off: nothing follows from it.
owed-not-open-means = The window has not opened yet.
owed-undecided-means = The time is over, and the evidence does not decide: a person must.
owed-met-means = The rule was kept.

about-company = The whole company
about-hidden = Not shown to you
outside-line = somebody outside your line
customer-outside-line = A customer of another line
due-never = No deadline

window-opens-at = open from { $name }
key-window = Window

fact-about-head = What it is about
fact-bounds = proven between
facts-counted-head = Counts
facts-counted-empty = Nothing counts yet.
facts-passed-over-head = Does not count

passed-over-first = See the first

missing-customer = It names no customer.
missing-customer-next = Fill in the customer in the record, on the phone.
missing-owner = Nobody was responsible for the customer then.
missing-owner-next = Give the customer an owner: import the customers again, or PUT it by the API.
missing-supervisor = Who would owe it reports to nobody.
missing-supervisor-next = Say whom this person reports to: import the people again.
missing-actor = It is not known who did it.
missing-actor-next = Enter it again in somebody’s name.
missing-time = A time lies outside the calendar.
missing-time-next = Put the time right in the record.
missing-calendar = The holiday calendar of { $name } is missing.
missing-calendar-next = Put it in with “fieldbook calendar put”; the days are then counted again.
missing-post = Nobody holds the post “{ $name }”.
missing-post-next = Give the post to somebody: import the people again.
missing-route = The rule does not say who answers for “{ $name }”.
missing-route-next = Add it to the rule’s route in the pack, or correct the word in the record.
missing-grade = Several grades fit: { $name }.
missing-grade-next = Make the grades of the pack exclude each other, or complete the figures.
missing-field = “{ $name }” is not filled in.
missing-field-next = Fill it in where the fact is told; it is then judged again at once.
obligations-count = { $count ->
    [one] 1 obligation
   *[other] { $count } obligations
}
owed-breached-count = { $count ->
    [one] 1 breached
   *[other] { $count } breached
}
owed-by-others = { $count ->
    [one] 1 other
   *[other] { $count } others
}
rules-more = { $count ->
    [one] 1 more rule
   *[other] { $count } more rules
}
rules-waiting = { $count ->
    [one] 1 rule is not counted yet
   *[other] { $count } rules are not counted yet
}
facts-count = { $count ->
    [one] 1 fact
   *[other] { $count } facts
}
facts-counted = { $count ->
    [one] 1 fact counts
   *[other] { $count } facts count
}
facts-passed-over = { $count ->
    [one] 1 does not count
   *[other] { $count } do not count
}
facts-not-shown = { $count ->
    [one] 1 more fact is not shown: there are too many, or it is not for you to see.
   *[other] { $count } more facts are not shown: there are too many, or they are not for you to see.
}

exception-let-off = Let off
exception-required = { $count } are asked for instead
exception-days = for what begins in: { $name }
exception-hidden = There is an exception that is not shown to you.
except-head = Make an exception
except-number = How many instead
except-until = Also later periods, until (optional)
except-until-hint = Without a last day it is about this period alone.
except-send = Save exception

closings-link = Closed periods
closings-title = Closed periods
closings-means = What was known when days were closed is kept. What comes later counts all the same, and stands here beside it.
closings-empty = No days were closed yet.
close-head = Close a month or a quarter
close-span = Days
close-hint = Everything that arrived is judged first. A closing cannot be deleted; the same days can be closed again.
close-send = Close these days
column-closed = Closed
column-closed-by = By
column-note = Note
closing-title = { $name } as closed, and now
points-head = Points that are different now
changes-head = What is different now
changes-empty = Nothing that is for you to see is different from what was known then.
changes-none-here = Nothing here that is for you to see.
changes-more = More
changes-restart = From the beginning
change-then = Then
change-now = Now
change-nothing = Nothing owed
change-withheld = Not shown to you
facts-came = Came since
facts-went = Went since
facts-changed = Changed since
