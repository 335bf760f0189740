//! What the shipped calendar knows, and which files are turned away.

use jiff::civil::{Date, date};

use super::{CN, Calendar, CalendarError};

fn china() -> Calendar {
    Calendar::from_ics(&CN).unwrap()
}

fn file(events: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n")
}

fn event(summary: &str, start: &str, end: &str) -> String {
    format!(
        "BEGIN:VEVENT\nSUMMARY:{summary}\nDTSTART;VALUE=DATE:{start}\nDTEND;VALUE=DATE:{end}\nEND:VEVENT\n"
    )
}

fn problem_of(events: &str) -> String {
    Calendar::from_ics(&[(2026, &file(events))]).unwrap_err().to_string()
}

#[test]
fn spring_festival_is_off_and_its_make_up_days_are_worked() {
    let china = china();
    let worked = |day: Date| china.is_working_day(day).unwrap();
    for day in 15..=23 {
        assert!(!worked(date(2026, 2, day)), "2026-02-{day}");
    }
    assert!(worked(date(2026, 2, 14)), "a Saturday that makes up");
    assert!(worked(date(2026, 2, 24)), "the Tuesday after");
    assert!(worked(date(2026, 2, 28)), "a Saturday that makes up");
    assert!(!worked(date(2026, 3, 1)), "a Sunday like any other");
    assert!(worked(date(2023, 1, 28)) && worked(date(2023, 1, 29)), "a make-up weekend in one event");
    assert!(!worked(date(2024, 9, 17)) && worked(date(2024, 9, 14)), "mid-autumn and its make-up day");
    assert!(!worked(date(2025, 10, 8)) && worked(date(2025, 10, 9)), "DTEND is the day after the last");
}

#[test]
fn festivals_are_the_days_off_that_bear_their_name_and_two_that_meet_share_them() {
    let festivals: Vec<_> = china().festivals().collect();
    let times = |name: &str| -> Vec<(Date, Date)> {
        festivals.iter().filter(|(of, ..)| *of == name).map(|(_, first, last)| (*first, *last)).collect()
    };
    let shared = (date(2025, 10, 1), date(2025, 10, 8));
    assert_eq!(
        times("mid_autumn"),
        [
            (date(2023, 9, 29), date(2023, 10, 6)),
            (date(2024, 9, 15), date(2024, 9, 17)),
            shared,
            (date(2026, 9, 25), date(2026, 9, 27)),
        ]
    );
    assert!(times("national_day").contains(&shared));
    assert_eq!(times("spring_festival").len(), 4, "its make-up days are no festival");
    assert_eq!(times("spring_festival")[3], (date(2026, 2, 15), date(2026, 2, 23)));
    assert_eq!(times("anniversary"), []);
}

#[test]
fn a_company_may_work_on_its_anniversary() {
    let own = file(&event("上班（司庆）", "20260601", "20260602"));
    let calendar = Calendar::from_ics(&[(2026, &own)]).unwrap();
    let day = date(2026, 6, 1);
    assert_eq!(calendar.festivals().collect::<Vec<_>>(), [("anniversary", day, day)]);
    assert_eq!(calendar.is_working_day(day), Ok(true));
}

#[test]
fn a_festival_that_gets_another_name_is_a_difference_though_no_working_day_is() {
    let calendar =
        |summary| Calendar::from_ics(&[(2026, &file(&event(summary, "20260925", "20260928")))]).unwrap();
    let (before, after) = (calendar("中秋节假期"), calendar("放假"));
    let day = date(2026, 9, 25);
    assert_eq!(before.first_difference(&after, day), Some(day));
    assert_eq!(before.first_difference(&after, date(2026, 9, 24)), None);
    assert_eq!(before.first_difference(&before, day), None);
}

#[test]
fn a_day_in_a_year_without_a_file_is_never_guessed() {
    let china = china();
    assert_eq!(china.years().collect::<Vec<_>>(), [2023, 2024, 2025, 2026]);
    assert_eq!(china.is_working_day(date(2027, 1, 4)), Err(CalendarError::YearMissing(2027)));
    // The file for 2023 begins on this day, which does not make 2022 known.
    assert_eq!(china.is_working_day(date(2022, 12, 31)), Err(CalendarError::YearMissing(2022)));
}

#[test]
fn a_file_s_day_in_a_neighbouring_year_counts_there() {
    let this = file(&event("节", "20261231", "20270102"));
    let next = file(&event("节", "20270201", "20270202"));
    let calendar = Calendar::from_ics(&[(2026, &this), (2027, &next)]).unwrap();
    assert_eq!(calendar.is_working_day(date(2027, 1, 1)), Ok(false));
}

#[test]
fn a_file_over_its_bounds_is_refused_before_it_is_read() {
    let large = file(&"X-NOTE:padding padding padding padding\n".repeat(8_000));
    assert!(matches!(Calendar::from_ics(&[(2026, &large)]), Err(CalendarError::FileTooLarge { .. })));
    let many = file(&event("节", "20260105", "20260106").repeat(401));
    assert!(matches!(
        Calendar::from_ics(&[(2026, &many)]),
        Err(CalendarError::TooManyEvents { found: 401, .. })
    ));
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    let (year, text) = CN[3];
    let cut = &text[..text.len() / 2];
    assert_eq!(Calendar::from_ics(&[(year, cut)]), Err(CalendarError::NotACalendar { year }));
    assert_eq!(Calendar::from_ics(&[(year, "")]), Err(CalendarError::NotACalendar { year }));
}

#[test]
fn a_file_of_another_year_is_refused() {
    assert_eq!(Calendar::from_ics(&[(2025, CN[3].1)]), Err(CalendarError::NoDayOfItsYear { year: 2025 }));
}

#[test]
fn two_files_for_one_year_are_refused() {
    assert_eq!(Calendar::from_ics(&[CN[0], CN[0]]), Err(CalendarError::YearTwice(2023)));
}

#[test]
fn a_day_that_is_both_off_and_worked_is_refused() {
    let both = event("节", "20260105", "20260108") + &event("上班", "20260107", "20260108");
    assert_eq!(problem_of(&both), "2026-01-07 is both a day off and a make-up workday");
}

#[test]
fn an_event_that_is_not_a_plain_run_of_days_is_refused_with_its_number() {
    let good = event("节", "20260105", "20260106");
    for (bad, says) in [
        (event("节", "20260105", "20260105"), "does not end after it starts"),
        (event("节", "20260105", "20260101"), "does not end after it starts"),
        (event("节", "20260230", "20260302"), "names a day that does not exist"),
        (event("节", "20260105", "20280105"), "is longer than a year"),
        (event("节", "20260105", "20260106").replace("SUMMARY", "COMMENT"), "has no summary"),
        (event("节", "20260105", "20260106").replace("DTSTART", "DTSTAMP"), "has no first day"),
        (event("节", "20260105T080000", "20260106").replace(";VALUE=DATE", ""), "not a whole day"),
        (event("节", "20260105", "20260106").replace("END:VE", "RRULE:FREQ=YEARLY\nEND:VE"), "repeats"),
    ] {
        let problem = problem_of(&(good.clone() + &bad));
        assert!(problem.contains("event 2") && problem.contains(says), "{problem} should say {says}");
    }
}
