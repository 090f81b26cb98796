//! The interactive prompt on a pseudo-terminal: editing, several lines, history.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long a slow machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The interpreter on a terminal of its own.
struct Session {
    child: Child,
    terminal: File,
    output: Receiver<Vec<u8>>,
    seen: String,
}

impl Session {
    fn start(home: &Path, variables: &[(&str, &str)]) -> Session {
        let (mut master, mut slave) = (0, 0);
        let size = libc::winsize {
            ws_row: 40,
            ws_col: 100,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let null = std::ptr::null_mut();
        // SAFETY: the places are valid, and the descriptors are owned by the files made of them.
        let (terminal, slave) = unsafe {
            let size = (&raw const size).cast_mut();
            let result = libc::openpty(&mut master, &mut slave, null, null.cast(), size);
            assert_eq!(result, 0, "no pseudo-terminal");
            (File::from_raw_fd(master), File::from_raw_fd(slave))
        };
        let stream = || slave.try_clone().expect("a descriptor");
        let mut command = Command::new(env!("CARGO_BIN_EXE_taipan"));
        // SAFETY: system calls only, between `fork` and `exec`.
        unsafe {
            command.pre_exec(|| {
                // The terminal becomes the one that sends the process its signals.
                if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
                // Shells start background jobs with interrupts ignored.
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                Ok(())
            });
        }
        let child = command
            .env("TERM", "xterm-256color")
            .env("HOME", home)
            .env("NO_COLOR", "1")
            .envs(variables.iter().copied())
            .stdin(stream())
            .stdout(stream())
            .stderr(stream())
            .spawn()
            .expect("the interpreter starts");
        drop(slave);
        let mut reader = terminal.try_clone().expect("a descriptor");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n) = reader.read(&mut buffer)
                && n > 0
                && sender.send(buffer[..n].to_vec()).is_ok()
            {}
        });
        let mut session = Session {
            child,
            terminal,
            output,
            seen: String::new(),
        };
        session.expect(">>> ");
        session
    }

    /// Reads until a text appears, which what follows then starts after.
    fn expect(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.seen += &String::from_utf8_lossy(&bytes),
                Err(e) => panic!("no {text:?} ({e}) in {:?}", self.seen),
            }
        }
    }

    /// As [`Session::expect`], then waits for the next prompt: what is typed before it is lost.
    fn answer(&mut self, text: &str) {
        self.expect(text);
        self.expect(">>> ");
    }

    fn type_keys(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).expect("typing");
    }

    /// Waits for the end of the process.
    fn finish(mut self) {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("a child") {
                assert!(status.success(), "{status}");
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().expect("a child");
        panic!(
            "the prompt did not end; terminal {}",
            self.terminal.as_raw_fd()
        );
    }
}

fn home(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn lines_are_edited_and_remembered() {
    let home = home("prompt-editing");
    let mut session = Session::start(&home, &[]);
    session.type_keys("6*7\r");
    session.answer("42\r\n");
    // A block ends with an empty line.
    session.type_keys("def twice(x):\r");
    session.expect("...");
    session.type_keys("return 2*x\r\r");
    session.expect(">>> ");
    session.type_keys("twice(50)\r");
    session.answer("100\r\n");
    // The last line again, its number changed.
    session.type_keys("\x1bOA\x1bOD\x1bOD\x1bOD5\r");
    session.answer("1100\r\n");
    session.type_keys("1/0\r");
    session.answer("ZeroDivisionError: division by zero");
    session.type_keys("\x04");
    session.finish();
    // The next session knows what this one was told.
    let mut session = Session::start(&home, &[]);
    session.type_keys("\x1bOA\x1bOA\r");
    session.answer("NameError: name 'twice' is not defined");
    session.type_keys("exit\r");
    session.finish();
}

#[test]
fn a_running_program_is_interrupted() {
    let home = home("prompt-interrupt");
    let mut session = Session::start(&home, &[]);
    session.type_keys("import time; print('wai' + 'ting'); time.sleep(1000)\r");
    session.expect("waiting");
    session.type_keys("\x03");
    session.answer("KeyboardInterrupt");
    session.type_keys("print('go' + 'es on')\r");
    session.answer("goes on");
    session.type_keys("\x04");
    session.finish();
}

#[test]
fn the_basic_prompt_is_there_on_request() {
    let home = home("prompt-basic");
    let mut session = Session::start(&home, &[("PYTHON_BASIC_REPL", "1")]);
    session.type_keys("if 1:\r  print('ba' + 'sic')\r\r");
    session.answer("basic");
    session.type_keys("\x04");
    session.finish();
}
