//! The checks every page must pass in every language.

use std::{collections::BTreeSet, fs, path::Path};

use jiff::tz::TimeZone;

use super::{closing_samples, owed_samples, samples};
use sync_core::{
    admission::RefusalCode,
    record::{Cause, Ruling, Standing},
    rules::{Every, FactKind, Modality, Pack, Part, PassedOver, Population, packs},
};

use crate::{
    projection::restated::Because,
    web::{view::*, *},
};

fn page(lang: Lang, here: &str, signed_in: bool) -> Page {
    let session = Session {
        user: "刘芳".to_owned(),
        company: "江南大客户部".to_owned(),
        form_token: "token-7f3a".to_owned(),
    };
    Page {
        lang,
        zone: TimeZone::get("Asia/Shanghai").expect("the zone is bundled"),
        now: samples::at(21, 18, 0),
        session: signed_in.then_some(session),
        here: here.to_owned(),
    }
}

fn pages(lang: Lang) -> Vec<(&'static str, String)> {
    let inside = page(lang, "/?state=held_late&page=2", true);
    let owed = page(lang, "/obligations?month=2026-11&page=2", true);
    let outside = page(lang, "/sign-in", false);
    let sign_in = SignInView {
        problem: Some(SignInProblem::Wrong),
        login: samples::HOSTILE.to_owned(),
        ..Default::default()
    };
    let first = FirstPasswordView { problem: Some(PasswordProblem::Different), ..Default::default() };
    let filtered = OverviewView {
        filter: RecordFilter {
            state: Some(State::HeldLate),
            customer: samples::HOSTILE.to_owned(),
            page: 1,
            rep: None,
        },
        rows: vec![],
        total: 0,
        pages: 1,
        ..samples::overview()
    };
    let revoke = RevokeView { device: samples::devices().rows.swap_remove(0) };
    [
        ("overview", render_overview(&inside, &samples::overview())),
        ("overview-empty", render_overview(&inside, &filtered)),
        ("record", render_record(&inside, &samples::amended())),
        ("record-undecided", render_record(&inside, &samples::undecided_record())),
        ("record-draft", render_record(&inside, &samples::draft_record())),
        ("obligations", render_obligations(&owed, &owed_samples::obligations())),
        ("obligations-empty", render_obligations(&owed, &owed_samples::no_obligations())),
        ("obligation", render_obligation(&owed, &owed_samples::quota())),
        ("obligation-let-off", render_obligation(&owed, &owed_samples::let_off())),
        ("obligation-breached", render_obligation(&owed, &owed_samples::breached())),
        ("obligation-not-open", render_obligation(&owed, &owed_samples::not_open())),
        ("obligation-undecided", render_obligation(&owed, &owed_samples::undecided())),
        ("obligation-missing", render_obligation(&owed, &owed_samples::not_evaluable())),
        ("closings", render_closings(&owed, &closing_samples::closings())),
        ("closings-empty", render_closings(&owed, &closing_samples::no_closings())),
        ("closing", render_closing(&owed, &closing_samples::closing_page())),
        ("closing-unchanged", render_closing(&owed, &closing_samples::unchanged())),
        ("devices", render_devices(&inside, &samples::devices())),
        ("revoke", render_revoke(&inside, &revoke)),
        ("sign-in", render_sign_in(&outside, &SignInView::default())),
        ("sign-in-wrong", render_sign_in(&outside, &sign_in)),
        ("first-password", render_first_password(&outside, &first)),
        ("not-found", render_problem(&inside, ProblemView::NotFound)),
    ]
    .into_iter()
    .map(|(name, html)| (name, html.expect(name).0))
    .collect()
}

#[test]
fn every_page_renders_in_every_language_without_missing_words() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/gallery");
    fs::create_dir_all(folder.join("assets")).expect("the folder is ours");
    for (name, bytes) in asset::all() {
        fs::write(folder.join("assets").join(name), bytes).expect("the folder is ours");
    }
    for lang in Lang::ALL {
        for (name, html) in pages(lang) {
            assert!(html.starts_with("<!doctype html>"), "{name}");
            assert!(html.contains(&format!("<html lang=\"{}\">", lang.tag())), "{name}");
            assert!(
                !html.contains('⟦'),
                "{name} in {lang:?} lacks {}",
                &html[html.find('⟦').unwrap_or(0)..][..60]
            );
            let file = folder.join(format!("{name}.{}.html", lang.tag()));
            fs::write(file, html.replace("\"/assets/", "\"assets/")).expect("the folder is ours");
        }
    }
}

#[test]
fn no_page_needs_anything_that_the_content_security_policy_forbids() {
    for (name, html) in pages(Lang::En) {
        for forbidden in
            ["<script", "<style", " style=\"", " onmouseover=\"", "javascript:", "http://", "https://"]
        {
            assert!(!html.contains(forbidden), "{name} contains {forbidden}");
        }
    }
}

#[test]
fn what_a_rep_typed_is_shown_and_never_run() {
    for (name, html) in pages(Lang::ZhHans) {
        if [
            "overview",
            "obligations",
            "obligation",
            "obligation-let-off",
            "obligation-breached",
            "obligation-missing",
            "closings",
            "closing",
        ]
        .contains(&name)
        {
            assert!(html.contains("&#60;script&#62;alert(&#39;客户&#39;)"), "{name}");
        }
    }
}

#[test]
fn every_form_that_changes_something_carries_the_form_token() {
    for (name, html) in pages(Lang::En) {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            let before_sign_in = form.contains("name=\"login\"");
            if form.contains("method=\"post\"") && !before_sign_in {
                assert!(form.contains("name=\"form_token\" value=\"token-7f3a\""), "{name}: {form}");
            }
        }
    }
}

fn ids(lang: Lang) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(lang.tag());
    let mut ids = BTreeSet::new();
    for file in fs::read_dir(folder).expect("the language has a folder") {
        let text = fs::read_to_string(file.expect("readable").path()).expect("UTF-8");
        for line in text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())) {
            let (id, _) = line.split_once(" =").expect("a message line");
            assert!(ids.insert(id.to_owned()), "{id} stands twice in {lang:?}");
        }
    }
    ids
}

#[test]
fn all_languages_have_the_same_messages() {
    for lang in Lang::ALL {
        assert_eq!(ids(lang), ids(Lang::default()), "{lang:?}");
    }
}

#[test]
fn templates_say_only_what_there_are_words_for() {
    let known = ids(Lang::default());
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut said = 0;
    for file in fs::read_dir(templates).expect("the folder is there") {
        let path = file.expect("readable").path();
        let text = fs::read_to_string(&path).expect("UTF-8");
        for call in ["p.t(\"", "p.named(\"", "p.counted(\""] {
            for rest in text.split(call).skip(1) {
                let id = rest.split('"').next().unwrap_or_default();
                assert!(known.contains(id), "{} says {id}", path.display());
                said += 1;
            }
        }
    }
    assert!(said > 100, "only {said} calls found");
}

const STANDINGS: [Standing; 10] = [
    Standing::Candidate,
    Standing::Official,
    Standing::Held,
    Standing::NeedsReview,
    Standing::NotEvaluable,
    Standing::Amendment,
    Standing::Contained,
    Standing::Approved,
    Standing::Refused,
    Standing::Rejected,
];

const REFUSALS: [RefusalCode; 17] = [
    RefusalCode::MalformedEntry,
    RefusalCode::OverLimit,
    RefusalCode::MalformedChange,
    RefusalCode::ForeignActor,
    RefusalCode::SequenceBroken,
    RefusalCode::MissingDependency,
    RefusalCode::StartOpWrong,
    RefusalCode::NotPermitted,
    RefusalCode::BadReference,
    RefusalCode::SchemaViolation,
    RefusalCode::DryRunFailed,
    RefusalCode::UnknownKind,
    RefusalCode::UnknownHeads,
    RefusalCode::ValueMismatch,
    RefusalCode::UnknownAnchor,
    RefusalCode::UnknownDocument,
    RefusalCode::Quarantined,
];

const PROBLEMS: [PasswordProblem; 7] = [
    PasswordProblem::TooMany,
    PasswordProblem::CodeWrong,
    PasswordProblem::OneTime,
    PasswordProblem::TooShort,
    PasswordProblem::TooLong,
    PasswordProblem::Common,
    PasswordProblem::Different,
];

const EXCEPT_PROBLEMS: [ExceptProblem; 7] = [
    ExceptProblem::RulingMissing,
    ExceptProblem::NumberMissing,
    ExceptProblem::DayWrong,
    ExceptProblem::ReasonMissing,
    ExceptProblem::NoteMissing,
    ExceptProblem::NoteTooLong,
    ExceptProblem::Unfit,
];

const CLOSE_PROBLEMS: [CloseProblem; 3] =
    [CloseProblem::SpanMissing, CloseProblem::NoteTooLong, CloseProblem::Unfit];

const MODALITIES: [Modality; 5] =
    [Modality::Must, Modality::Shall, Modality::InPrinciple, Modality::Normally, Modality::May];

const EVERY: [Every; 9] = [
    Every::Day,
    Every::Week,
    Every::Fortnight,
    Every::Month,
    Every::Quarter,
    Every::HalfYear,
    Every::Year,
    Every::Festivals(Vec::new()),
    Every::Yearly { from: (12, 1), until: (12, 31) },
];

/// The posts that quotas of a pack are asked of.
fn posts(pack: &Pack) -> Vec<String> {
    let parts = pack.rules.iter().flat_map(|rule| rule.parts());
    let post = |part: &Part| match part {
        Part::Quota(quota) => match &quota.of {
            Population::Post(post) => Some(format!("post-{post}")),
            _ => None,
        },
        _ => None,
    };
    parts.filter_map(post).collect()
}

#[test]
fn every_code_has_a_word() {
    let known = ids(Lang::default());
    let mut needed: Vec<String> =
        State::ALL.into_iter().map(|state| format!("state-{}", state.name())).collect();
    needed.extend(sync_core::rules::Flags::NAMES.into_iter().map(|(_, name)| format!("flag-{name}")));
    needed.extend(sync_core::rules::Reason::ALL.into_iter().map(|r| format!("reason-{}", r.name())));
    for standing in [Standing::Held, Standing::Amendment] {
        for ruling in label::rulings(standing) {
            needed.push(format!("ruling-{}", label::ruling_name(ruling)));
            needed.push(format!("ruling-{}-means", label::ruling_name(ruling)));
        }
    }
    needed.extend(STANDINGS.map(|standing| format!("standing-{}", label::standing_name(standing))));
    needed.extend(REFUSALS.map(|code| format!("refusal-{}", code.name())));
    let decided = [Ruling::AcceptLate, Ruling::Excuse, Ruling::Refuse, Ruling::Approve]
        .map(|ruling| Cause::Decision { submit: samples::hash(1), ruling });
    let causes = [Cause::InTime, Cause::ArrivedLate, Cause::Finding].into_iter().chain(decided);
    needed.extend(causes.map(|cause| format!("cause-{}", label::cause_name(cause))));
    needed.extend(
        PROBLEMS.map(|problem| format!("password-problem-{}", label::password_problem_name(problem))),
    );
    for state in OwedState::ALL {
        needed.extend([format!("owed-{}", state.name()), format!("owed-{}-means", state.name())]);
    }
    for name in label::EXCEPTED {
        needed.extend([format!("except-{name}"), format!("except-{name}-means")]);
    }
    needed.extend(
        EXCEPT_PROBLEMS.map(|problem| format!("except-problem-{}", label::except_problem_name(problem))),
    );
    needed.extend(
        CLOSE_PROBLEMS.map(|problem| format!("close-problem-{}", label::close_problem_name(problem))),
    );
    needed.extend(Because::EACH.map(|because| format!("because-{}", because.name())));
    needed.extend(PassedOver::EACH.map(|why| format!("passed-over-{}", label::passed_over_name(why))));
    needed.extend(MODALITIES.map(|modality| format!("modality-{}", label::modality_name(modality))));
    needed.extend(EVERY.map(|every| format!("every-{}", label::every_name(&every))));
    for kind in FactKind::ALL {
        needed.push(format!("kind-{}", kind.name()));
        needed.extend(kind.attributes().iter().map(|name| format!("field-{name}")));
    }
    let packs = packs::ALL.iter().map(|(name, text)| Pack::parse(text).expect(name));
    needed.extend(packs.flat_map(|pack| posts(&pack)));
    for id in needed {
        assert!(known.contains(&id), "{id}");
    }
}
