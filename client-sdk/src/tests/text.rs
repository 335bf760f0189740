//! Free text: Chinese and emoji, by characters, merged by words.

use crate::{
    field,
    tests::{fake_server::FakeServer, phone::Phone},
};

#[tokio::test]
async fn two_phones_write_into_one_text_and_both_are_read() {
    let server = FakeServer::new();
    let (mine, other) = (Phone::ready(&server).await, Phone::ready(&server).await);
    let visit = mine.visited();
    mine.write(visit, field::CONTENT, "客户👨‍👩‍👧满意。");
    mine.book.sync().await.unwrap();
    other.book.sync().await.unwrap();
    mine.write(visit, field::CONTENT, "大客户👨‍👩‍👧满意。");
    other.write(visit, field::CONTENT, "客户👨‍👩‍👧很满意。😀");
    for phone in [&mine, &other, &mine] {
        phone.book.sync().await.unwrap();
    }
    for phone in [&mine, &other] {
        let content = phone.book.visit(visit).unwrap().unwrap().fields.content;
        assert_eq!(content.as_deref(), Some("大客户👨‍👩‍👧很满意。😀"));
    }
}

#[tokio::test]
async fn a_splice_counts_characters_not_bytes() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.write(visit, field::CONTENT, "武汉😀见面");
    phone
        .book
        .edit(visit, |draft| {
            draft.splice(field::CONTENT, 2, 1, "三镇");
        })
        .unwrap();
    let record = phone.book.visit(visit).unwrap().unwrap();
    assert_eq!(record.fields.content.as_deref(), Some("武汉三镇见面"));
}
