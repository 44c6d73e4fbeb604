//! Files of a user's folder of rules. Given a folder, gives its TOML files as texts, and a problem for each that cannot be
//! read. Follows symbolic links, but not in circles; bounded in depth, number and size.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::knowledge::{Problem, UserFile};

/// Bytes of a file; a rule is a thousandth of that.
const LARGEST: u64 = 1 << 20;
/// Files of a folder, and folders within folders.
const MOST_FILES: usize = 5000;
const DEEPEST: usize = 16;

/// What lies beside `rules` in a folder laid out as `knowledge/`, and is no rule.
const BESIDE_RULES: [&str; 4] = ["needs", "operations.toml", "policies.toml", "services"];

/// What a folder holds.
#[derive(Default)]
pub struct Folder {
    pub files: Vec<UserFile>,
    pub problems: Vec<Problem>,
}

impl Folder {
    /// Reads every rule file of a folder, at any depth, in the order of their names.
    pub fn read(root: &Path) -> Self {
        let mut folder = Self::default();
        match fs::metadata(root) {
            Err(error) => {
                folder.problem(root, &unread(&error), "--rules and the configuration name a folder with rules")
            }
            Ok(found) if !found.is_dir() => {
                folder.problem(root, "this is no folder", "name the folder that the file stands in");
            }
            Ok(_) => folder.enter(root, "", &mut Vec::new()),
        }
        folder
    }

    fn problem(&mut self, path: &Path, what: &str, hint: &str) {
        self.problems.push(Problem::of_file(&path.to_string_lossy(), what, hint));
    }

    /// Reads one folder; `above` holds those that lead to it.
    fn enter(&mut self, path: &Path, name: &str, above: &mut Vec<PathBuf>) {
        let entries = fs::canonicalize(path).and_then(|real| Ok((real, sorted(path)?)));
        match entries {
            Err(error) => self.problem(path, &unread(&error), ""),
            Ok((real, _)) if above.contains(&real) => {
                self.problem(path, "this link leads back to a folder that it stands in", "remove the link");
            }
            Ok(_) if above.len() >= DEEPEST => {
                self.problem(path, &format!("this is more than {DEEPEST} folders deep"), "move the rules up");
            }
            Ok((real, entries)) => {
                let beside_rules = above.is_empty() && path.join("rules").is_dir();
                above.push(real);
                for entry in entries.iter().filter(|entry| is_wanted(entry, beside_rules)) {
                    self.take(entry, if name == "rules" && above.len() == 2 { "" } else { name }, above);
                }
                above.pop();
            }
        }
    }

    fn take(&mut self, path: &Path, folder: &str, above: &mut Vec<PathBuf>) {
        let is_rule = path.extension().is_some_and(|e| e == "toml");
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.enter(path, &file_name(path), above),
            Ok(found) if is_rule && !found.is_file() => self.problem(path, "this is no regular file", "remove it"),
            Ok(_) if is_rule => self.take_file(path, folder),
            Err(error) if is_rule => self.problem(path, &unread(&error), ""),
            _ => {}
        }
    }

    fn take_file(&mut self, path: &Path, folder: &str) {
        if self.files.len() >= MOST_FILES {
            if self.files.len() == MOST_FILES && !self.problems.iter().any(|p| p.what.starts_with("more than")) {
                self.problem(path, &format!("more than {MOST_FILES} files; this and later ones are not read"), "");
            }
            return;
        }
        match text(path) {
            Ok(text) => {
                self.files.push(UserFile {
                    file: path.to_string_lossy().into_owned(),
                    folder: folder.to_owned(),
                    text,
                });
            }
            Err((what, hint)) => self.problem(path, &what, hint),
        }
    }
}

fn unread(error: &io::Error) -> String {
    format!("this cannot be read: {error}")
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    entries.sort();
    Ok(entries)
}

/// Names with a dot in front belong to editors and version control.
fn is_wanted(path: &Path, beside_rules: bool) -> bool {
    let name = file_name(path);
    !name.starts_with('.') && name != "TEMPLATE.toml" && !(beside_rules && BESIDE_RULES.contains(&name.as_str()))
}

/// A file's text, or what is wrong with it and what to do.
pub fn text(path: &Path) -> Result<String, (String, &'static str)> {
    let bytes = bounded(path).map_err(|error| (unread(&error), ""))?;
    if bytes.len() as u64 > LARGEST {
        return Err(("this is larger than 1 MiB".to_owned(), "a rule is a short text; is this another file?"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len) + 1;
        (format!("this is not UTF-8: byte {column} of line {line}"), "save it as UTF-8")
    })
}

fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read as _;

    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
