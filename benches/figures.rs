//! How long the core takes: the median of many runs in microseconds, and how much of its budget
//! each figure uses. Nothing fails here; `cargo xtask bench` prints it.

use meshplan::core::compare::{Side, compare};
use meshplan::core::config::{Config, Edit, Field, Value};
use meshplan::core::mesh::{Dim, Groups};
use meshplan::core::{Plan, Report, presets};
use meshplan::diagram::{
    Lit, Measure, Paint, Palette, Raster, SHADES, Scale, Scope, Shape, View, Zoom, find, light,
};
use meshplan::export::ranks_csv;
use meshplan::share;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A full report of a 16,384-GPU plan in the browser, µs; WebAssembly is given the same.
const REPORT: f64 = 1_000.0;
/// From key press to painted numbers: the work of one frame, µs.
const FRAME: f64 = 16_000.0;

/// What a reader waits for a table to take away, µs.
const TABLE: f64 = 100_000.0;

/// Time spent on each figure.
const SPENT: Duration = Duration::from_millis(300);
/// Runs of each figure at the least.
const RUNS: usize = 11;

fn main() {
    println!(
        "{:<52} {:>12} {:>12} {:>8}",
        "", "median µs", "budget µs", "used"
    );
    report("report, the opening plan, 16 GPUs", &presets::opening());
    for nodes in [128, 2048, 16_384] {
        let name = format!("report, {} GPUs", 8 * nodes);
        report(&name, &large(nodes));
    }
    let mixture = Edit::one(Field::ModelPreset, text("mixtral-8x7b"))
        .and(Field::Ep, Value::Count(8))
        .apply(&large(2048));
    report("report, 16384 GPUs, mixture of experts", &mixture);
    for (name, edit) in failing() {
        let config = edit.apply(&presets::opening());
        figure(&format!("report with repairs, {name}"), FRAME, || {
            Report::of(&config)
        });
    }
    let plan = Plan::of(&large(2048));
    figure("groups, 16384 GPUs", FRAME, || {
        Groups::of(&plan.dense_mesh(), &plan.expert_mesh())
    });
    for nodes in [16, 512, 16_384] {
        let plan = Plan::of(&large(nodes));
        let name = format!("diagram, {} GPUs", 8 * nodes);
        figure(&name, FRAME, || drawn(&plan, Dim::Tp, None));
        let name = format!("diagram with one in focus, {} GPUs", 8 * nodes);
        figure(&name, FRAME, || drawn(&plan, Dim::Pp, Some(77)));
    }
    let config = large(16_384);
    let (plan, whole) = (Plan::of(&config), Report::of(&config));
    figure("ranks as CSV, 131072 GPUs", TABLE, || {
        ranks_csv(&plan, &whole)
    });
    for measure in Measure::ALL {
        let name = format!("{} of each, 131072 GPUs", measure.word());
        figure(&name, FRAME, || Scale::of(&plan, measure, 1 << 20));
    }
    figure("comparison with itself, 131072 GPUs", FRAME, || {
        let side = Side {
            config: &config,
            plan: &plan,
            report: &whole,
        };
        compare(side, side)
    });
    figure("search of the last, 131072 GPUs", FRAME, || {
        find(&plan, "dp=4095 pp=3 tp=7", None)
    });
    let config = Edit::one(Field::ModelPreset, text("mixtral-8x7b"))
        .and(Field::Ep, Value::Count(8))
        .apply(&config);
    let plan = Plan::of(&config);
    figure(
        "network of each, 131072 GPUs, mixture of experts",
        FRAME,
        || Scale::of(&plan, Measure::Network, 1 << 20),
    );
    let config = large(2048);
    figure("plan to JSON and back", REPORT, || {
        Config::from_json(&config.to_json())
    });
    let link = share::encode(&config);
    figure("plan to link", REPORT, || share::encode(&config));
    figure("link to plan", REPORT, || share::decode(&link).is_ok());
}

/// A picture on a page 626 px wide at two pixels to a CSS pixel: paths, or pixels where cells are
/// tiny.
fn drawn(plan: &Plan, dim: Dim, in_focus: Option<u64>) -> Option<usize> {
    let scope = Scope::of(Shape::of(plan), 626, Zoom::default())?;
    let paint = Paint::of(plan, dim);
    let lit = in_focus.map(|rank| Lit::of(&paint, rank));
    if !scope.layout.level.is_tiny() {
        let paths = paint.paths_in(&scope.layout, scope.window);
        return Some(paths.iter().map(String::len).sum());
    }
    let mut cells = paint.cells(scope.layout.gpus());
    light(&mut cells, lit.iter().flat_map(Lit::all));
    let colour = [230, 159, 0, 255];
    let mut raster = Raster::default();
    raster.draw(&View {
        layout: &scope.layout,
        window: scope.window,
        scale: 2.0,
        cells: &cells,
        dims: lit.is_some(),
        palette: &Palette {
            shades: [colour; SHADES.len()],
            ground: colour,
            node: colour,
            line: colour,
            bad: colour,
        },
    });
    Some(raster.pixels.len())
}

/// A 70B model on `nodes` nodes of 8 GPUs.
fn large(nodes: u64) -> Config {
    Edit::one(Field::ModelPreset, text("guide-70b"))
        .and(Field::Node, text("p5-48xlarge"))
        .and(Field::NumNodes, Value::Count(nodes))
        .and(Field::Tp, Value::Count(8))
        .and(Field::Pp, Value::Count(4))
        .and(Field::GlobalBatch, Value::Count(8 * nodes))
        .apply(&Config::default())
}

/// Plans that break a rule, so that repairs are searched for.
fn failing() -> [(&'static str, Edit); 4] {
    [
        (
            "a batch that does not divide",
            Edit::count(Field::GlobalBatch, 500),
        ),
        ("too little memory", Edit::count(Field::Tp, 1)),
        (
            "nothing helps",
            Edit::count(Field::GpuMemory, 1_000_000_000).and(Field::NumLayers, Value::Count(5040)),
        ),
        ("every figure at its largest", largest()),
    ]
}

/// Every figure as large as it may be.
fn largest() -> Edit {
    let ranges = Field::ALL.iter().filter_map(|f| Some((*f, f.range()?.1)));
    Edit {
        set: ranges
            .map(|(field, most)| (field, Value::Count(most)))
            .collect(),
    }
}

fn text(word: &str) -> Value {
    Value::Text(word.to_owned())
}

fn report(name: &str, config: &Config) {
    figure(name, REPORT, || Report::of(config));
}

/// Runs something many times and prints the median.
fn figure<T>(name: &str, budget: f64, run: impl Fn() -> T) {
    let mut times = Vec::new();
    let begin = Instant::now();
    while times.len() < RUNS || begin.elapsed() < SPENT {
        let start = Instant::now();
        black_box(run());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times[times.len() / 2].as_secs_f64() * 1e6;
    let used = 100.0 * median / budget;
    println!("{name:<52} {median:>12.1} {budget:>12.0} {used:>7.1}%");
}
