//! Taipan: Python 3.14 with a tracing JIT.

mod cli;
mod compile;
mod eval;
mod frozen;
mod modules;
mod monitoring;
mod pages;
mod paths;
mod report;
mod safepoint;
mod signals;
mod startup;
mod streams;
mod tracing;

use std::process::ExitCode;

fn main() -> ExitCode {
    streams::close_unopened();
    cli::main()
}
