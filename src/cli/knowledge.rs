//! The knowledge that a run uses: what is built in, and what the user's folders add.
//!
//! Given `--rules` and the configuration file, gives a catalogue. What is wrong with a file of the user's is told on
//! standard error and makes the exit status 2; the rest is used.

use std::{
    env, fs,
    ops::Deref,
    path::{Path, PathBuf},
};

use super::{args::RulesArgs, error::CliError, folder, folder::Folder, problems};
use crate::knowledge::{Catalogue, Problem, UserFile, read_config, shown};

pub struct Knowledge {
    catalogue: Source,
    wrong: bool,
}

enum Source {
    BuiltIn(&'static Catalogue),
    WithFolders(Box<Catalogue>),
}

impl Deref for Knowledge {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        match &self.catalogue {
            Source::BuiltIn(catalogue) => catalogue,
            Source::WithFolders(catalogue) => catalogue,
        }
    }
}

impl Knowledge {
    /// The built-in rules with those of the configuration and of `--rules`; tells what is wrong with them.
    pub fn load(args: &RulesArgs) -> Result<Self, CliError> {
        Ok(Self::with_folder(args, None)?.0)
    }

    /// Also takes one folder more, after all others; gives the files of that folder.
    pub fn with_folder(args: &RulesArgs, last: Option<&Path>) -> Result<(Self, Vec<String>), CliError> {
        let built_in = Catalogue::embedded().map_err(|e| CliError::Knowledge(e.to_string()))?;
        let (configured, mut wrong) = configured();
        let named = configured.into_iter().chain(args.folders.iter().cloned()).chain(last.map(Path::to_owned));
        let folders: Vec<Folder> = each_once(named.collect()).iter().map(|path| Folder::read(path)).collect();
        wrong.extend(folders.iter().flat_map(|folder| folder.problems.iter().cloned()));
        let files: Vec<Vec<UserFile>> = folders.into_iter().map(|folder| folder.files).collect();
        let last = last.and_then(|_| files.last()).into_iter().flatten().map(|file| shown(&file.file)).collect();
        let catalogue = if files.iter().all(Vec::is_empty) {
            Source::BuiltIn(built_in)
        } else {
            let (catalogue, found) = built_in.with_folders(&files);
            wrong.extend(found);
            Source::WithFolders(Box::new(catalogue))
        };
        wrong.sort();
        wrong.dedup();
        problems::tell(&wrong);
        Ok((Self { catalogue, wrong: !wrong.is_empty() }, last))
    }

    /// Whether nothing is wrong with the user's files.
    pub fn is_good(&self) -> bool {
        !self.wrong
    }

    /// The exit status of a run that would end with this one.
    pub fn status(&self, status: u8) -> u8 {
        if self.wrong { 2 } else { status }
    }
}

/// A folder that is named twice is read once, where it is named last.
fn each_once(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let real = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let mut seen = Vec::new();
    folders.reverse();
    folders.retain(|path| {
        let new = !seen.contains(&real(path));
        seen.push(real(path));
        new
    });
    folders.reverse();
    folders
}

/// The folders that the configuration file names, and what is wrong with it. Without a file there are none.
fn configured() -> (Vec<PathBuf>, Vec<Problem>) {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let named = set("ECS_WHY_CONFIG");
    let is_named = named.is_some();
    let home = || set("HOME").map(|home| home.join(".config"));
    let folder = || set("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).or_else(home);
    match named.or_else(|| folder().map(|folder| folder.join("ecs-why/config.toml"))) {
        Some(path) if is_named || path.exists() => configuration(&path),
        _ => (Vec::new(), Vec::new()),
    }
}

fn configuration(path: &Path) -> (Vec<PathBuf>, Vec<Problem>) {
    let shown = path.to_string_lossy();
    match folder::text(path) {
        Err((what, hint)) => {
            let hint = if hint.is_empty() { "ECS_WHY_CONFIG names the configuration file" } else { hint };
            (Vec::new(), vec![Problem::of_file(&shown, &what, hint)])
        }
        Ok(text) => {
            let (folders, problems) = read_config(&shown, &text);
            let beside = path.parent().unwrap_or(Path::new(""));
            (folders.iter().map(|folder| beside.join(folder)).collect(), problems)
        }
    }
}
