//! What managers see of what their line owes.

use axum::http::StatusCode;
use sync_core::{
    directory::{Customer, User},
    document::{DocumentKind, Edit, FieldValue, field},
    hash::Hash,
    id::CustomerId,
    rules::{Subject, fact_of},
};

use super::browser::{Browser, site};
use crate::engine::fixture::{DAY_MS, HOUR_MS, World, filled};

/// A quota for each customer with an owner, one for the whole company, a share, and a rule that hides spot checks.
const CALLS: &str = r#"id = "calls"
version = 1
document_number = "S99"
effective_from = 2026-11-01
owner = "大客户部"
zone = "Asia/Shanghai"
calendar = "cn"
[parameters]
archive_within = "?"
[[rule]]
id = "C1"
kind = "contact_quota"
says = "每月上门不少于三次"
quota = { of = { customers = { grades = ["A1"] } }, counted = [{ fact = "visit", channel = "on_site" }], by = "owner", at_least = 3, per = "month" }
[[rule]]
id = "C2"
kind = "contact_quota"
says = "全公司每月上门不少于九次"
quota = { of = { company = true }, counted = [{ fact = "visit", channel = "on_site" }], at_least = 9, per = "month" }
[[rule]]
id = "C3"
kind = "record_within"
says = "及时归档"
anchored = { anchor = { fact = "visit" }, act = { fact = "stage", name = "archived" }, within = "$archive_within" }
[[rule]]
id = "C4"
kind = "review_signoff"
says = "抽查后三日内谈话"
anchored = { anchor = { fact = "spot_check" }, act = { fact = "event", name = "talk" }, within = { days = 3, count = "calendar" } }
[[rule]]
id = "C5"
kind = "access_archive"
says = "抽查情况不告知被查人"
access = { what = { fact = "spot_check" }, hidden_from = "checked" }
[[rule]]
id = "C6"
kind = "review_signoff"
says = "拜访后由值班人员审阅，比例不低于九成"
anchored = { anchor = { fact = "visit" }, act = { fact = "review", act = "read" }, by = { post = "on_duty" }, within = { days = 1, count = "calendar" }, coverage = { percent = 90, per = "quarter" } }
[[rule]]
id = "C7"
kind = "follow_up_sla"
says = "拜访后五日内回访"
anchored = { anchor = { fact = "visit" }, act = { fact = "answer" }, within = { days = 5, count = "calendar" } }
[[rule]]
id = "C8"
kind = "contact_quota"
says = "每月电话不少于一次"
quota = { of = { customers = { grades = ["A1"] } }, counted = [{ fact = "visit", channel = "phone" }], at_least = 1, per = "month" }
"#;

/// A visit on site that ended now and was submitted at once.
async fn visits(world: &World, phone: &mut crate::engine::fixture::Phone, number: u8) {
    let visit = world.visit(number);
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.submit(visit);
    phone.sync(world).await.unwrap();
}

/// A customer for whom nobody is responsible.
fn second_customer() -> Customer {
    Customer {
        id: CustomerId::from_bytes([8; 16]),
        number: "K-002".to_owned(),
        name: "宁波海丰".to_owned(),
        address: String::new(),
        contact: String::new(),
        phone: String::new(),
        owner: None,
        grade: "A1".to_owned(),
        tags: Vec::new(),
        owners: Vec::new(),
        grades: Vec::new(),
    }
}

/// The page of the obligation of a rule about a subject.
fn page_of(world: &World, rule: &str, fits: impl Fn(Subject) -> bool) -> String {
    let all = world.engine.view(world.tenant).all_obligations().unwrap();
    let owed = all.into_iter().map(|stored| stored.obligation);
    let found = owed.filter(|owed| owed.rule.rule == rule).find(|owed| fits(owed.subject));
    format!("/obligations/{}", found.unwrap().name().hash())
}

/// The number on a tile.
fn tile(page: &str, state: &str) -> u64 {
    let tile = page.split(&format!("class=\"tile state-{state}\"")).nth(1).unwrap();
    let count = tile.split("class=\"tile-count\">").nth(1).unwrap();
    count.split('<').next().unwrap().parse().unwrap()
}

fn list(page: &str) -> &str {
    page.split("<tbody").nth(1).unwrap_or_default()
}

#[tokio::test]
async fn a_supervisor_sees_what_their_own_line_owes_and_no_more() {
    let world = World::new().await;
    let site = site(&world);
    let (mut phone, mut other) = (world.phone(world.rep).await, world.phone(world.other_rep).await);
    for (phone, number) in [(&mut phone, 1), (&mut other, 2)] {
        phone.edit(world.visit(number), &filled(world.customer, world.now(), "好"));
        phone.sync(&world).await.unwrap();
    }
    world.pass(3 * DAY_MS);
    world.engine.tick().await.unwrap();
    let own = page_of(&world, "S21-R17", |subject| subject == Subject::Fact(fact_of(world.visit(1))));
    let foreign = page_of(&world, "S21-R17", |subject| subject == Subject::Fact(fact_of(world.visit(2))));

    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let page = boss.get("/obligations").await.body;
    assert_eq!((tile(&page, "breached"), tile(&page, "met")), (1, 0));
    assert!(page.contains(&own) && !page.contains(&foreign) && !page.contains("李建国"));
    assert_eq!(boss.get(&own).await.status, StatusCode::OK);
    assert_eq!(boss.get(&foreign).await.status, StatusCode::NOT_FOUND);
    assert_eq!(boss.get("/obligations/nonsense").await.status, StatusCode::NOT_FOUND);
    let asked = boss.get(&format!("/obligations?person={}&customer=x", world.other_rep)).await.body;
    let only_person = format!("/obligations?person={}", world.other_rep);
    assert!(asked.contains("/obligations?customer=x\"") && asked.contains(&format!("{only_person}\"")));
    assert!(!asked.contains("李建国"), "what is chosen is taken off by a link, and named if it is known");
    let asked = boss.get(&only_person).await.body;
    assert!(!asked.contains(&foreign) && tile(&asked, "breached") == 0);

    let mut auditor = Browser::signed_in(&world, &site, world.auditor).await;
    let page = auditor.get("/obligations").await.body;
    assert_eq!(tile(&page, "breached"), 2);
    assert!(page.contains(&own) && page.contains(&foreign) && page.contains("李建国"));
}

#[tokio::test]
async fn what_is_due_at_midnight_belongs_to_the_month_that_ends() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, CALLS).await.unwrap();
    world.engine.tick().await.unwrap();
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    for (month, shown) in [("2026-10", false), ("2026-11", true), ("2027-01", false)] {
        let page = boss.get(&format!("/obligations?month={month}&rule=calls:C1")).await.body;
        assert_eq!(list(&page).contains("每月上门不少于三次"), shown, "{month}");
    }
    let quarter = boss.get("/obligations?quarter=2026-4&rule=calls:C1").await.body;
    assert_eq!(tile(&quarter, "pending"), 2, "November's and, a month ahead, December's");
    let nonsense = boss.get("/obligations?month=0000-99&rule=calls:C1").await.body;
    assert_eq!(tile(&nonsense, "pending"), 1, "this month");
}

#[tokio::test]
async fn a_quota_tells_how_far_it_is_and_which_visits_count() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, CALLS).await.unwrap();
    let mut phone = world.phone(world.rep).await;
    for number in 1..=2 {
        visits(&world, &mut phone, number).await;
        world.pass(HOUR_MS);
    }
    let called = world.visit(3);
    phone.edit(called, &filled(world.customer, world.now(), "好"));
    let by_phone = FieldValue::Text("phone".to_owned());
    phone.edit(called, &[Edit::Set { field: field::CHANNEL.to_owned(), value: by_phone }]);
    phone.submit(called);
    phone.sync(&world).await.unwrap();
    let mut other = world.phone(world.other_rep).await;
    visits(&world, &mut other, 4).await;
    world.engine.tick().await.unwrap();

    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let page = boss.get("/obligations?rule=calls:C1").await.body;
    assert!(page.contains("A1 · 每月不少于 3 次"), "the quota stands beside its rule");
    assert!(list(&page).contains("2<span class=\"none\"> / 3</span>"), "{page}");
    let path = page_of(
        &world,
        "C1",
        |subject| matches!(subject, Subject::Customer(_, period) if period.first.month() == 11),
    );
    let page = boss.get(&path).await.body;
    let (counted, passed_over) = page.split_once("id=\"passed-over\"").unwrap();
    for number in 1..=2 {
        assert!(counted.contains(&format!("/records/{}", world.visit(number))));
    }
    assert!(passed_over.contains(&format!("/records/{called}")) && passed_over.contains("不是规定所要求的"));
    // What somebody of another line did at the same customer happened, and that is all.
    assert!(passed_over.contains("不是责任人办的") && passed_over.contains("您管辖范围以外的人员"));
    assert!(!page.contains("李建国") && !page.contains(&world.visit(4).to_string()));
    let mut auditor = Browser::signed_in(&world, &site, world.auditor).await;
    let page = auditor.get(&path).await.body;
    assert!(page.contains("李建国") && page.contains(&world.visit(4).to_string()));
}

#[tokio::test]
async fn what_nobody_in_particular_owes_is_shown_to_everybody_who_leads() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, CALLS).await.unwrap();
    world.engine.put_customers(world.tenant, None, vec![second_customer()]).await.unwrap();
    let mut other = world.phone(world.other_rep).await;
    let visit = world.visit(1);
    other.edit(visit, &filled(second_customer().id, world.now(), "好"));
    other.sync(&world).await.unwrap();
    world.engine.tick().await.unwrap();
    let path = page_of(&world, "C2", |_| true);
    for (leader, sees_visit) in [(world.boss, false), (world.other_boss, true), (world.auditor, true)] {
        let mut browser = Browser::signed_in(&world, &site, leader).await;
        let page = browser.get("/obligations?person=anybody&rule=calls:C2").await.body;
        assert!(list(&page).contains("全公司每月上门不少于九次"));
        assert_eq!(tile(&page, "pending"), 1);
        let page = browser.get(&path).await.body;
        assert!(page.contains("1<span class=\"none\"> / 9</span>"), "how many there were is no secret");
        for secret in ["宁波海丰", "李建国", &visit.to_string()] {
            assert_eq!(page.contains(secret), sees_visit, "{secret}");
        }
        // Nobody in particular has to talk after this visit.
        let page = browser.get("/obligations?rule=calls:C7").await.body;
        assert_eq!((list(&page).contains("宁波海丰"), tile(&page, "pending")), (sees_visit, 1));
        let page = browser.get("/obligations?rule=calls:C7&customer=%E5%AE%81%E6%B3%A2").await.body;
        assert_eq!(tile(&page, "pending"), u64::from(sees_visit), "nor is it found by the name");
        // Anybody may ring the customer that the first line is responsible for.
        let page = browser.get("/obligations?rule=calls:C8&customer=K-001").await.body;
        let sees_customer = leader != world.other_boss;
        assert_eq!(tile(&page, "pending"), u64::from(sees_customer));
        let page = browser.get("/obligations?rule=calls:C8").await.body;
        assert_eq!(list(&page).contains("其他团队的客户"), !sees_customer);
    }
}

#[tokio::test]
async fn what_several_people_owe_is_one_obligation_and_of_a_share_no_breach() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, CALLS).await.unwrap();
    let view = world.engine.view(world.tenant);
    let on_duty = [world.boss, world.rep, world.other_rep].map(|id| {
        let user = view.user(id).unwrap().unwrap();
        User { posts: vec!["on_duty".to_owned()], ..user }
    });
    world.engine.put_users(world.tenant, None, on_duty.to_vec()).await.unwrap();
    let mut phone = world.phone(world.rep).await;
    visits(&world, &mut phone, 1).await;
    world.pass(2 * DAY_MS);
    world.engine.tick().await.unwrap();
    let rule = "/obligations?quarter=2026-4&rule=calls:C6";
    for (reader, people, owers) in
        [(world.auditor, 3, "刘芳、王晓梅、李建国"), (world.boss, 2, "刘芳、王晓梅、另 1 人")]
    {
        let mut browser = Browser::signed_in(&world, &site, reader).await;
        let page = browser.get(rule).await.body;
        assert_eq!((tile(&page, "missed"), tile(&page, "breached")), (1, 0));
        assert_eq!(page.matches("aria-label=\"未办（计比例） 1\"").count(), people, "{page}");
        assert!(list(&page).contains(owers) && list(&page).contains("只计入比例"), "{page}");
        let share = page_of(&world, "C6", |subject| matches!(subject, Subject::Company(_)));
        assert!(list(&page).contains(&share), "the share itself is owed by nobody in particular");
    }
}

#[tokio::test]
async fn a_customer_without_an_owner_says_what_to_do() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, CALLS).await.unwrap();
    world.engine.put_customers(world.tenant, None, vec![second_customer()]).await.unwrap();
    world.engine.tick().await.unwrap();
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let page = boss.get("/obligations?state=not_evaluable&customer=K-002").await.body;
    assert_eq!(tile(&page, "not_evaluable"), 1);
    assert!(list(&page).contains("宁波海丰"));
    let path = format!(
        "/obligations/{}",
        list(&page).split("/obligations/").nth(1).unwrap().split('"').next().unwrap()
    );
    let page = boss.get(&path).await.body;
    assert!(page.contains("当时该客户没有责任人。") && page.contains("请为该客户指定责任人"));
}

#[tokio::test]
async fn a_rule_that_waits_for_a_parameter_is_named() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, CALLS).await.unwrap();
    world.engine.tick().await.unwrap();
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let page = boss.get("/obligations").await.body;
    assert!(page.contains("1 条规定缺参数") && page.contains("及时归档") && page.contains("archive_within"));
}

#[tokio::test]
async fn who_is_checked_is_not_told() {
    let world = World::new().await;
    let site = site(&world);
    world.engine.put_pack(world.tenant, None, CALLS).await.unwrap();
    // The boss reports to another one, who checks what the boss does.
    let view = world.engine.view(world.tenant);
    let boss = User { reports_to: Some(world.other_boss), ..view.user(world.boss).unwrap().unwrap() };
    world.engine.put_users(world.tenant, None, vec![boss]).await.unwrap();
    let mut phone = world.phone(world.other_boss).await;
    let check = world.document(DocumentKind::SpotCheck, 7);
    let set = |field: &str, value| Edit::Set { field: field.to_owned(), value };
    let checked = FieldValue::Id(*world.boss.as_bytes());
    phone.edit(
        check,
        &[set("checked", checked), set("method", FieldValue::Text("unannounced_visit".to_owned()))],
    );
    phone.sync(&world).await.unwrap();
    world.engine.tick().await.unwrap();

    let path = page_of(&world, "C4", |subject| subject == Subject::Fact(fact_of(check)));
    for (reader, is_told) in [(world.other_boss, true), (world.boss, false)] {
        let mut browser = Browser::signed_in(&world, &site, reader).await;
        let page = browser.get("/obligations?rule=calls:C4").await.body;
        assert_eq!(list(&page).contains("抽查 ·") || list(&page).contains(">抽查<"), is_told, "{page}");
        assert_eq!(list(&page).contains("您无权查看"), !is_told);
        let page = browser.get(&path).await.body;
        assert_eq!(page.contains("不定期走访"), is_told);
        assert!(!is_told || page.contains("被抽查人"));
    }
}

#[tokio::test]
async fn a_late_record_is_explained_with_the_bounds_of_its_time() {
    let world = World::new().await;
    let site = site(&world);
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    world.pass(4 * DAY_MS);
    phone.sync(&world).await.unwrap();
    phone.submit(visit);
    phone.sync(&world).await.unwrap();
    world.pass(HOUR_MS);
    world.engine.tick().await.unwrap();
    let path = page_of(&world, "S21-R17", |_| true);
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let page = boss.get(&path).await.body;
    assert!(page.contains("未按规定办理") && page.contains("没有计入的事实"));
    assert!(page.contains("超过期限") && page.contains("已证明时间 11月21日 16:00"));
    assert!(page.contains(&format!("/records/{visit}")));
    assert!(!page.contains("<script"), "what the customer is called is text");
    assert_eq!(boss.get(&format!("/obligations/{}", Hash::ZERO)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn obligations_are_filtered_by_customer_person_and_state() {
    let world = World::new().await;
    let site = site(&world);
    let mut phone = world.phone(world.rep).await;
    visits(&world, &mut phone, 1).await;
    phone.edit(world.visit(2), &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    world.pass(3 * DAY_MS);
    world.engine.tick().await.unwrap();
    let mut auditor = Browser::signed_in(&world, &site, world.auditor).await;
    let page = auditor.get("/obligations").await.body;
    let places = ["王晓梅", "李建国"].map(|name| page.find(&format!("rep-name\">{name}")).unwrap());
    assert!(places.is_sorted(), "who has breaches comes first");
    let mut boss = Browser::signed_in(&world, &site, world.boss).await;
    let rows = |page: &str| list(page).matches("<tr ").count();
    let person = world.rep;
    for (query, tiles, shown) in [
        (String::new(), (1, 1), 2),
        ("state=breached".to_owned(), (1, 1), 1),
        ("customer=k-001".to_owned(), (1, 1), 2),
        ("customer=nobody".to_owned(), (0, 0), 0),
        (format!("person={person}&state=met"), (1, 1), 1),
        ("person=anybody".to_owned(), (0, 0), 0),
        ("rule=key_account_visits:S21-R17".to_owned(), (1, 1), 2),
        ("rule=key_account_visits:S21-R99".to_owned(), (0, 0), 0),
    ] {
        let page = boss.get(&format!("/obligations?{query}")).await.body;
        assert_eq!((tile(&page, "breached"), tile(&page, "met")), tiles, "{query}");
        assert_eq!(rows(&page), shown, "{query}");
    }
}
