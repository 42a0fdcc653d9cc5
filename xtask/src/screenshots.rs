//! `cargo xtask screenshots`: the pictures of the README and docs/ru, each beside the text that it shows.

use std::process::ExitCode;

use testing::{
    harness::{
        fleet::Local,
        project::{Profile, Project},
    },
    pictures,
};

/// Takes the pictures on a system of their own and replaces the files.
///
/// # Errors
/// When the system or the browser fail.
pub async fn run(project: &Project) -> anyhow::Result<ExitCode> {
    let mut local = Local::set_up(project, "screenshots", Profile::Dev).await?;
    local.launch(1, 1).await?;
    let folder = project.root().join(pictures::FOLDER);
    std::fs::create_dir_all(&folder)?;
    for picture in pictures::take(&local, &local.folder).await? {
        let file = folder.join(picture.name);
        std::fs::write(file.with_extension("png"), picture.png)?;
        std::fs::write(file.with_extension("txt"), picture.text)?;
        println!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}
