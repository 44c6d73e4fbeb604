//! Files that their owner alone may read, written whole or not at all: what they hold names an account's resources.
//!
//! A regular file is made beside its place and renamed into it, so that a reader sees the old one or the new one. What
//! is no regular file (a pipe, a terminal) cannot be replaced and is written as it is.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

/// Writes the file.
pub fn write(name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = Path::new(name);
    if is_stream(path) {
        return fs::OpenOptions::new().append(true).open(path)?.write_all(bytes);
    }
    let place = place_of(path);
    let mut file = beside(&place)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&place).map(drop).map_err(|error| error.error)
}

/// Whether the file could be written, as far as that shows before there is anything to write.
pub fn check(name: &str) -> io::Result<()> {
    let path = Path::new(name);
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        _ if is_stream(path) => Ok(()),
        _ => beside(&place_of(path)).map(drop),
    }
}

/// A descriptor of this process may be a regular file that somebody else writes to as well; renaming would take it away.
fn is_stream(path: &Path) -> bool {
    let descriptors = ["/proc", "/dev/fd", "/dev/stdout", "/dev/stderr"];
    descriptors.iter().any(|known| path.starts_with(known)) || fs::metadata(path).is_ok_and(|found| !found.is_file())
}

/// Where a link leads to; the link stays.
fn place_of(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// An empty file in the same folder, which is gone again unless it is renamed; its mode is 0600.
fn beside(place: &Path) -> io::Result<NamedTempFile> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Said in the system's words, without the passing name of a file that nobody asked for.
    fs::metadata(folder)?;
    Builder::new().prefix(".ecs-why-").tempfile_in(folder)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.json");
        fs::write(&path, "longer than what follows").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let before = fs::metadata(&path).unwrap().ino();
        write(path.to_str().unwrap(), b"{}\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"{}\n");
        let after = fs::metadata(&path).unwrap();
        assert_eq!(after.permissions().mode() & 0o777, 0o600);
        assert_ne!(after.ino(), before);
        assert_eq!(names(folder.path()), ["case.json"]);
    }

    #[test]
    fn a_link_stays_and_its_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        write(link.to_str().unwrap(), b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn what_cannot_be_written_is_known_before_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (file, nowhere) = (folder.path().join("new.json"), folder.path().join("absent/new.json"));
        check(file.to_str().unwrap()).unwrap();
        assert_eq!(names(folder.path()), [""; 0]);
        assert_eq!(check(nowhere.to_str().unwrap()).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(check(folder.path().to_str().unwrap()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert!(write(nowhere.to_str().unwrap(), b"x").is_err());
        check("/dev/null").unwrap();
        write("/dev/null", b"x").unwrap();
    }
}
