//! What both disks do alike, as far as it shows without a crash.

use std::path::Path;

use super::*;

fn is_kept(disk: &dyn Disk, data: &Path) {
    let folder = data.join("above").join("below");
    disk.create_folder(&folder, Access::Owner).unwrap();
    disk.create_folder(&folder, Access::Owner).unwrap();
    let (path, other) = (folder.join("a"), folder.join("b"));
    let kind = |result: io::Result<Box<dyn DiskFile>>| result.unwrap_err().kind();

    assert_eq!(kind(disk.open(&path, Open::Read)), io::ErrorKind::NotFound);
    assert_eq!(kind(disk.open(&path, Open::Write)), io::ErrorKind::NotFound);
    let file = disk.open(&path, Open::New).unwrap();
    assert_eq!(kind(disk.open(&path, Open::New)), io::ErrorKind::AlreadyExists);
    assert!(file.is_empty().unwrap());
    file.write_at(b"journal", 3).unwrap();
    file.sync().unwrap();
    assert_eq!(disk.read(&path).unwrap(), b"\0\0\0journal");
    disk.open(&path, Open::Write).unwrap().write_at(b"the", 0).unwrap();
    file.set_len(5).unwrap();
    assert_eq!(disk.read(&path).unwrap(), b"thejo");
    let mut bytes = [0; 9];
    assert_eq!((file.read_at(&mut bytes, 4).unwrap(), file.read_at(&mut bytes, 5).unwrap()), (1, 0));

    disk.open(&other, Open::Replace(Access::Usual)).unwrap().write_at(b"gone", 0).unwrap();
    disk.rename(&path, &other).unwrap();
    disk.sync_folder(&folder).unwrap();
    assert_eq!(disk.list(&folder).unwrap(), ["b"]);
    assert_eq!((disk.exists(&path).unwrap(), disk.exists(&other).unwrap()), (false, true));
    assert_eq!(disk.read(&other).unwrap(), b"thejo");
    assert!(disk.open(&other, Open::Replace(Access::Owner)).unwrap().is_empty().unwrap());
    assert_eq!(disk.mode(&other).unwrap(), 0o600);
    disk.remove_file(&other).unwrap();
    assert_eq!(disk.remove_file(&other).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(disk.list(&data.join("nowhere")).unwrap_err().kind(), io::ErrorKind::NotFound);

    let held = disk.lock(&folder.join("lock")).unwrap().unwrap();
    assert!(disk.lock(&folder.join("lock")).unwrap().is_none());
    drop(held);
    assert!(disk.lock(&folder.join("lock")).unwrap().is_some());
}

#[test]
fn the_systems_disk_keeps_the_contract() {
    let data = tempfile::tempdir().unwrap();
    is_kept(&SystemDisk, data.path());
}

#[test]
fn the_disk_in_memory_keeps_the_contract() {
    is_kept(&*MemoryDisk::new(), Path::new("/data"));
}
