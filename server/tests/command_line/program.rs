//! The program on a data folder of its own, and a server that it runs.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use tempfile::TempDir;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program, with an empty place for its data folder.
pub(crate) struct Program {
    place: TempDir,
    data: PathBuf,
}

impl Program {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        Self { place, data }
    }

    /// A program whose company was set up by a first start.
    pub(crate) fn set_up() -> Self {
        let program = Self::new();
        program.start().stop();
        program
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// A path beside the data folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.beside(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The same program on another data folder.
    pub(crate) fn on(self, data: PathBuf) -> Self {
        Self { data, ..self }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fieldbook"));
        without_settings(&mut command);
        command.arg("--data-dir").arg(&self.data);
        command.args(["--listen", "127.0.0.1:0", "--set", "disk_reserve_bytes=1048576"]);
        command.args(["--set", "log.level=warn"]).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run<A: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        Outcome(self.command().args(arguments).output().unwrap())
    }

    /// Runs a command with something on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Outcome(child.wait_with_output().unwrap())
    }

    /// Starts the server and waits until it listens.
    pub(crate) fn start(&self) -> Running {
        Running::of(self.command())
    }

    /// Starts the server in a shell that lets no file grow beyond 8 or 16 MiB, as its blocks are counted.
    pub(crate) fn start_with_small_files(&self) -> Running {
        let server = self.command();
        let mut shell = Command::new("sh");
        without_settings(&mut shell);
        shell.args(["-c", "trap '' XFSZ; ulimit -f 16384; exec \"$@\"", "sh"]);
        shell.arg(server.get_program()).args(server.get_args()).stdin(Stdio::null());
        Running::of(shell)
    }
}

/// Keeps the settings of whoever runs the tests out of them.
fn without_settings(command: &mut Command) {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FIELDBOOK_")) {
        command.env_remove(name);
    }
}

/// What a command said and how it ended.
pub(crate) struct Outcome(Output);

impl Outcome {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// What it said, given that it succeeded.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert!(self.0.status.success(), "{}{}", self.stdout(), self.stderr());
        self.stdout()
    }

    /// What it complained of, given that it failed.
    #[track_caller]
    pub(crate) fn bad(self) -> String {
        assert_eq!(self.0.status.code(), Some(1), "{}{}", self.stdout(), self.stderr());
        format!("{}{}", self.stdout(), self.stderr())
    }
}

/// A server that listens; killed with its test.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
    address: String,
}

impl Running {
    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut running = Running { child, lines, said: Vec::new(), address: String::new() };
        loop {
            let line = running.lines.recv_timeout(PATIENCE).expect("the server says where it listens");
            if let Some(address) = line.strip_prefix("listening on http://") {
                running.address = address.to_owned();
                return running;
            }
            running.said.push(line);
        }
    }

    /// The lines before it listened.
    pub(crate) fn said(&self) -> &[String] {
        &self.said
    }

    /// The first line of the answer to a GET request.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    /// Ends it with SIGTERM, which it has to obey cleanly.
    #[track_caller]
    pub(crate) fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.end(), Some(0));
    }

    pub(crate) fn signal(&self, signal: &str) {
        let kill = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }

    /// Waits for its end and gives its exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
