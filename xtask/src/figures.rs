//! `cargo xtask bench`: how fast a plan is computed and painted.

use crate::run::{cargo, root, run};
use crate::{browser, page, say, server};

/// Prints the figures of this machine, then those of the page in the browser.
pub fn bench() -> Result<(), String> {
    if root().join("benches/figures.rs").is_file() {
        let step = say::step("Figures on this machine, about 1 minute when nothing is built yet");
        run(cargo().args(["bench", "--quiet", "--bench", "figures"]))?;
        step.done();
    }
    if root().join("tests/browser/bench.mjs").is_file() {
        page::build(&page::tools()?)?;
        let tools = browser::prepare(&browser::CHROMIUM)?;
        let address = server::start(page::dist(), None)?;
        let step = say::step("Figures in Chromium");
        run(&mut browser::script(&tools, "bench.mjs", &address))?;
        step.done();
    }
    Ok(())
}
