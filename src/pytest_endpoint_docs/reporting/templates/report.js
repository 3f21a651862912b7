"use strict";
(() => {
  const WORDS = { failed: "✕ failed", error: "! error", xpassed: "▲ passes now", xfailed: "◇ fails as expected", passed: "✓ passed", skipped: "– did not run" };
  const ORDER = Object.keys(WORDS);
  const FIELDS = ["q", "domain", "status", "tag", "outcome", "sort"];
  const HIDDEN = ["cause", "why", "group", "stale"];
  const $ = (id) => document.getElementById(id);
  const rows = JSON.parse($("index").textContent);
  const form = $("filters");
  const list = $("items");

  // Everything that comes from a doc or a server is set as text, never as markup.
  function h(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    for (const child of children.flat(Infinity)) if (child != null && child !== "") node.append(child);
    return node;
  }
  const days = (age) => age == null ? "never" : age >= 1 ? `${Math.floor(age).toLocaleString("en")} d` : age * 24 >= 1 ? `${Math.floor(age * 24)} h` : "today";
  const seconds = (s) => s >= 10 ? `${s.toFixed(0)} s` : s >= 0.1 ? `${s.toFixed(1)} s` : `${Math.round(s * 1000)} ms`;

  function copyButton(text, what) {
    const button = h("button", { type: "button", class: "quiet copy", "aria-label": `Copy ${what}` }, "Copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = h("textarea", {});
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
        button.focus();
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    return button;
  }

  function block(text, label, kind) {
    return h("pre", { tabindex: "0", role: "region", "aria-label": label, class: kind }, text);
  }
  function pretty(text) {
    try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
  }
  function headerText(fields) {
    return Object.entries(fields || {}).map(([name, value]) => `${name}: ${value}`).join("\n");
  }
  function side(title, fields, body) {
    const head = headerText(fields);
    return h("div", {}, h("h4", {}, title), head && block(head, `${title}: header fields`),
      body ? block(pretty(body), `${title}: content`) : h("small", {}, "no content"));
  }

  function exchange(one, open, passed) {
    // An error status is what many a passed case is about.
    const kind = one.status_code == null ? "bad" : one.status_code < 400 ? "ok" : passed ? "" : "bad";
    const node = h("details", { class: "exchange", open },
      h("summary", {}, h("span", { class: `code ${kind}` }, one.status_code == null ? "no answer" : String(one.status_code)),
        ` ${one.method} ${one.url} `, h("small", {}, ` ${[one.phase, one.step].filter((x, i, a) => x && a.indexOf(x) === i).join(" · ")} · ${seconds(one.elapsed_s)}`)));
    node.append(h("div", { class: "sides" }, side("Request", one.request_headers, one.request_body),
      one.error ? h("div", {}, h("h4", {}, "No answer"), block(one.error, "Error", "bad")) : side("Response", one.response_headers, one.response_body)));
    if (one.curl) node.append(h("div", { class: "curl" }, h("div", { class: "row" }, h("h4", {}, "Repeat it"), copyButton(one.curl, "the curl command")), block(one.curl, "curl command")));
    return node;
  }

  function section(title, ...content) {
    return h("section", {}, h("h3", {}, title), content);
  }

  function detail(number) {
    const item = JSON.parse($(`d${number}`).textContent);
    const place = `${item.doc}:${item.line}`;
    const facts = h("dl", { class: "known" });
    const fact = (name, ...value) => { if (value.some(Boolean)) facts.append(h("dt", {}, name), h("dd", {}, value)); };
    fact("Doc status", item.status);
    fact("Verified", item.freshness, item.verified_at && ` (${item.verified_at})`);
    fact("Reused", item.times_reused != null && `${item.times_reused} time${item.times_reused === 1 ? "" : "s"}`);
    fact("At most", item.max_age_days != null && `${item.max_age_days} days between verifications`);
    fact("Skip until", item.skip_until);
    fact("Owner", item.owner);
    fact("Domain", item.domain);
    fact("Tags", ...item.tags.map((tag) => h("span", { class: "tag" }, tag)));
    fact("Operation", item.operation, item.description && ` in ${item.description}`);
    fact("Status codes", item.statuses.join(", "));
    fact("Checked", item.checks);
    fact("Node id", h("code", {}, item.nodeid));
    const node = h("div", { class: "detail" }, h("div", { class: "place" }, h("code", {}, place), copyButton(place, "the doc's path and line")));
    if (item.reason) node.append(section(item.outcome === "xfailed" ? "Why it is expected to fail" : item.outcome === "skipped" ? "Why it did not run" : "Reason", block(item.reason, "Reason")));
    if (item.failure || item.verdict) node.append(section(item.outcome === "xfailed" ? "The expected failure" : "Failure", block(item.failure || item.verdict, "Failure", "bad")));
    if (item.mismatches.length) {
      const body = h("tbody", {}, item.mismatches.map((m) => h("tr", {}, h("td", {}, m.check), h("td", {}, m.location ? m.location.slice(m.location.lastIndexOf(":") + 1) : "–"), h("td", {}, m.pointer ? h("code", {}, m.pointer) : "–"), h("td", {}, m.expected), h("td", {}, m.actual), h("td", {}, m.message, m.known && ` (known: ${m.known})`), h("td", {}, { fail: "fails", warn: "warning", known: "known" }[m.severity]))));
      const head = h("thead", {}, h("tr", {}, ["Check", "Line", "Where", "Documented", "Came", "What", ""].map((name) => name ? h("th", { scope: "col" }, name) : h("td", {}))));
      node.append(section("Differences", h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Differences" }, h("table", {}, head, body))));
    }
    if (item.findings.length) node.append(section("Findings", h("ul", { class: "plain" }, item.findings.map((f) => h("li", {}, h("code", {}, `${f.path}:${f.line}`), ` ${f.message}`)))));
    if (item.notes.length) node.append(section("Notes", h("ul", { class: "plain" }, item.notes.map((note) => h("li", {}, note)))));
    if (item.exchanges.length) {
      const own = item.exchanges.map((one) => ["main", "case"].includes(one.phase)).lastIndexOf(true);
      node.append(section(item.exchanges.length === 1 ? "Exchange" : `${item.exchanges.length} exchanges`, item.exchanges.map((one, i) => exchange(one, i === own, item.outcome === "passed"))));
    }
    node.append(facts);
    return node;
  }

  function row(item, number) {
    const says = item.text && (/^\d+: /.test(item.text) ? `line ${item.text}` : item.text);
    const node = h("details", { class: "item" }, h("summary", {},
      h("span", { class: `badge ${item.outcome}` }, WORDS[item.outcome]),
      h("span", { class: "name" }, h("b", {}, item.method), item.path, item.case && h("span", { class: "case" }, item.case)),
      h("span", { class: "cell domain", title: item.domain }, item.domain),
      h("span", { class: `cell age${item.stale ? " old" : ""}`, title: item.age == null ? "never verified" : "since it was verified" }, item.stale ? "⚠ " : "", days(item.age)),
      h("span", { class: "cell took" }, item.outcome === "skipped" ? "" : seconds(item.duration)),
      (says || item.title) && h("span", { class: "say" }, item.title && h("span", { class: says ? "title" : "" }, item.title), says && item.title && " — ", says && h("span", { class: item.outcome }, says))));
    node.addEventListener("toggle", () => { if (node.open && node.children.length === 1) node.append(detail(number)); });
    item.node = node;
    item.hay = [item.method, item.path, item.case, item.title, item.doc, item.domain, item.owner, item.status, ...item.tags, item.text, WORDS[item.outcome]].join(" ").toLowerCase();
    item.number = number;
  }

  const state = Object.fromEntries([...FIELDS, ...HIDDEN].map((name) => [name, ""]));
  const SORTS = {
    outcome: (a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome),
    doc: (a, b) => a.doc < b.doc ? -1 : a.doc > b.doc ? 1 : a.line - b.line,
    endpoint: (a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : a.method < b.method ? -1 : a.method > b.method ? 1 : 0,
    age: (a, b) => (b.age ?? Infinity) - (a.age ?? Infinity) || 0,
    duration: (a, b) => b.duration - a.duration,
  };
  let sorted = "";
  function apply() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const none = (value) => value === "(none)" ? "" : value;
    let shown = 0;
    for (const item of rows) {
      const fits = (!state.outcome || item.outcome === state.outcome) && (!state.domain || item.domain === none(state.domain))
        && (!state.status || item.status === none(state.status)) && (!state.tag || item.tags.includes(state.tag))
        && (!state.cause || (item.outcome === "skipped" && (item.cause || "other") === state.cause))
        && (!state.why || item.why === state.why) && (!state.group || item.group === state.group) && (!state.stale || item.stale) && words.every((word) => item.hay.includes(word));
      if (item.node.hidden === fits) item.node.hidden = !fits;
      if (fits) shown += 1;
    }
    const sort = state.sort || "outcome";
    if (sort !== sorted) {
      sorted = sort;
      list.append(...[...rows].sort((a, b) => SORTS[sort](a, b) || a.number - b.number).map((item) => item.node));
    }
    const filtered = [...FIELDS, ...HIDDEN].some((name) => name !== "sort" && state[name]);
    $("shown").textContent = filtered ? `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} items` : `${rows.length.toLocaleString("en")} items`;
    $("reset").hidden = !filtered;
    $("none").hidden = shown > 0;
    list.hidden = shown === 0;
    for (const button of document.querySelectorAll("[data-filter]")) {
      button.setAttribute("aria-pressed", String(state[button.dataset.filter] === (button.dataset.value || "(none)")));
    }
  }

  function toForm() { for (const name of FIELDS) form.elements[name].value = state[name] || (name === "sort" ? "outcome" : ""); }
  function toAddress() {
    const query = new URLSearchParams(Object.entries(state).filter(([name, value]) => value && !(name === "sort" && value === "outcome")));
    try { history.replaceState(null, "", `#${query}`); } catch { /* a page opened from some viewers may not change its address */ }
  }
  function fromAddress() {
    const query = new URLSearchParams(location.hash.slice(1));
    for (const name of Object.keys(state)) state[name] = query.get(name) || "";
    toForm();
    apply();
  }

  const option = (name, values) => {
    for (const value of [...new Set(values)].sort()) form.elements[name].append(h("option", { value: value || "(none)" }, value || "(none)"));
  };
  option("domain", rows.map((item) => item.domain));
  option("status", rows.map((item) => item.status));
  option("tag", rows.flatMap((item) => item.tags));
  rows.forEach(row);

  let waiting = 0;
  form.addEventListener("input", () => {
    for (const name of FIELDS) state[name] = form.elements[name].value;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => { apply(); toAddress(); });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const name of Object.keys(state)) if (name !== "sort") state[name] = "";
    toForm(); apply(); toAddress();
  });
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      const { filter } = button.dataset;
      const value = button.dataset.value || "(none)";
      state[filter] = state[filter] === value ? "" : value;
      toForm(); apply(); toAddress();
    });
  }
  addEventListener("hashchange", fromAddress);
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); form.elements.q.focus(); }
  });

  for (const part of document.querySelectorAll("[data-share]")) part.style.flexGrow = part.dataset.share;
  const highest = Math.max(1, ...[...document.querySelectorAll("[data-height]")].map((bar) => Number(bar.dataset.height)));
  for (const bar of document.querySelectorAll("[data-height]")) {
    bar.style.height = `${Math.round(116 * Number(bar.dataset.height) / highest)}px`;
    bar.firstElementChild.style.flexGrow = Number(bar.dataset.height) - Number(bar.dataset.stale);
    bar.lastElementChild.style.flexGrow = bar.dataset.stale;
  }

  const root = document.documentElement;
  try { if (localStorage.endpointDocsTheme) root.dataset.theme = localStorage.endpointDocsTheme; } catch { /* no storage: the system's choice holds */ }
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.endpointDocsTheme = root.dataset.theme; } catch { /* it holds until the page is closed */ }
  });
  fromAddress();
})();
