// The frame's side of an embed: Meshplan inside another page tells that page how tall it is and which plan it shows,
// and takes another plan from it. `boot.js` loads this in an embed alone; `embed.js` is the other side.
//
// A message is {ns: "meshplan", v: 1, type, id?, …}. Host to frame:
//   hello {id?}            answered by `ready`; repeated by the host until then, because nothing is kept for later
//   getPlan {id}           answered by `plan` {id, link, config, title, other?}; `other` is what A, `config`, is compared with
//   getReport {id}         answered by `report` {id, report}
//   setPlan {id, plan}     a text that Meshplan can open, or the object of a plan; answered by `done` {id}
//   theme {theme}          auto, light or dark
//   color {color}          what the GPUs are coloured by: tp, pp, memory, …
// Frame to host, unasked: `resize` {height}, `ready`, `change` {link, config, title, other?} and `report` {report} after
// each change of the plan, `error` {message, field?}. A request that cannot be answered, or is one of too many in a second,
// gets `error` {id, message, field?}; of a flood no more are told so than may be heard. Where this script cannot be loaded,
// `boot.js` answers a hello so.
//
// What the host sends is data and never markup. Only the page around this one is heard; the first `hello` says by which
// origin it is heard from then on, and answers go to that origin alone. What has no known shape is ignored.

const HOST = window.parent;
const ENVELOPE = { ns: "meshplan", v: 1 };
/** The longest text and the longest JSON of an object that is taken for a plan, in characters. */
const LONGEST = { string: 8 * 1024, object: 64 * 1024 };
/** How many messages a second are heard, and how many of them may be plans. */
const MOST = { all: 60, plans: 10 };
/** The least time between two reports that nobody asked for, in milliseconds. */
const PAUSE = 100;

/** The origin that is heard; none before the first hello. */
let host;
/** Why no plan can be told or taken; none while it can. */
let stopped;
/** The link that the host knows of. */
let told;
let isReady = false;
let reportTimer = 0;
let second = 0;
let heard = { all: 0, plans: 0 };

// ---- To the host ----------------------------------------------------------------------------------------

function post(type, rest) {
  if (host === undefined) return;
  // A page without an origin cannot be named.
  HOST.postMessage({ ...ENVELOPE, type, ...rest }, host === "null" ? "*" : host);
}

/** An `error` of a request, or of nobody's where `id` is none. */
function fail(error, id) {
  const message = String((error && error.message) || error);
  const field = error && typeof error.field === "string" ? error.field : undefined;
  post("error", { message, ...(field === undefined ? {} : { field }), ...(id === undefined ? {} : { id }) });
}

/** How tall the content is: the root's box, which the height of the frame does not stretch. */
function tellHeight() {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  if (Math.abs(height - tellHeight.last) < 1) return;
  tellHeight.last = height;
  // A height is nobody's secret, so it need not wait for the host's name.
  HOST.postMessage({ ...ENVELOPE, type: "resize", height }, host === undefined || host === "null" ? "*" : host);
}
tellHeight.last = 0;

/** The plan on the page; none before the first. */
const plan = () => window.meshplanDetails && window.meshplanDetails.toldPlan();

/** Says that the frame can be asked, once there is a plan to ask for, or a reason why there is none. */
function tellReady() {
  isReady = stopped !== undefined || plan() !== undefined;
  if (!isReady || host === undefined) return;
  post("ready");
  if (stopped !== undefined) return fail(stopped);
  if (told === undefined) {
    told = plan().link;
    checkAddress();
  }
}

/** Says what could not be read of the link that the frame was opened with; the page says it too. */
function checkAddress() {
  if (location.hash.length < 2) return;
  try {
    tellNotes(window.meshplanDetails.accept(location.hash).notes);
  } catch (error) {
    fail({ message: error.message, field: error.field || "plan" });
  }
}

function tellNotes(notes) {
  if (notes.length) fail({ message: notes.join(" "), field: "plan" });
}

addEventListener("meshplan:plan", () => {
  if (!isReady) return tellReady();
  const now = plan();
  if (now.link === told) return;
  told = now.link;
  post("change", now);
  // While someone types, the figures of the last key are enough.
  reportTimer = reportTimer || setTimeout(() => {
    reportTimer = 0;
    if (stopped === undefined) answer({}, () => ["report", { report: window.meshplanDetails.toldReport() }]);
  }, PAUSE);
});

// ---- From the host --------------------------------------------------------------------------------------

/** Sends what a request asks for, or why it cannot be had. */
function answer({ id }, ask) {
  if (stopped !== undefined) return fail(stopped, id);
  try {
    const [type, rest] = ask();
    post(type, id === undefined ? rest : { id, ...rest });
  } catch (error) {
    fail(error, id);
  }
}

/** A plan as the text that the page opens. */
function textOf(plan) {
  const kind = typeof plan;
  const isObject = kind === "object" && plan !== null && Object.getPrototypeOf(plan) === Object.prototype;
  if (kind !== "string" && !isObject) throw Object.assign(new Error("plan: A plan is an object or a text."), { field: "plan" });
  const text = isObject ? JSON.stringify(plan) : plan;
  if (text.length > LONGEST[kind]) {
    const message = `plan: This is ${text.length} characters long; a plan has at most ${LONGEST[kind]}.`;
    throw Object.assign(new Error(message), { field: "plan" });
  }
  return text;
}

function setPlan(message) {
  if (stopped !== undefined) return fail(stopped, message.id);
  heard.plans += 1;
  if (heard.plans > MOST.plans) return fail(`At most ${MOST.plans} plans a second are taken.`, message.id);
  try {
    const text = textOf(message.plan);
    const { notes } = window.meshplanDetails.accept(text);
    dispatchEvent(new CustomEvent("meshplan:set", { detail: text }));
    // By then the page has taken it, and told of the change.
    setTimeout(() => answer(message, () => {
      tellNotes(notes);
      return ["done", {}];
    }));
  } catch (error) {
    fail(error, message.id);
  }
}

const themes = { auto: "", light: "light", dark: "dark" };
const isName = (value) => typeof value === "string" && value.length <= 32;
const isRequest = ({ id }) => (typeof id === "string" && id.length <= 64) || Number.isFinite(id);
const ask = (event, detail) => dispatchEvent(new CustomEvent(event, { detail }));

/** What each message must look like beside its envelope, and what it does. */
const messages = new Map([
  ["hello", [() => true, () => { if (isReady || stopped !== undefined) tellReady(); }]],
  ["getPlan", [isRequest, (message) => answer(message, () => ["plan", plan()])]],
  ["getReport", [isRequest, (message) => answer(message, () => ["report", { report: window.meshplanDetails.toldReport() }])]],
  ["setPlan", [isRequest, setPlan]],
  ["theme", [({ theme }) => isName(theme) && Object.hasOwn(themes, theme), ({ theme }) => ask("meshplan:theme", themes[theme])]],
  ["color", [({ color }) => isName(color), ({ color }) => ask("meshplan:color", color)]],
]);

addEventListener("message", ({ source, origin, data }) => {
  if (source !== HOST || (host !== undefined && origin !== host)) return;
  if (typeof data !== "object" || data === null || data.ns !== ENVELOPE.ns || data.v !== ENVELOPE.v) return;
  const [fits, act] = (typeof data.type === "string" && messages.get(data.type)) || [];
  if (!fits || !fits(data) || (host === undefined && data.type !== "hello")) return;
  const now = Math.floor(performance.now() / 1000);
  if (now !== second) [second, heard] = [now, { all: 0, plans: 0 }];
  heard.all += 1;
  if (heard.all > MOST.all) {
    // Not more often than messages are heard: a flood is not answered by a flood.
    if (fits === isRequest && heard.all <= 2 * MOST.all) fail(`At most ${MOST.all} messages a second are taken.`, data.id);
    return;
  }
  host = origin;
  // Before the frame is ready there is nothing to ask of it.
  if (isReady || data.type === "hello") act(data);
});

// ---- What happens here ------------------------------------------------------------------------------------

new ResizeObserver(() => requestAnimationFrame(tellHeight)).observe(document.documentElement);

/** The planner is gone: what is asked for from now on gets the reason. */
function stop(reason) {
  if (stopped !== undefined) return;
  stopped = reason;
  if (isReady) fail(stopped);
  else tellReady();
}

const isTrap = (error) => error instanceof WebAssembly.RuntimeError;
addEventListener("meshplan:crash", () => stop("The planner stopped."));
addEventListener("error", ({ error }) => isTrap(error) && stop("The planner stopped."));
addEventListener("unhandledrejection", ({ reason }) => isTrap(reason) && stop("The planner stopped."));
addEventListener("meshplan:details", ({ detail }) => detail && stop(detail));
// Either may have come before this script.
if (document.querySelector(".boot-overlay")) stop("The planner stopped.");
if (window.meshplanMissing) stop(window.meshplanMissing);

// `boot.js` says why the planner cannot start; then its place never goes.
const look = () => {
  const alert = document.querySelector("#boot .boot-alert strong");
  if (alert) stop(alert.textContent);
  if (alert || !document.getElementById("boot")) start.disconnect();
};
const start = new MutationObserver(look);
start.observe(document.body, { childList: true, subtree: true });
// It may have said so before this script was there.
look();

tellReady();
