// Starts the planner and, when it cannot start or stops, says why. Plain JavaScript on purpose: it must run
// where WebAssembly, modules or the page's own policy fail. What it shows is text, never markup.
(function () {
  "use strict";

  // Script, program and style sheet of the details, and the script of an embed, with their hashes, as `cargo xtask` has built them.
  var DETAILS = null;

  var crashed = false;
  var details;
  var violations = [];

  // ---- What went wrong, in words ------------------------------------------------------------------------

  var OLD = "Use a current Chrome, Edge, Firefox or Safari. If it is current, its settings, a lockdown mode or whoever manages this computer may have switched WebAssembly off.";
  var RELOAD = "Reload the page. If that does not help, only a part of the page was published, or an old copy of it is kept on the way: tell whoever publishes it.";
  var reasons = {
    old: ["This browser cannot run the planner: it needs WebAssembly.", OLD],
    compile: ["This browser could not read the planner's program.", OLD],
    missing: ["A file of this page is not on the server.", RELOAD],
    network: ["A file of this page could not be fetched.", "Check the connection and reload the page. A browser extension or a network filter may also block the file."],
    changed: ["A file of this page was changed after it was built, so the browser refused it.", "Reload the page. Whoever publishes it: serve the files as they were built, without minifying or rewriting them."],
    type: ["The server answered with something other than the file that was asked for.", RELOAD],
    policy: ["A security policy of this site blocks the planner.", "Whoever publishes the page: its Content-Security-Policy needs script-src 'self' 'wasm-unsafe-eval' and connect-src 'self'."],
    start: ["The planner did not start.", "Reload the page. If that does not help, open it without the part of the address that follows the # sign."]
  };

  // ---- Small pieces ------------------------------------------------------------------------------------

  function element(tag, className, text) {
    var node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  }

  function button(text, action) {
    var node = element("button", "boot-button", text);
    node.type = "button";
    node.addEventListener("click", action);
    return node;
  }

  function technical(text) {
    var details = element("details", "boot-details");
    details.append(element("summary", "", "Technical reason"), element("pre", "", text));
    return details;
  }

  function textOf(error) {
    return String((error && error.message) || error || "unknown").slice(0, 2000);
  }

  function pause(time) {
    return new Promise(function (done) { setTimeout(done, time); });
  }

  // ---- It cannot start ----------------------------------------------------------------------------------

  function showAlert(reason, detail) {
    if (crashed) return;
    console.error("Meshplan did not start: " + reasons[reason][0] + " " + detail);
    var box = element("div", "boot-alert");
    box.setAttribute("role", "alert");
    box.dataset.reason = reason;
    box.append(
      element("strong", "", reasons[reason][0]),
      element("p", "", reasons[reason][1]),
      element("p", "", "The plan is in the address of this page, so nothing is lost."),
      button("Reload", function () { location.reload(); }),
      technical(detail)
    );
    var boot = document.getElementById("boot") || document.body;
    var wait = boot.querySelector(".boot-wait");
    if (wait) wait.remove();
    (boot.querySelector("main") || boot).append(box);
  }

  // Fetches a file that failed once more, without its hash, and names what is wrong with it; null when nothing is.
  async function examine(link, isScript) {
    var name = link.href.split("/").pop();
    var response;
    try {
      response = await fetch(link.href, { cache: "no-store" });
    } catch (error) {
      return ["network", name + ": " + textOf(error)];
    }
    if (!response.ok) return ["missing", name + ": HTTP status " + response.status];
    var type = response.headers.get("content-type") || "no type";
    if (/text\/html/.test(type) || (isScript && !/(java|ecma)script/.test(type))) return ["type", name + ": " + type];
    if (link.integrity && window.crypto && crypto.subtle) {
      var digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
      if (link.integrity !== "sha256-" + btoa(String.fromCharCode.apply(null, digest))) {
        return ["changed", name + " does not have the hash " + link.integrity];
      }
    }
    return null;
  }

  // What is wrong when files failed: the page's policy, or one of them; null when neither.
  async function find(script, program) {
    // The report of a blocked load may come a moment after the failure itself.
    await pause(50);
    var found = (await examine(script, true)) || (program && (await examine(program, false)));
    return violations.length ? ["policy", violations.join("\n")] : found;
  }

  // The same in a sentence.
  async function why(error, script, program) {
    var found = await find(script, program);
    return found ? reasons[found[0]][0] : textOf(error);
  }

  async function explain(error, script, program) {
    var found = await find(script, program);
    var compile = WebAssembly.CompileError && error instanceof WebAssembly.CompileError;
    showAlert.apply(null, found || [compile ? "compile" : "start", textOf(error)]);
  }

  // Compiled by hand, not by the generated code, so that a server that sends a wrong type does no harm. What the page has preloaded
  // is taken as it came: Firefox uses no preload for a fetch with a hash, and without this would ask the server for it again.
  async function compile(program) {
    var response = await fetch(program.href, { integrity: program.integrity, priority: program.priority, cache: program.cache });
    if (!response.ok) throw new Error("HTTP status " + response.status);
    if (WebAssembly.compileStreaming && response.headers.get("content-type") === "application/wasm") {
      return WebAssembly.compileStreaming(response);
    }
    return WebAssembly.compile(await response.arrayBuffer());
  }

  // A script or a style sheet with its hash, which a later import() of the same address keeps to.
  function preload(rel, file) {
    var link = element("link");
    link.rel = rel;
    link.crossOrigin = "anonymous";
    link.integrity = file[1];
    link.fetchPriority = "low";
    link.href = file[0];
    document.head.append(link);
    return link;
  }

  // The details draw the lower sections, write the texts to take away and read foreign ones. They are fetched as soon as the page's
  // own program is there, never later; the page tells what it does without them.
  async function loadDetails() {
    var script = preload("modulepreload", DETAILS[0]);
    var sheet = preload("stylesheet", DETAILS[2]);
    // Without it the details are plain, and still right; a server that never answers for it holds them for a moment alone.
    var styled = new Promise(function (done) { sheet.onload = sheet.onerror = done; });
    var program = { href: new URL(DETAILS[1][0], script.baseURI).href, integrity: DETAILS[1][1], priority: "low" };
    try {
      var loaded = await Promise.all([import(script.href), compile(program)]);
      await loaded[0]["default"]({ module_or_path: loaded[1] });
      await Promise.race([styled, pause(3000)]);
      window.meshplanDetails = loaded[0];
      return null;
    } catch (error) {
      return why(error, script, program);
    }
  }

  async function start() {
    if (typeof WebAssembly !== "object" || !WebAssembly.compile) return showAlert("old", "WebAssembly is not defined");
    var script = document.querySelector('link[rel="modulepreload"]');
    var preloaded = document.querySelector('link[rel="preload"][type="application/wasm"]');
    if (!script || !preloaded) return showAlert("changed", "index.html does not name the program");
    var program = { href: preloaded.href, integrity: preloaded.dataset.hash, cache: "force-cache" };
    try {
      var loaded = await Promise.all([import(script.href), compile(program)]);
      details = loadDetails()["catch"](textOf);
      var wasm = await loaded[0]["default"]({ module_or_path: loaded[1] });
      var boot = document.getElementById("boot");
      if (boot) boot.remove();
      window.wasmBindings = loaded[0];
      dispatchEvent(new CustomEvent("TrunkApplicationStarted", { detail: { wasm: wasm } }));
      window.meshplanMissing = await details;
      dispatchEvent(new CustomEvent("meshplan:details", { detail: window.meshplanMissing }));
    } catch (error) {
      if (isTrap(error)) showCrash({ message: textOf(error) });
      else await explain(error, script, program);
    }
  }

  // ---- A file is dropped --------------------------------------------------------------------------------

  // The page opens the text that the details find in it as it opens pasted text. What it is told is a text, or an Error that says why
  // there is none.
  addEventListener("dragover", function (event) {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  addEventListener("drop", async function (event) {
    var file = event.dataTransfer.files[0];
    if (!file) return;
    event.preventDefault();
    // A plan that is only shown stays.
    if (!document.querySelector("form.form")) return;
    var missing = await details;
    var told = missing ? new Error(missing) : await meshplanDetails.textIn(file);
    dispatchEvent(new CustomEvent("meshplan:file", { detail: told }));
  });

  // ---- It stopped ---------------------------------------------------------------------------------------

  // `detail` of the event: `message`.
  function showCrash(detail) {
    if (crashed) return;
    crashed = true;
    // Inside another page the address stays what it was; the way to the whole page follows the plan, and may be left out.
    var whole = document.querySelector("#embed a");
    var link = (whole || location).href;
    if (!whole && window !== window.parent) try { link = link.split(/[?#]/)[0] + "#" + meshplanDetails.toldPlan().link; } catch (error) {}
    var overlay = element("div", "boot-overlay");
    var box = element("div", "boot-dialog");
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-labelledby", "boot-stopped");
    box.setAttribute("aria-describedby", "boot-stopped-why");

    var title = element("h2", "", "The planner stopped");
    title.id = "boot-stopped";
    var why = element("p", "", "A fault in Meshplan stopped it. The plan is not lost: this link holds it.");
    why.id = "boot-stopped-why";
    var field = element("textarea", "boot-link");
    field.readOnly = true;
    field.rows = 3;
    field.value = link;
    field.setAttribute("aria-label", "Link to the plan");
    field.addEventListener("focus", function () { field.select(); });

    var again = button("Reload with this plan", function () {
      location.hash = new URL(link).hash;
      location.reload();
    });
    again.classList.add("boot-primary");
    var fresh = button("Reload with the opening plan", function () { location.replace(location.pathname + (window === window.parent ? "" : location.search)); });
    var buttons = element("p", "boot-buttons");
    buttons.append(again, fresh);

    box.append(title, why, field, buttons, technical(textOf(detail.message)));
    overlay.append(box);
    Array.prototype.forEach.call(document.body.children, function (other) { other.inert = true; });
    document.body.append(overlay);
    // In a frame the focus stays where it is, unless it is already here.
    if (window === window.parent || document.hasFocus()) again.focus({ preventScroll: true });
  }

  function isTrap(error) {
    return typeof WebAssembly === "object" && WebAssembly.RuntimeError && error instanceof WebAssembly.RuntimeError;
  }

  addEventListener("meshplan:crash", function (event) { showCrash(event.detail || {}); });
  addEventListener("error", function (event) { if (isTrap(event.error)) showCrash({ message: textOf(event.error) }); });
  addEventListener("unhandledrejection", function (event) { if (isTrap(event.reason)) showCrash({ message: textOf(event.reason) }); });
  document.addEventListener("securitypolicyviolation", function (event) {
    if (event.disposition !== "report") violations.push(event.effectiveDirective + " blocked " + (event.blockedURI || "inline code"));
  });

  // Inside another page that asked for an embed, the two exchange messages.
  async function loadFrame() {
    var script = preload("modulepreload", DETAILS[3]);
    try {
      await import(script.href);
    } catch (error) {
      var message = await why(error, script);
      // Whoever says hello need not wait for an answer that never comes.
      addEventListener("message", function (event) {
        var data = event.data;
        if (event.source !== window.parent || !data || data.ns !== "meshplan" || data.type !== "hello") return;
        window.parent.postMessage({ ns: "meshplan", v: 1, type: "error", id: data.id, message: message }, "*");
      });
    }
  }

  if (window.parent !== window && /[?&;]embed\b/.test(location.search)) loadFrame();
  start();
})();
