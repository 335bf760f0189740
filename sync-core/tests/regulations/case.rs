//! A case: a handful of facts, and what one rule says of them.

use std::{collections::BTreeMap, str::FromStr, sync::OnceLock};

use jiff::{civil::DateTime, tz::TimeZone};
use serde::Deserialize;
use sync_core::{
    calendar::{CN, Calendar},
    hash::Hash,
    id::{CustomerId, DocumentId, UserId},
    rules::{
        Account, Company, Every, Exception, Fact, FactKind, Facts, Fulfilment, Obligation, Pack, Part,
        Period, Person, Subject, Value,
        engine::{self, World},
        fact_of, packs,
        part::Population,
    },
    time::Timestamp,
};

/// A handful of facts, and what one rule says of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The rule.
    pub(crate) rule: String,
    /// What the case shows, as a sentence.
    pub(crate) what: String,
    /// `met`, `breached`, `pending`, `none` if nothing is owed, or `missing NAME`.
    pub(crate) is: String,
    /// The name of the fact it is about, or a day in its period.
    on: String,
    /// Which part of the rule, from 0.
    #[serde(default)]
    part: usize,
    /// The present: the end of the day if no hour is given.
    now: String,
    /// The customer `c`.
    #[serde(default)]
    customer: Customer,
    /// The person a period is about; `rep` if nobody is named.
    person: Option<String>,
    /// What happened.
    #[serde(default)]
    facts: Vec<BTreeMap<String, toml::Value>>,
    /// How much was done and how much is asked for, if that is to be looked at.
    done: Option<(u32, u32)>,
    /// Whether it is let off, if that is to be looked at.
    let_off: Option<bool>,
    /// How many points the person gets in the period, for rules that give points: none is met, some is breached.
    points: Option<i32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Customer {
    #[serde(default)]
    grade: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Further people: their posts, and whom they report to.
    #[serde(default)]
    people: BTreeMap<String, Staff>,
    #[serde(default)]
    case: Vec<Case>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Staff {
    posts: Vec<String>,
    reports_to: Option<String>,
}

/// What an obligation is said to be.
pub(crate) struct Is(pub(crate) Fulfilment);

impl FromStr for Is {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text.split_once(' ') {
            None if text == "met" => Fulfilment::Met,
            None if text == "breached" => Fulfilment::Breached,
            None if text == "pending" => Fulfilment::Pending,
            Some(("missing", what)) => Fulfilment::NotEvaluable(vec![what.to_owned()]),
            _ => return Err(format!("{text:?} is nothing an obligation can be")),
        }))
    }
}

macro_rules! files {
    ($($name:literal)*) => {
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("cases/", $name, ".toml")))),*];
    };
}

files! { "key_account_outbound" "property_return_visit_a" "property_return_visit_b" "inbound_reception" "inbound_visitor" "visit_conduct" "periodic_visits" "visit_standard" "business_trip" "key_customer_visits" "visit_articles" "key_account_abridged" "annual_grading" "contribution_grading" "example_grading" "sector_grading" "department_duties" }

/// All cases of all files.
pub(crate) fn cases() -> Vec<Case> {
    files().iter().flat_map(|file| file.case.clone()).collect()
}

/// The cases of exceptions, which are about the engine and no rule's own.
pub(crate) fn exceptions() -> Vec<Case> {
    let file: File = toml::from_str(include_str!("cases/exceptions.toml")).unwrap();
    file.case
}

/// The shipped packs, read once.
pub(crate) fn shipped() -> &'static [Pack] {
    static PACKS: OnceLock<Vec<Pack>> = OnceLock::new();
    PACKS.get_or_init(|| packs::all().unwrap())
}

/// The files of cases, read once.
fn files() -> &'static [File] {
    static READ: OnceLock<Vec<File>> = OnceLock::new();
    let read =
        |(name, text): &(&str, &str)| toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    READ.get_or_init(|| FILES.iter().map(read).collect())
}

impl Case {
    /// Compares what the engine says with what the case says.
    pub(crate) fn check(&self) -> Result<(), String> {
        let packs = packs::all().map_err(|error| error.to_string())?;
        let pack =
            packs.iter().find(|pack| pack.rule(&self.rule).is_some()).ok_or("there is no such rule")?;
        let company = self.company();
        let mut facts = Facts::default();
        for written in &self.facts {
            facts.put(fact(written)?);
        }
        let calendar = Calendar::from_ics(&CN).map_err(|error| error.to_string())?;
        let world =
            World { facts: &facts, company: &company, calendar: &calendar, now: instant(&self.now, true)? };
        match pack.rule(&self.rule).and_then(|rule| rule.parts().get(self.part)) {
            Some(Part::Score(score)) => return self.check_points(world, pack, &score.per),
            Some(Part::Access(_)) => return self.check_access(world, pack),
            _ => {}
        }
        let subject = self.subject(pack, &company)?;
        let said = engine::obligation(world, pack, &self.rule, self.part, subject);
        self.compare(said.as_ref())?;
        self.compare_incrementally(&facts, world, pack, subject, said.as_ref())
    }

    /// Points over the whole period: none is `met`, some is `breached`.
    fn check_points(&self, world: World<'_>, pack: &Pack, per: &Every) -> Result<(), String> {
        let day = self.on.parse().map_err(|_| format!("{} is no day", self.on))?;
        let span = per.around(day, world.company).ok_or("the day is in no period")?;
        let obligations: Vec<Obligation> = engine::obligations(world, pack, span).collect();
        let person = user(self.person.as_deref().unwrap_or("rep"));
        let mut total = 0;
        for points in engine::points(world, pack, span, &obligations) {
            if points.person == person && points.rule == self.rule {
                total += points.points;
            }
        }
        if self.points.is_some_and(|wanted| wanted != total) {
            return Err(format!("{total} points"));
        }
        if (self.is == "met") == (total == 0) { Ok(()) } else { Err(format!("{total} points")) }
    }

    /// Whether the person may see the fact: `met` if so.
    fn check_access(&self, world: World<'_>, pack: &Pack) -> Result<(), String> {
        let fact = world.facts.get(id(&self.on)).ok_or("there is no such fact")?;
        let viewer = user(self.person.as_deref().unwrap_or("rep"));
        let sees = engine::may_see(pack, fact, viewer, world.company);
        if (self.is == "met") == sees { Ok(()) } else { Err(format!("may see: {sees}")) }
    }

    fn compare(&self, said: Option<&Obligation>) -> Result<(), String> {
        let Some(said) = said else {
            return if self.is == "none" { Ok(()) } else { Err("nothing is owed".to_owned()) };
        };
        if self.is == "none" {
            return Err(format!("it is owed: {said:?}"));
        }
        let Is(wanted) = self.is.parse()?;
        if said.state != wanted {
            return Err(format!("it is {:?}, {said:#?}", said.state));
        }
        if self.let_off.is_some_and(|let_off| let_off != said.let_off) {
            return Err(format!("let off: {}", said.let_off));
        }
        match self.done {
            Some(done) if done != said.done => Err(format!("{:?} is done, not {done:?}", said.done)),
            _ => Ok(()),
        }
    }

    /// Whatever a fact touches is all that changes when it goes.
    fn compare_incrementally(
        &self,
        facts: &Facts,
        world: World<'_>,
        pack: &Pack,
        subject: Subject,
        with_all: Option<&Obligation>,
    ) -> Result<(), String> {
        for written in &self.facts {
            let gone = fact(written)?;
            let mut fewer = facts.clone();
            fewer.remove(gone.id);
            let without = World { facts: &fewer, ..world };
            let now = engine::obligation(without, pack, &self.rule, self.part, subject);
            let touches = |world| {
                engine::touched(world, pack, &gone)
                    .iter()
                    .any(|(rule, part, of)| *rule == self.rule && *part == self.part && *of == subject)
            };
            if now.as_ref() != with_all && !touches(world) && !touches(without) {
                return Err(format!("without {written:?} it is {now:?}, and that fact does not touch it"));
            }
        }
        Ok(())
    }

    /// What happened in it.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        self.facts.iter().map(|written| fact(written).unwrap_or_else(|error| panic!("{error}"))).collect()
    }

    /// The documents that its facts are read from.
    pub(crate) fn documents(&self) -> impl Iterator<Item = DocumentId> {
        self.facts.iter().map(|written| DocumentId::from_bytes(short(&name(written))))
    }

    fn company(&self) -> Company {
        let mut company = Company::default();
        for (name, staff) in &people() {
            let person = Person {
                reports_to: staff.reports_to.as_deref().map(user),
                posts: staff.posts.iter().map(|post| post.as_str().into()).collect(),
                until: None,
            };
            company.put(user(name), person);
        }
        let account = Account {
            owners: vec![(Timestamp::from_millis(0), Some(user("rep")))],
            grades: vec![(Timestamp::from_millis(0), self.customer.grade.as_str().into())],
            tags: self.customer.tags.iter().map(|tag| tag.as_str().into()).collect(),
        };
        company.customers.insert(customer("c"), account);
        let day = |text: &str| text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        for (name, first, last) in [
            ("spring_festival", "2026-02-15", "2026-02-23"),
            ("mid_autumn", "2026-09-25", "2026-09-27"),
            ("anniversary", "2026-06-01", "2026-06-07"),
        ] {
            company.festivals.entry(name.into()).or_default().push((day(first), day(last)));
        }
        company
    }

    fn subject(&self, pack: &Pack, company: &Company) -> Result<Subject, String> {
        let Ok(day) = self.on.parse() else { return Ok(Subject::Fact(id(&self.on))) };
        let rule = pack.rule(&self.rule).ok_or("there is no such rule")?;
        let around = |every: &Every| -> Result<Period, String> {
            every.around(day, company).ok_or_else(|| format!("{day} is in no period"))
        };
        let person = user(self.person.as_deref().unwrap_or("rep"));
        match rule.parts().get(self.part).ok_or("the rule is not active, or has no such part")? {
            Part::Quota(part) => {
                let period = around(&part.per)?;
                Ok(match part.of {
                    Population::Customers(_) => Subject::Customer(customer("c"), period),
                    Population::Post(_) => Subject::Person(person, period),
                    Population::Company(_) => Subject::Company(period),
                })
            }
            Part::Recurring(part) => Ok(Subject::Person(person, around(&part.every)?)),
            Part::Anchored(part) => {
                let coverage = part.coverage.as_ref().ok_or("it has no share")?;
                Ok(Subject::Company(around(&coverage.per)?))
            }
            other => Err(format!("{other:?} has no periods")),
        }
    }
}

/// The company of all cases, with a customer of grade A1.
pub(crate) fn everybody() -> Company {
    let mut case = cases().swap_remove(0);
    case.customer.grade = "A1".to_owned();
    case.company()
}

fn people() -> BTreeMap<String, Staff> {
    let mut people = BTreeMap::from([
        ("rep".to_owned(), staff(&["ka_specialist"], Some("boss"))),
        ("other".to_owned(), staff(&["ka_specialist"], Some("boss"))),
        ("boss".to_owned(), staff(&["direct_supervisor"], Some("chief"))),
        ("chief".to_owned(), staff(&["dept_manager", "senior_mgmt"], None)),
    ]);
    people.extend(files().iter().flat_map(|file| file.people.clone()));
    people
}

fn staff(posts: &[&str], reports_to: Option<&str>) -> Staff {
    Staff {
        posts: posts.iter().map(|post| (*post).to_owned()).collect(),
        reports_to: reports_to.map(str::to_owned),
    }
}

/// A fact as a case writes it: `fact`, `at`, `by`, `id` and `about`, and its attributes; times are `@2026-03-09 10:00`,
/// people and documents `id:rep`.
fn fact(written: &BTreeMap<String, toml::Value>) -> Result<Fact, String> {
    let text = |name: &str| written.get(name).and_then(toml::Value::as_str);
    let kind =
        text("fact").and_then(FactKind::named).ok_or_else(|| format!("what kind of fact is {written:?}"))?;
    let at = text("at").ok_or_else(|| format!("when was {written:?}"))?;
    let mut attributes = Vec::new();
    for (name, value) in written {
        if ["fact", "at", "by", "id", "about", "no_customer"].contains(&&**name) {
            continue;
        }
        let attribute = kind.attribute(name).ok_or_else(|| format!("a {} has no {name}", kind.name()))?;
        attributes.push((attribute, read(value)?));
    }
    attributes.sort();
    let mut fact = Fact {
        id: id(&name(written)),
        kind,
        at: instant(at, false)?,
        evidence: None,
        customer: (!written.contains_key("no_customer")).then(|| customer("c")),
        actor: Some(user(text("by").unwrap_or("rep"))),
        about: text("about").map(id),
        attributes: attributes.into_boxed_slice(),
    };
    if let Some(exception) = Exception::read(&fact) {
        fact.about = Some(exception.series.hash());
    }
    Ok(fact)
}

/// The name of a fact: the one it is given, or all that is written of it.
fn name(written: &BTreeMap<String, toml::Value>) -> String {
    let given = written.get("id").and_then(toml::Value::as_str);
    given.map_or_else(|| format!("{written:?}"), str::to_owned)
}

fn read(value: &toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::Boolean(flag) => Value::Flag(*flag),
        toml::Value::Integer(number) => Value::Number(*number),
        toml::Value::String(text) => match (text.strip_prefix('@'), text.strip_prefix("id:")) {
            (Some(time), _) => Value::Time(instant(time, false)?),
            (_, Some(name)) => Value::Id(*user(name).as_bytes()),
            _ => Value::Text(text.as_str().into()),
        },
        toml::Value::Array(words) => {
            Value::Words(words.iter().filter_map(|word| word.as_str().map(Into::into)).collect())
        }
        other => return Err(format!("{other} is no value")),
    })
}

/// `2026-03-09 10:00`, or a day: its beginning, or its end.
pub(crate) fn instant(text: &str, end: bool) -> Result<Timestamp, String> {
    let hour = if end { "23:59:59" } else { "00:00" };
    let whole = if text.contains(':') { text.to_owned() } else { format!("{text} {hour}") };
    let civil: DateTime = whole.parse().map_err(|error| format!("{text}: {error}"))?;
    let zone = TimeZone::get("Asia/Shanghai").map_err(|error| error.to_string())?;
    let zoned = civil.to_zoned(zone).map_err(|error| format!("{text}: {error}"))?;
    Ok(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// The id of a fact: that of the document with its name.
pub(crate) fn id(name: &str) -> Hash {
    fact_of(DocumentId::from_bytes(short(name)))
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::from_bytes(short(name))
}

pub(crate) fn customer(name: &str) -> CustomerId {
    CustomerId::from_bytes(short(name))
}

fn short(name: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Hash::of("fieldbook/test/1", &[name.as_bytes()]).as_bytes()[..16]);
    bytes
}
