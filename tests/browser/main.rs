//! The manager's pages in a real browser: what a manager does all day, at desk width and on a phone.
//!
//! Needs Chromium and ChromeDriver. Where a machine lacks them this test says so loudly; under `CI` it fails.
//! The pictures it takes are left in `target/screenshots`.

mod driver;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use client_sdk::{Reason, field};
use driver::{Driver, Width};
use fantoccini::{Client, Locator};
use tests::{World, company::PASSWORD};

/// How long a page may take to come on a busy machine; waiting ends as soon as it is there.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_finds_a_late_record_sees_its_evidence_and_accepts_it() -> anyhow::Result<()> {
    let Some(driver) = Driver::start()? else { return Ok(()) };
    let world = World::start().await?;
    world.company.set_passwords(world.engine()).await?;
    let phone = world.phone("davolio").await?;
    let late = phone.visit(phone.customer(0)?, "客户同意续约，下周寄样 📦")?;
    world.until("2026-09-10T08:00").await?;
    phone.sync().await?;
    phone.book.submit(late, Some(Reason::NoCoverage))?;
    phone.sync().await?;
    let sealed = phone.visit(phone.customer(1)?, "价格已确认")?;
    phone.book.submit(sealed, None)?;
    phone.sync().await?;
    world.until("2026-09-14T08:00").await?;
    phone.sync().await?;
    phone.book.edit(sealed, |draft| {
        draft.text(field::RESULT, "价格已确认，下浮两个百分点");
    })?;
    phone.book.submit(sealed, Some(Reason::Correction))?;
    phone.sync().await?;

    let desk = driver.open(Width::Desk).await?;
    sign_in(&desk, &world.url()).await?;
    no_sideways_scrolling(&desk).await?;
    driver::picture(&desk, "overview-desk").await?;
    desk.goto(&format!("{}/records/{late}", world.url())).await?;
    driver::picture(&desk, "late-desk").await?;
    desk.find(Locator::Css("input[name=ruling][value=accept_late]")).await?.click().await?;
    desk.find(Locator::Css("select[name=reason]")).await?.select_by_value("no_coverage").await?;
    desk.find(Locator::Css("textarea[name=note]")).await?.send_keys("山区无信号，已电话核实").await?;
    desk.find(Locator::Css("form[action$=decisions] button")).await?.click().await?;
    let noted = Locator::XPath("//*[contains(text(), '山区无信号')]");
    desk.wait().at_most(PATIENCE).for_element(noted).await.context("the decision stands on the page")?;
    let status = world.status(late)?;
    ensure!(status.seals.len() == 1, "the accepted record has a version: {status:?}");

    desk.goto(&format!("{}/obligations?month=2026-09", world.url())).await?;
    no_sideways_scrolling(&desk).await?;
    driver::picture(&desk, "obligations-desk").await?;
    desk.find(Locator::Css("a.tile.state-met")).await?.click().await?;
    let met = Locator::Css("a.tile.state-met[aria-current]");
    desk.wait().at_most(PATIENCE).for_element(met).await.context("a tile filters the list")?;
    desk.find(Locator::Css("td.cell-main a")).await?.click().await?;
    let counts = Locator::Css("#counted li a[href^='/records/']");
    let record = desk.wait().at_most(PATIENCE).for_element(counts).await.context("a fact leads on")?;
    driver::picture(&desk, "obligation-desk").await?;
    record.click().await?;
    let history = Locator::Css("#fields");
    desk.wait().at_most(PATIENCE).for_element(history).await.context("to its record")?;

    let narrow = driver.open(Width::Phone).await?;
    sign_in(&narrow, &world.url()).await?;
    for (path, name) in [
        (String::from("/"), "overview-phone"),
        (format!("/records/{sealed}"), "amendment-phone"),
        (String::from("/obligations?month=2026-09"), "obligations-phone"),
    ] {
        narrow.goto(&format!("{}{path}", world.url())).await?;
        no_sideways_scrolling(&narrow).await?;
        driver::picture(&narrow, name).await?;
    }
    narrow.goto(&format!("{}/language/en?back=/", world.url())).await?;
    let lang = narrow.find(Locator::Css("html")).await?.attr("lang").await?;
    ensure!(lang.as_deref() == Some("en"), "the page speaks English when asked to");
    no_sideways_scrolling(&narrow).await?;
    desk.close().await?;
    narrow.close().await?;
    world.stop().await;
    Ok(())
}

async fn sign_in(browser: &Client, url: &str) -> anyhow::Result<()> {
    browser.goto(url).await?;
    browser.find(Locator::Css("input[name=login]")).await?.send_keys("fuller").await?;
    browser.find(Locator::Css("input[name=password]")).await?.send_keys(PASSWORD).await?;
    browser.find(Locator::Css("main form button")).await?.click().await?;
    let signed_in = Locator::Css("form[action='/sign-out']");
    browser.wait().at_most(PATIENCE).for_element(signed_in).await.context("signing in")?;
    Ok(())
}

async fn no_sideways_scrolling(browser: &Client) -> anyhow::Result<()> {
    let script = "return document.documentElement.scrollWidth - window.innerWidth";
    let over = browser.execute(script, Vec::new()).await?;
    let over = over.as_i64().context("a width")?;
    ensure!(over <= 0, "the page is {over} px wider than the window");
    let styled = "return getComputedStyle(document.body).marginTop";
    let margin = browser.execute(styled, Vec::new()).await?;
    ensure!(margin.as_str() == Some("0px"), "the style sheet was not applied: margin {margin}");
    Ok(())
}
