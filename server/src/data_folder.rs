//! The folder of a server's data: made so that a power cut cannot take it away with everything in it.

use std::{
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::Path,
};

/// Makes a folder with all above it, unless it is there, and makes their names durable.
///
/// What is in it is nobody else's business; a folder that is there already keeps its mode.
pub(crate) fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let folder = folder.canonicalize()?;
    let device = fs::metadata(&folder)?.dev();
    // Also of a folder that was there: a run that was killed may have made it, and synced nothing.
    for above in folder.ancestors().skip(1) {
        // Nobody makes a folder where they may not read, nor the place where a disk is mounted.
        match File::open(above) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => break,
            Ok(above) if above.metadata()?.dev() == device => above.sync_all()?,
            Ok(_) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
