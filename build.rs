//! Embeds `knowledge/**/*.toml` as one table of (path, text), each as JSON: every start of the program reads all rules,
//! and JSON takes a fraction of the time; nothing else.

// Cargo tells a build script where things are by the environment.
#![allow(clippy::disallowed_methods)]

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=knowledge");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("knowledge");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut table = String::from("pub static FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let json = json(file).map_err(|error| io::Error::other(format!("{name}: {error}")))?;
        writeln!(table, "    ({name:?}, {json:?}),").map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("knowledge.rs"), table)
}

/// The same data in the same order.
fn json(file: &Path) -> io::Result<String> {
    let value: serde_json::Value = toml::from_str(&fs::read_to_string(file)?).map_err(io::Error::other)?;
    Ok(value.to_string())
}

fn collect(directory: &Path, files: &mut Vec<std::path::PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "toml") && !path.ends_with("TEMPLATE.toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
