// Shows DashboardFunction's page as a CloudWatch custom widget would: without scripts, and with
// what its cwdb-action elements say bound to the elements before them.
"use strict";
(() => {
  const PERIOD = 3000;
  const STATE = "longhaul_state";
  const FIELDS = "input:not([type=hidden]), select";
  const FOCUSABLE = "button, summary, pre, input, select";
  const widget = document.getElementById("widget");
  const dialog = document.getElementById("dialog");
  const problem = document.getElementById("problem");
  const themeButton = document.getElementById("theme");
  let theme =
    localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  let turn = 0;
  let clicks = 0;
  let shown = "";

  function clean(html) {
    const body = new DOMParser().parseFromString(html, "text/html").body;
    body.querySelectorAll("script, iframe, frame, object, embed, base, link, meta, use").forEach((e) => e.remove());
    body.querySelectorAll("*").forEach((element) => {
      for (const { name, value } of [...element.attributes]) {
        if (/^on/i.test(name) || /^\s*javascript:/i.test(value)) {
          element.removeAttribute(name);
        }
      }
    });
    return [...body.childNodes];
  }

  function forms() {
    const all = {};
    widget.querySelectorAll("form").forEach((form) => new FormData(form).forEach((value, name) => (all[name] = value)));
    return { all };
  }

  async function invoke(endpoint, payload) {
    const widgetContext = {
      dashboardName: "local",
      widgetId: "local",
      title: "Longhaul",
      theme,
      width: widget.clientWidth,
      height: widget.clientHeight,
      forms: forms(),
      params: {},
    };
    const response = await fetch("/2015-03-31/functions/" + encodeURIComponent(endpoint) + "/invocations", {
      method: "POST",
      body: JSON.stringify({ ...payload, widgetContext }),
    });
    const answer = await response.json();
    if (!response.ok || response.headers.has("X-Amz-Function-Error")) {
      throw new Error(answer.errorMessage ?? answer.Message ?? "HTTP status " + response.status);
    }
    return answer;
  }

  function nodes(answer) {
    if (typeof answer === "string") {
      return clean(answer);
    }
    const text = document.createElement("pre");
    text.textContent = JSON.stringify(answer, null, 2);
    return [text];
  }

  function key(element) {
    return element.tagName + " " + (element.name || element.getAttribute("aria-label") || element.textContent);
  }

  // Puts a page in place. A refresh leaves alone what a person has typed, opened or focused.
  function show(answer, isRefresh) {
    const text = typeof answer === "string" ? answer : JSON.stringify(answer);
    if (isRefresh && text === shown) {
      return;
    }
    shown = text;
    const before = isRefresh
      ? {
          fields: new Map([...widget.querySelectorAll(FIELDS)].map((field) => [field.name, field.value])),
          open: [...widget.querySelectorAll("details")].map((details) => details.open),
          scroll: [...widget.querySelectorAll("pre")].map((pre) => pre.scrollTop),
          focus: widget.contains(document.activeElement) ? key(document.activeElement) : null,
        }
      : null;
    widget.replaceChildren(...nodes(answer));
    widget.querySelectorAll("form").forEach((form) => form.addEventListener("submit", submit));
    widget.querySelectorAll("cwdb-action").forEach(bind);
    if (before) {
      widget.querySelectorAll(FIELDS).forEach((field) => {
        field.value = before.fields.get(field.name) ?? field.value;
      });
      widget.querySelectorAll("details").forEach((details, i) => (details.open = before.open[i] ?? details.open));
      widget.querySelectorAll("pre").forEach((pre, i) => (pre.scrollTop = before.scroll[i] ?? 0));
      [...widget.querySelectorAll(FOCUSABLE)].find((e) => key(e) === before.focus)?.focus({ preventScroll: true });
    }
  }

  // Enter in a field does what the form's own button does.
  function submit(event) {
    event.preventDefault();
    [...event.target.querySelectorAll("button")].at(-1)?.click();
  }

  // What is shown stands in the address, so that Back, Reload and a link to it work.
  function remember() {
    const state = JSON.parse(widget.querySelector("input[name=" + STATE + "]")?.value || "{}");
    const hash = state.view === "overview" && !state.target ? "" : "#" + new URLSearchParams(state);
    if (hash !== location.hash) {
      history.pushState(null, "", hash || location.pathname);
    }
  }

  async function open(endpoint, payload, isRefresh) {
    const mine = ++turn;
    clicks += isRefresh ? 0 : 1;
    try {
      const answer = await invoke(endpoint, payload);
      if (mine === turn) {
        show(answer, isRefresh);
        if (!isRefresh) {
          remember();
        }
      }
      problem.textContent = "";
    } catch (error) {
      problem.textContent =
        error instanceof TypeError ? "The local stack does not answer. Is it still running?" : error.message;
    } finally {
      clicks -= isRefresh ? 0 : 1;
    }
  }

  function bind(action) {
    const button = action.previousElementSibling;
    button?.addEventListener(action.getAttribute("event") ?? "click", async () => {
      const confirmation = action.getAttribute("confirmation");
      const kind = button.classList.contains("lh-danger") ? "danger" : "primary";
      if (confirmation && !(await ask([document.createTextNode(confirmation)], button.textContent, "Leave it", kind))) {
        return;
      }
      const popup = action.getAttribute("display") !== "widget";
      if (action.getAttribute("action") === "html") {
        popup ? await ask(clean(action.innerHTML), "Close") : show(action.innerHTML, false);
        return;
      }
      const endpoint = action.getAttribute("endpoint");
      const payload = JSON.parse(action.textContent || "{}");
      if (!popup) {
        await open(endpoint, payload, false);
        return;
      }
      let answer;
      try {
        answer = nodes(await invoke(endpoint, payload));
      } catch (error) {
        answer = [document.createTextNode(error.message)];
      }
      refresh();
      await ask(answer, "Close");
    });
  }

  // Resolves to whether `yes` was pressed. Enter does not do what is dangerous.
  function ask(content, yes, no, kind = "primary") {
    const buttons = document.createElement("form");
    buttons.method = "dialog";
    for (const [label, value] of [[no, "no"], [yes, "yes"]]) {
      if (label) {
        const button = document.createElement("button");
        button.value = value;
        button.textContent = label;
        button.className = value === "yes" ? kind : "";
        button.autofocus = value === (kind === "danger" && no ? "no" : "yes");
        buttons.append(button);
      }
    }
    const text = document.createElement("div");
    text.append(...content);
    dialog.replaceChildren(text, buttons);
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) =>
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
  }

  // What a click has asked for comes instead.
  async function refresh() {
    if (clicks === 0) {
      await open("DashboardFunction", {}, true);
    }
  }

  async function tick() {
    const typing = document.activeElement?.matches("#widget input, #widget select");
    const selecting = getSelection().type === "Range";
    if (!widget.hasChildNodes()) {
      await fromAddress();
    } else if (!document.hidden && !typing && !selecting && !dialog.open) {
      await refresh();
    }
    setTimeout(tick, PERIOD);
  }

  function fromAddress() {
    const payload = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    return open("DashboardFunction", { view: "overview", ...payload }, false);
  }

  function dress() {
    document.documentElement.dataset.theme = theme;
    themeButton.textContent = theme === "dark" ? "Light theme" : "Dark theme";
  }

  themeButton.addEventListener("click", () => {
    theme = theme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", theme);
    dress();
    refresh();
  });
  addEventListener("popstate", fromAddress);
  dress();
  fromAddress().then(() => setTimeout(tick, PERIOD));
})();
