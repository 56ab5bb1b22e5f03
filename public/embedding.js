// The page "Embedding Meshplan": the snippets get the address that this page is published at, and buttons that copy them;
// the last example does what its snippet says.
(() => {
  "use strict";
  const HERE = new URL("./", location.href).href;

  /** Copies a snippet; where the browser refuses, it is selected, to be copied by hand. */
  async function copy(code, button) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  }

  for (const code of document.querySelectorAll(".snippet code")) {
    code.textContent = code.textContent.trim().replaceAll("https://meshplan.example/", HERE);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn small";
    button.textContent = "Copy";
    button.setAttribute("aria-describedby", code.closest("section").getAttribute("aria-labelledby"));
    button.addEventListener("click", () => copy(code, button));
    code.closest(".snippet").append(button);
  }

  // ---- The example with events ----------------------------------------------------------------------------

  const plan = document.getElementById("talking");
  const heard = document.getElementById("heard");
  const say = (text) => {
    const line = document.createElement("li");
    line.textContent = text;
    heard.prepend(line);
    while (heard.children.length > 6) heard.lastChild.remove();
  };
  plan.addEventListener("change", ({ detail }) => say(`change: ${detail.title}, ${detail.link}`));
  plan.addEventListener("report", ({ detail }) => say(`report: ${detail.verdict.text}`));
  plan.addEventListener("error", ({ detail }) => say(`error: ${detail.field || ""} ${detail.message}`));
  for (const button of document.querySelectorAll("[data-nodes]")) {
    button.addEventListener("click", async () => {
      const { config } = await plan.getPlan();
      config.cluster.num_nodes = Number(button.dataset.nodes);
      plan.setPlan(config).catch((error) => say(`setPlan: ${error.field || ""} ${error.message}`));
    });
  }
})();
