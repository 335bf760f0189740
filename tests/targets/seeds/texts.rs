//! Seeds of the targets that read texts and facts: packs, calendars, evidence.

use sync_core::{calendar::CN, rules::packs::KEY_ACCOUNT_VISITS};

use crate::Seeds;

fn altered(from: &str, to: &str) -> Vec<u8> {
    assert!(KEY_ACCOUNT_VISITS.contains(from), "{from}");
    KEY_ACCOUNT_VISITS.replace(from, to).into_bytes()
}

pub(crate) fn packs() -> Seeds {
    let within =
        "within = { days = 2, count = \"calendar\", start_day = \"excluded\", roll_forward = false }";
    let rule = |number| {
        format!(
            "[[rule]]\nid = \"r{number}\"\nkind = \"record_within\"\nanchor = \"visit.ended\"\nact = \"submit\"\nwithin = {{ hours = 1 }}\n"
        )
    };
    let header = KEY_ACCOUNT_VISITS.split("[[rule]]").next().unwrap();
    Seeds::from([
        ("honest_shipped", KEY_ACCOUNT_VISITS.as_bytes().to_vec()),
        ("honest_working_days", altered(within, "within = { days = 3, count = \"working\" }")),
        ("honest_hours", altered(within, "within = { hours = 87840 }")),
        (
            "honest_rolling",
            altered(
                within,
                "within = { days = 1, count = \"calendar\", start_day = \"included\", roll_forward = true }",
            ),
        ),
        ("honest_zone_that_skips_midnight", altered("Asia/Shanghai", "America/Sao_Paulo")),
        ("honest_zone_that_skipped_a_day", altered("Asia/Shanghai", "Pacific/Apia")),
        ("honest_no_rules", header.as_bytes().to_vec()),
        ("hostile_zone", altered("Asia/Shanghai", "../../etc/passwd")),
        ("hostile_deep_arrays", format!("a = {}", "[".repeat(4_000)).into_bytes()),
        ("hostile_deep_tables", format!("[{}a]", "a.".repeat(2_000)).into_bytes()),
        ("hostile_deep_inline_tables", format!("a = {}", "{a=".repeat(1_500)).into_bytes()),
        ("hostile_unknown_field", altered("version = 1", "version = 1\nadmin = true")),
        ("hostile_huge_number", altered("version = 1", "version = 99999999999999999999")),
        ("hostile_version_zero", altered("version = 1", "version = 0")),
        ("hostile_no_such_day", altered("2023-01-01", "2023-02-30")),
        ("hostile_window_too_long", altered("days = 2", "days = 4294967295")),
        ("hostile_rule_twice", format!("{header}{}{}", rule(1), rule(1)).into_bytes()),
        ("hostile_unclosed", altered("S21-R17\"", "S21-R17")),
    ])
}

fn calendar(events: &str) -> Vec<u8> {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n").into_bytes()
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n")
}

pub(crate) fn calendars() -> Seeds {
    let shipped = CN[3].1;
    let day = |date: &str| event(&format!("SUMMARY:x\r\nDTSTART;VALUE=DATE:{date}"));
    let nested = format!("{}{}", "BEGIN:VTODO\r\n".repeat(200), "END:VTODO\r\n".repeat(200));
    let both = format!("{}{}", day("20260101"), event("SUMMARY:上班\r\nDTSTART;VALUE=DATE:20260101"));
    Seeds::from([
        ("honest_2026", shipped.as_bytes().to_vec()),
        ("honest_one_day", calendar(&day("20260101"))),
        ("hostile_cut_off", shipped.as_bytes()[..shipped.len() / 2].to_vec()),
        ("hostile_another_year", CN[0].1.as_bytes().to_vec()),
        ("hostile_nested", calendar(&nested)),
        ("hostile_both", calendar(&both)),
        (
            "hostile_repeating",
            calendar(&event(
                "SUMMARY:x\r\nDTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=SECONDLY;COUNT=1000000000",
            )),
        ),
        (
            "hostile_endless",
            calendar(&event("SUMMARY:x\r\nDTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:99991231")),
        ),
        (
            "hostile_backwards",
            calendar(&event("SUMMARY:x\r\nDTSTART;VALUE=DATE:20260102\r\nDTEND;VALUE=DATE:20260101")),
        ),
        ("hostile_no_such_day", calendar(&day("20260230"))),
        ("hostile_with_a_time", calendar(&event("SUMMARY:x\r\nDTSTART:20260101T120000Z"))),
        ("hostile_long_line", calendar(&event(&format!("SUMMARY:{}", "x".repeat(4_000))))),
        ("hostile_folded", calendar(&event(&format!("SUMMARY:{}", "x\r\n ".repeat(1_000))))),
        ("hostile_a_card", b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\nEND:VCALENDAR".to_vec()),
    ])
}

/// An instant so many steps of two hours from the beginning, as the target reads it.
fn at(step: u16) -> Vec<u8> {
    [&[255], step.to_le_bytes().as_slice()].concat()
}

pub(crate) fn verdicts() -> Seeds {
    // Pack; deadline; flags, lower bound, no anchor, upper bound, nothing measured, claim.
    let judged = |pack: u8, flags: u8, lower, upper| {
        [vec![pack], at(40), vec![flags], at(lower), vec![0, 1], at(upper), vec![0], at(lower)].concat()
    };
    let mut seeds = Seeds::from([
        ("honest_proven", judged(3, 0, 10, 30)),
        ("honest_claimed", judged(7, 0, 10, 60)),
        ("hostile_proven_late", judged(3, 0, 50, 60)),
        ("hostile_clock_in_doubt", judged(3, 32, 10, 30)),
        ("hostile_for_review", judged(3, 0, 10, 60)),
        ("hostile_edges", vec![0, 0, 4, 0, 0, 5, 0, 1, 0, 4, 0, 0, 0, 5, 1]),
    ]);
    let measured = [vec![4], at(40), vec![0], at(10), vec![0, 1], at(60), vec![1], at(20), at(30), at(10)];
    seeds.insert("honest_measured", measured.concat());
    // A record: three commits that submit, one decision.
    let submit = |entry: u8, head: u8, lower: u16, upper: u16| {
        let evidence = [vec![0], at(lower), vec![0, 1], at(upper), vec![0], at(lower)].concat();
        [vec![entry, 0, head, 255], evidence].concat()
    };
    let commit = |arrived: u16, head: u8, entry: u8| {
        [vec![1], at(arrived), vec![0, head, 1], at(5), vec![1], submit(entry, head, 4, arrived)].concat()
    };
    let decide = |when: u16, entry: u8, ruling: u8| [vec![0], at(when), vec![entry, ruling, 1]].concat();
    for (name, ruling) in
        [("honest_record_accepted", 0), ("honest_record_excused", 1), ("honest_record_approved", 3)]
    {
        let events = [commit(10, 1, 1), commit(60, 2, 2), commit(70, 3, 3), decide(80, 2, ruling)].concat();
        seeds.insert(name, [judged(4, 0, 10, 30), at(50), vec![4], events, at(100), vec![3]].concat());
    }
    seeds
}
