// <mesh-plan>: a plan of Meshplan inside any page. Load this file with a plain <script src> from where Meshplan is published:
//
//   <script src="https://plan.example/embed.js" defer></script>
//   <mesh-plan plan="#v1.m-guide-7b.nodes-2.tp-2.z" view="diagram"></mesh-plan>
//
// The element makes a sandboxed frame without an origin, which can touch nothing of the page, and makes it as tall as what
// it shows. The messages between the two are described in `frame.js`, the other side; nothing of them becomes markup.
(() => {
  "use strict";
  if (customElements.get("mesh-plan")) return;

  /** Where Meshplan is: the folder of this file. A module has no `currentScript`, but its address is in the stack. */
  const script = document.currentScript ? document.currentScript.src : (/(?:https?|file):[^\s()]*\/embed\.js/.exec(new Error().stack) || [""])[0];
  const BASE = new URL("./", script || location.href);

  const ENVELOPE = { ns: "meshplan", v: 1 };
  /** The height before the first message, in pixels, so that little moves when it comes. */
  const HEIGHTS = { full: 4000, summary: 240, diagram: 700, memory: 900, schedule: 600, checks: 700 };
  const TALLEST = 20000;
  /** What attributes may say of which the frame tells nobody. */
  const WORDS = { theme: ["auto", "light", "dark"], view: Object.keys(HEIGHTS) };
  /** How long a request waits for its answer, with the time that the frame takes to load, in milliseconds. */
  const PATIENCE = 20000;
  const SILENCE = `The frame has not answered for ${PATIENCE / 1000} seconds.`;
  const NEWER = "A newer plan took its place.";
  /** How often the frame is greeted until it answers, or has had that long, in milliseconds. */
  const GREETING = 1000;
  /** A greeting has an id, so that the frame can say that it will never be ready. */
  const HELLO = { id: 0 };
  /** The most messages a second that are heard of one frame, and the longest link and other texts in them. */
  const MOST = 120;
  const LONGEST = { link: 2000, text: 8 * 1024, json: 4 * 1024 * 1024 };

  const isText = (value, longest) => typeof value === "string" && value.length <= longest;
  const isObject = (value) => typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  /** Counted while it is written: a small message can hold one list a million times over, and what loops has no end. */
  const isSmall = (value) => {
    let left = LONGEST.json;
    const count = (name, part) => {
      left -= 4 + name.length + (typeof part === "string" ? part.length : 0);
      if (left < 0) throw left;
      return part;
    };
    try {
      return isObject(value) && JSON.stringify(value, count).length <= LONGEST.json;
    } catch {
      // It is too long, or text cannot hold it and it is no JSON.
      return false;
    }
  };
  /** A link as Meshplan writes it. */
  const isLink = (plan) => /^#?v\d+\.[\w.-]+$/.test(plan);
  const isPlan = ({ link, config, other, title }) =>
    isText(link, LONGEST.link) && isLink(link) && isText(title, LONGEST.text) && isSmall(config) && (other === undefined || isSmall(other));
  /** A plan as it is told: with `other` where there are two. */
  const told = ({ link, config, other, title }) => ({ link, config, ...(other === undefined ? {} : { other }), title });
  const isError = ({ message, field }) => isText(message, LONGEST.text) && (field === undefined || isText(field, LONGEST.text));

  /** What each message of the frame must look like beside its envelope. */
  const SHAPES = new Map([
    ["ready", () => true],
    ["resize", ({ height }) => Number.isFinite(height) && height > 0],
    ["change", isPlan],
    ["plan", isPlan],
    ["report", ({ report }) => isSmall(report)],
    ["done", () => true],
    ["error", isError],
  ]);

  /** What a request is answered by, where it is not by an `error`. */
  const ANSWERS = { getPlan: "plan", getReport: "report", setPlan: "done" };

  const failed = ({ message, field }) => Object.assign(new Error(message), field === undefined ? {} : { field });
  /** Every element on the page, for when the page's colours change. */
  const elements = new Set();

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":host { display: block } :host([hidden]) { display: none } iframe { display: block; width: 100%; border: 0 }");

  class MeshPlan extends HTMLElement {
    static observedAttributes = ["plan", "view", "theme", "color", "hide", "edit"];

    /** The frame; none while the element is in no page. */
    #frame = null;
    #isReady = false;
    /** The interval that greets the frame; none while nobody is greeted. */
    #greeting = 0;
    /** Whether the page was told that this frame cannot be asked. */
    #isTold = false;
    /** Requests that wait: what is sent, and who is told. Those that were sent are known by their id. */
    #queue = [];
    #asked = new Map();
    #lastId = 0;
    /** The plan that was set last and is not in the address of the frame; none where the address has it. */
    #set = undefined;
    /** How the frame looks: as its address says, or a message since. */
    #look = {};
    /** Those of `WORDS` that have changed and are not checked yet. */
    #changed = new Set();
    #second = 0;
    #heard = 0;
    #hears = (event) => this.#hear(event);

    constructor() {
      super();
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    }

    /** The plan that is shown: `link`, `config`, `title`, and `other` where it is compared with another. */
    getPlan() {
      return this.#ask("getPlan").then(told);
    }

    /** Shows another plan: a link, the object of a plan, or any text that Meshplan opens. */
    async setPlan(plan) {
      // As it is now: the page may go on to change its object, and the frame may get it later, and more than once.
      try {
        plan = structuredClone(plan);
      } catch (error) {
        throw failed({ message: `plan: ${error.message}`, field: "plan" });
      }
      return this.#setPlan(plan, false);
    }

    /** The report on the plan, as the JavaScript API gives it. */
    getReport() {
      return this.#ask("getReport").then(({ report }) => report);
    }

    connectedCallback() {
      elements.add(this);
      addEventListener("message", this.#hears);
      this.#build();
    }

    disconnectedCallback() {
      elements.delete(this);
      removeEventListener("message", this.#hears);
      this.#drop();
      this.#end("The element was taken out of the page.");
    }

    attributeChangedCallback(name, before, now) {
      if (before === now) return;
      if (WORDS[name]) this.#changed.add(name);
      if (name === "plan") {
        // Taken away: what is shown stays, also in the next frame.
        if (now === null) return this.#frame && (this.#set ??= before || undefined);
        this.#end(NEWER, "setPlan");
        if (this.#isReady) return this.#reset(now);
        this.#set = undefined;
      }
      if (!this.#frame) return;
      // No message takes a colour away.
      if (name === "theme" || (name === "color" && now)) {
        this.look();
        return this.#check();
      }
      this.#drop();
      this.#build();
    }

    /** Gives the frame the colours that are asked for, or those of the page around the element. */
    look() {
      if (!this.#isReady) return;
      const wanted = this.#wantedLook();
      for (const [name, value] of Object.entries(wanted)) {
        if (value && value !== this.#look[name]) this.#send(name, { [name]: value });
      }
      this.#look = wanted;
    }

    /** Tells of unknown words once, when the frame is ready and the page has had time to listen. */
    #check() {
      for (const name of this.#isReady ? this.#changed : []) {
        this.#changed.delete(name);
        const word = this.getAttribute(name);
        if (word && !WORDS[name].includes(word)) this.#tell("error", { message: `${name}: "${word}" is none of ${WORDS[name].join(", ")}.`, field: name });
      }
    }

    // ---- The frame ------------------------------------------------------------------------------------------

    /** The theme is `light` or `dark` where it is asked for or the page says so by `color-scheme`; else the system's. */
    #wantedLook() {
      const asked = this.getAttribute("theme");
      const scheme = getComputedStyle(this).colorScheme.replace("only", "").trim();
      const theme = [asked, scheme].find((name) => name === "light" || name === "dark");
      return { theme: theme || "auto", color: this.getAttribute("color") || "" };
    }

    #build() {
      const look = this.#wantedLook();
      const view = this.getAttribute("view") || "full";
      const query = new URLSearchParams({ view, theme: look.theme });
      if (look.color) query.set("color", look.color);
      if (this.hasAttribute("hide")) query.set("hide", this.getAttribute("hide").replaceAll(",", " "));
      if (this.hasAttribute("edit")) query.set("edit", this.getAttribute("edit") || "1");
      const address = new URL("index.html", BASE);
      address.search = `embed&${query}`;
      // Of the attribute whatever it holds: the frame says what is wrong with it.
      const plan = this.#set === undefined ? this.getAttribute("plan") || "" : isLink(this.#set) ? this.#set : "";
      address.hash = encodeURIComponent(plan.slice(0, LONGEST.text).replace(/^#/, ""));
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts allow-popups allow-popups-to-escape-sandbox");
      frame.allow = "clipboard-write";
      frame.referrerPolicy = "no-referrer";
      frame.loading = "lazy";
      frame.title = "Meshplan";
      frame.style.height = `${Object.hasOwn(HEIGHTS, view) ? HEIGHTS[view] : HEIGHTS.full}px`;
      frame.addEventListener("load", () => {
        // The frame may have loaded itself anew: then it looks as its address says.
        this.#look = look;
        this.#isReady = false;
        this.#isTold = false;
        this.#askAgain();
        this.#greet();
      });
      frame.src = address.href;
      this.#frame = frame;
      this.#isTold = false;
      this.shadowRoot.replaceChildren(frame);
      if (this.#queue.length) this.#hurry();
    }

    #drop() {
      this.#endGreeting();
      this.#isReady = false;
      this.#frame = null;
      this.shadowRoot.replaceChildren();
      this.#askAgain();
    }

    /** What was asked of a page that is gone is asked of the next. */
    #askAgain() {
      this.#queue = [...this.#asked.values(), ...this.#queue];
      this.#asked.clear();
    }

    /**
     * Says hello until the frame answers, since a message that comes too early is lost, or until it has been silent for too
     * long: a policy may block it, or it is no page of Meshplan. Counted and not timed, for a page that sleeps hears nothing.
     */
    #greet() {
      this.#endGreeting();
      let left = PATIENCE / GREETING;
      const hello = () => {
        if (left === 0) return this.#giveUp({ message: SILENCE });
        left -= 1;
        this.#send("hello", HELLO);
      };
      this.#greeting = setInterval(hello, GREETING);
      hello();
    }

    #endGreeting() {
      clearInterval(this.#greeting);
      this.#greeting = 0;
    }

    /** The frame cannot be asked. Who waits is told why, and once for all the page. */
    #giveUp(error) {
      this.#endGreeting();
      // Those of now: who hears the event may ask again.
      const waiting = this.#queue.splice(0);
      if (!this.#isTold) {
        this.#isTold = true;
        this.#tell("error", { message: error.message, field: error.field });
      }
      for (const waits of waiting) waits.reject(failed(error));
    }

    /** A frame that waits to come near the screen answers nobody. */
    #hurry() {
      if (this.#frame) this.#frame.loading = "eager";
    }

    #setPlan(plan, first) {
      return this.#ask("setPlan", { plan }, first).then(() => {
        this.#set = plan;
      });
    }

    /** Sets a plan that no caller waits for. */
    #reset(plan) {
      this.#setPlan(plan, true).catch(({ message, field }) => message === NEWER || this.#tell("error", { message, field }));
    }

    // ---- Messages ---------------------------------------------------------------------------------------------

    #send(type, rest) {
      // A sandboxed frame has no origin that could be named; what it gets is the plan that it shows.
      this.#frame.contentWindow?.postMessage({ ...ENVELOPE, type, ...rest }, "*");
    }

    /** Asks the frame for something, before all that waits where it is `first`. */
    #ask(type, rest, first) {
      return new Promise((resolve, reject) => {
        if (!this.#frame) return reject(new Error("The element is in no page."));
        const id = (this.#lastId += 1);
        const timer = setTimeout(() => waits.reject(new Error(SILENCE)), PATIENCE);
        const settle = (how) => (value) => {
          clearTimeout(timer);
          this.#asked.delete(id);
          this.#queue = this.#queue.filter((waits) => waits.id !== id);
          how(value);
        };
        const waits = { id, type, rest, resolve: settle(resolve), reject: settle(reject) };
        if (first) this.#queue.unshift(waits);
        else this.#queue.push(waits);
        if (this.#isReady) return this.#flush();
        this.#hurry();
        if (!this.#greeting) this.#greet();
      });
    }

    /** Rejects all that waits, or what is of one type. */
    #end(message, type) {
      for (const waits of [...this.#queue, ...this.#asked.values()]) {
        if (!type || waits.type === type) waits.reject(new Error(message));
      }
    }

    #flush() {
      for (const waits of this.#queue.splice(0)) {
        this.#asked.set(waits.id, waits);
        this.#send(waits.type, { id: waits.id, ...waits.rest });
      }
    }

    #hear({ source, origin, data }) {
      if (!this.#frame || source === null || source !== this.#frame.contentWindow) return;
      if (origin !== "null" && origin !== BASE.origin) return;
      if (!isObject(data) || data.ns !== ENVELOPE.ns || data.v !== ENVELOPE.v || typeof data.type !== "string") return;
      const now = Math.floor(performance.now() / 1000);
      if (now !== this.#second) [this.#second, this.#heard] = [now, 0];
      this.#heard += 1;
      const fits = this.#heard <= MOST && SHAPES.get(data.type);
      if (!fits || !fits(data)) return;
      if (data.type === "ready") return this.#welcome();
      if (data.type === "resize") return this.#resize(data.height);
      const waits = data.id !== undefined && this.#asked.get(data.id);
      if (waits) {
        if (data.type !== "error" && data.type !== ANSWERS[waits.type]) return;
        if (data.type === "plan") this.#name(data);
        return data.type === "error" ? waits.reject(failed(data)) : waits.resolve(data);
      }
      if (data.id === HELLO.id && data.type === "error" && this.#greeting) return this.#giveUp(data);
      if (data.id !== undefined) return;
      if (data.type === "change") {
        this.#set = data.link;
        this.#name(data);
        this.#tell("change", told(data));
      } else if (data.type === "report") {
        this.#tell("report", data.report);
      } else if (data.type === "error") {
        this.#tell("error", { message: data.message, field: data.field });
      }
    }

    /** The frame answers: it gets what its address does not say, and what waited. */
    #welcome() {
      if (this.#isReady) return;
      this.#endGreeting();
      this.#isReady = true;
      this.look();
      if (this.#set !== undefined) this.#reset(this.#set);
      this.#flush();
      this.getPlan().catch(() => {});
      this.#check();
    }

    #name({ title }) {
      this.#frame.title = `Meshplan: ${title}`;
    }

    #resize(height) {
      if (!this.#isReady) this.#send("hello", HELLO);
      this.#frame.style.height = `${Math.min(Math.ceil(height), TALLEST)}px`;
    }

    #tell(type, detail) {
      this.dispatchEvent(new CustomEvent(type, { detail }));
    }
  }

  // A page that is switched from light to dark does it by an attribute of its root or its body.
  const follow = () => elements.forEach((element) => element.look());
  const start = () => {
    const observer = new MutationObserver(follow);
    for (const root of [document.documentElement, document.body]) observer.observe(root, { attributes: true });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", follow);
  };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);

  customElements.define("mesh-plan", MeshPlan);
})();
