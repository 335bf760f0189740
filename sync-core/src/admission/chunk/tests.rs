//! What we read out of a change is what the library reads.

use automerge::{
    Change,
    legacy::{ElementId, Key as LegacyKey, ObjectId, Op, OpId, OpType},
};
use proptest::prelude::*;

use super::*;
use crate::{
    admission::{Author, Limits, inspect::take_apart},
    document::{Document, DocumentKind, Edit, FieldValue, field, new_id},
    id::{DeviceId, TenantId},
    time::Timestamp,
};

fn id(id: &OpId) -> Operation {
    (id.counter(), Actor::read(id.actor()).unwrap())
}

fn assert_same(ours: &ReadOperation<'_>, theirs: &Op) {
    let object = match &theirs.obj {
        ObjectId::Root => None,
        ObjectId::Id(object) => Some(id(object)),
    };
    assert_eq!(ours.object, object);
    match (&theirs.key, ours.key) {
        (LegacyKey::Map(name), Key::Name(ours)) => assert_eq!(ours, name.as_str()),
        (LegacyKey::Seq(ElementId::Head), Key::Beginning) => {}
        (LegacyKey::Seq(ElementId::Id(element)), Key::Element(ours)) => assert_eq!(ours, id(element)),
        (theirs, ours) => panic!("{ours:?} is not {theirs:?}"),
    }
    assert_eq!(ours.insert, theirs.insert);
    match (&theirs.action, ours.action) {
        (OpType::Put(value), Action::Put) => assert_eq!(ours.value.scalar().unwrap(), *value),
        (OpType::Delete, Action::Delete) => {}
        (theirs, ours) => panic!("{ours:?} is not {theirs:?}"),
    }
    assert_eq!(ours.predecessors, theirs.pred.iter().map(id).collect::<Vec<_>>());
}

fn edit() -> impl Strategy<Value = Edit> {
    let text = "[a满👍\n]{0,80}";
    let name = prop::sample::select(vec![field::CONTENT, field::RESULT]);
    prop_oneof![
        (name, text).prop_map(|(name, text)| Edit::ReplaceText { field: name.into(), text }),
        "[a满 ]{0,40}"
            .prop_map(|line| Edit::Set { field: field::PLACE.into(), value: FieldValue::Text(line) }),
        (0i64..=5).prop_map(|count| Edit::Set {
            field: field::SATISFACTION.into(),
            value: FieldValue::Count(count)
        }),
        (0i64..1 << 40).prop_map(|millis| Edit::Set {
            field: field::ENDED.into(),
            value: FieldValue::Time(Timestamp::from_millis(millis))
        }),
        prop::sample::select(vec![field::CONTENT, field::PLACE, field::ENDED])
            .prop_map(|name| Edit::Clear { field: name.into() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn operations_are_read_as_the_library_reads_them(
        steps in prop::collection::vec((0usize..2, any::<bool>(), prop::collection::vec(edit(), 1..4)), 1..12),
    ) {
        let genesis = Document::genesis(new_id(DocumentKind::Visit, [7; 15])).unwrap();
        let mut replicas = [genesis.clone(), genesis];
        let mut made = Vec::new();
        for (who, meets, edits) in steps {
            let author =
                Author { tenant: TenantId::from_bytes([1; 16]), device: DeviceId::from_bytes([who as u8; 16]) };
            if meets {
                replicas[who].apply_trusted(&made).unwrap();
            }
            made.extend(replicas[who].edit(&author, &edits).unwrap());
        }
        for bytes in &made {
            let chunk = take_apart(bytes, &Limits::default()).unwrap();
            let mut ours = Operations::of(&chunk);
            for theirs in &Change::try_from(bytes.as_slice()).unwrap().decode().operations {
                assert_same(&ours.next().unwrap().unwrap(), theirs);
            }
            prop_assert_eq!(ours.next().unwrap(), None);
        }
    }
}
