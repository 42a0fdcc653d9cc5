//! `shared`'s layers import downwards only, and no file of `shared`, `worker` or `ingest` imports itself
//! through others. A call of a child without `use`, as a `mod.rs` makes it, is no import.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A lower layer never imports a higher one, and two of one rank do not import each other.
const LAYERS: [(&str, u8); 6] =
    [("domain", 0), ("bukza", 1), ("settings", 2), ("queue", 2), ("telemetry", 3), ("store", 4)];
/// Used by every layer, and importing none.
const TOOLS: [&str; 3] = ["clock", "json", "batcher"];

/// A path of modules from the root of a crate: `["store", "outbox"]`.
type Module = Vec<String>;

#[derive(Default)]
struct Crate {
    /// The paths that each module names, without tests, each from the root of the crate.
    paths: BTreeMap<Module, BTreeSet<Module>>,
    /// What a module re-exports of its children, by name: the path of the item.
    exports: BTreeMap<Module, BTreeMap<String, Module>>,
}

impl Crate {
    fn read(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
        let mut files = Vec::new();
        sources(&root, &mut files);
        let mut sources = BTreeMap::new();
        for file in files {
            let module = module_of(file.strip_prefix(&root).unwrap());
            sources.insert(module, without_tests(&fs::read_to_string(file).unwrap()));
        }
        Self::of(&sources)
    }

    fn of(sources: &BTreeMap<Module, String>) -> Self {
        let mut found = Self::default();
        for (module, source) in sources {
            let mut paths = BTreeSet::new();
            for path in paths_in(source) {
                let Some(absolute) = absolute(module, &path.segments) else { continue };
                if path.is_export {
                    let name = absolute.last().cloned().unwrap_or_default();
                    // A macro of this file is exported under the path that it has already.
                    if path.segments.len() > 1 {
                        found.exports.entry(module.clone()).or_default().insert(name, absolute);
                    }
                } else {
                    paths.insert(absolute);
                }
            }
            found.paths.insert(module.clone(), paths);
        }
        found
    }

    /// The module whose file a path leads to. A re-export counts as the child that it comes from.
    fn target(&self, path: &[String]) -> Option<Module> {
        let mut module = Module::new();
        for (at, segment) in path.iter().enumerate() {
            let child = [module.clone(), vec![segment.clone()]].concat();
            if self.paths.contains_key(&child) {
                module = child;
                continue;
            }
            if let Some(item) = self.exports.get(&module).and_then(|names| names.get(segment)) {
                return self.target(&[item.as_slice(), &path[at + 1..]].concat());
            }
            break;
        }
        (!module.is_empty()).then_some(module)
    }

    fn imports(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let targets = |module: &Module, paths: &BTreeSet<Module>| {
            let all = paths.iter().filter_map(|path| self.target(path));
            all.filter(|target| target != module).collect()
        };
        self.paths.iter().map(|(module, paths)| (module.clone(), targets(module, paths))).collect()
    }

    /// The groups of files that import each other, each as one line.
    fn circles(&self) -> BTreeSet<String> {
        let imports = self.imports();
        let reach: BTreeMap<_, _> =
            imports.keys().map(|it| (it, reachable(it, &imports))).collect();
        let circle = |module: &&Module| {
            let each_other = reach[*module].iter().filter(|other| reach[other].contains(*module));
            each_other.map(|it| it.join("::")).collect::<Vec<_>>().join(", ")
        };
        reach.keys().map(circle).filter(|circle| !circle.is_empty()).collect()
    }

    /// Imports that break the order of layers, as `file -> layer`.
    fn upward(&self) -> BTreeSet<String> {
        let rank = |layer: &str| LAYERS.iter().find(|(name, _)| *name == layer).map(|(_, n)| *n);
        let mut found = BTreeSet::new();
        for (module, paths) in &self.paths {
            let Some(layer) = module.first() else { continue };
            let own = rank(layer);
            assert!(own.is_some() || TOOLS.contains(&layer.as_str()), "{layer} is no known layer");
            for target in paths.iter().filter_map(|path| path.first()).filter(|it| *it != layer) {
                if rank(target).is_some_and(|rank| own.is_none_or(|own| rank >= own)) {
                    found.insert(format!("{} -> {target}", module.join("::")));
                }
            }
        }
        found
    }
}

/// The files that a file imports, and that those import. Itself only if it is in a circle.
fn reachable(from: &Module, imports: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        next.extend(imports[module].iter().filter(|it| found.insert((*it).clone())));
    }
    found
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let stem = entry.file_stem().unwrap().to_string_lossy().into_owned();
        let is_test = stem == "tests" || stem.ends_with("_tests");
        if entry.is_dir() && !is_test {
            sources(&entry, files);
        } else if entry.extension().is_some_and(|extension| extension == "rs") && !is_test {
            files.push(entry);
        }
    }
}

fn module_of(file: &Path) -> Module {
    let parts = file.with_extension("");
    let mut module: Module = parts.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

/// The source up to the tests below it, without comments.
fn without_tests(source: &str) -> String {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// A path as it is written.
struct Written {
    segments: Module,
    is_export: bool,
}

/// The paths of a source that begin with `crate`, `super` or `self`; and, of `use`, with a child.
fn paths_in(source: &str) -> Vec<Written> {
    let mut found = Vec::new();
    let mut rest = String::new();
    for statement in source.split_inclusive(';') {
        let line_before =
            |start: usize| statement[..start].rsplit('\n').next().unwrap_or_default().trim();
        let is_visibility = |text: &str| {
            matches!(text, "" | "pub" | "pub(crate)" | "pub(super)") || text.starts_with("pub(in")
        };
        let import = statement.rfind("use ").filter(|start| is_visibility(line_before(*start)));
        let Some(start) = import else {
            rest.push_str(statement);
            continue;
        };
        rest.push_str(&statement[..start]);
        let is_export = line_before(start).starts_with("pub");
        let tree: String = statement[start + 4..]
            .trim_end_matches(';')
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let mut leaves = Vec::new();
        expand(&tree, &Module::new(), &mut leaves);
        found.extend(leaves.into_iter().map(|segments| Written { segments, is_export }));
    }
    for begin in ["crate::", "super::", "self::"] {
        for (at, _) in rest.match_indices(begin) {
            if rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let path = rest[at..].split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let segments = path.take(1).flat_map(|path| path.split("::")).map(str::to_owned);
            found.push(Written { segments: segments.collect(), is_export: false });
        }
    }
    found
}

/// The paths of a tree such as `a::{b, c::{self, d as e}}`.
fn expand(tree: &str, above: &[String], leaves: &mut Vec<Module>) {
    let tree = tree.trim();
    let (head, inner) = match tree.split_once('{') {
        Some((head, inner)) => (head, inner.strip_suffix('}')),
        None => (tree, None),
    };
    let head = head.split(" as ").next().unwrap_or_default();
    let names = head.split("::").map(str::trim).filter(|name| !name.is_empty() && *name != "*");
    let mut path: Module = above.to_vec();
    path.extend(names.filter(|name| *name != "self" || above.is_empty()).map(str::to_owned));
    let Some(inner) = inner else { return leaves.push(path) };
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&inner[start..at], &path, leaves);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !inner[start..].trim().is_empty() {
        expand(&inner[start..], &path, leaves);
    }
}

/// The path from the root of the crate. `None`: it leads into another crate.
fn absolute(module: &Module, written: &[String]) -> Option<Module> {
    let (first, rest) = written.split_first()?;
    let ups = written.iter().take_while(|segment| *segment == "super").count();
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "super" => {
            let above = module.get(..module.len().checked_sub(ups)?)?;
            Some([above, &written[ups..]].concat())
        }
        "self" => Some([module.as_slice(), rest].concat()),
        // A child of this module, or a crate. Of the latter no module has the path.
        _ => Some([module.as_slice(), written].concat()),
    }
}

#[test]
fn a_layer_of_shared_imports_lower_ones_only() {
    let shared = Crate::read("shared");
    assert!(shared.paths.len() > 80, "{}", shared.paths.len());
    let upward = shared.upward();
    assert_eq!(upward, BTreeSet::new(), "imports of a layer that is not below");
}

#[test]
fn no_file_imports_itself_through_others() {
    for name in ["worker", "ingest", "shared"] {
        let circles = Crate::read(name).circles();
        assert_eq!(circles, BTreeSet::new(), "files of {name} that import each other");
    }
}

fn invented(files: &[(&str, &str)]) -> Crate {
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Module>();
    Crate::of(&files.iter().map(|(path, source)| (module(path), without_tests(source))).collect())
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    let a = "use crate::store::{Row, lock::{self}};\nfn f() {}";
    let store = "mod row;\npub mod lock;\npub use row::Row;";
    let files = [
        ("a", a),
        ("store", store),
        ("store::lock", ""),
        ("store::row", "fn g() { crate::a::f() }"),
    ];
    assert_eq!(invented(&files).circles(), BTreeSet::from(["a, store::row".to_owned()]));
    assert_eq!(invented(&files[..3]).circles(), BTreeSet::new());
    let tested = "#[cfg(test)]\nmod tests { use crate::a::f; }";
    assert_eq!(invented(&[("a", "use super::b::g;"), ("b", tested)]).circles(), BTreeSet::new());
}

#[test]
fn an_upward_import_is_found() {
    let files = [
        ("domain", "use crate::{clock, store::{Row, lock}};"),
        ("clock", "fn f() -> crate::queue::Job"),
    ];
    let upward = ["clock -> queue", "domain -> store"].map(str::to_owned);
    assert_eq!(invented(&files).upward(), BTreeSet::from(upward));
}
