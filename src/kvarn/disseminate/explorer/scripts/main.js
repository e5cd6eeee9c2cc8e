// The page: the search, the table that is open, and the address, which always says what is shown.

const root = document.getElementById("explorer");
let query = null;
let start = 0;
let opened = null;

/** Show what is asked for, and let the address say it. */
function show(next, from = 0) {
  query = next;
  start = from;
  tell([]);
  const address = addressOf(query);
  if (location.hash.replace(/^#/, "") !== address) history.pushState(null, "", `#${address}`);
  render();
}

function change(changed) {
  show({ ...query, ...changed });
}

function render() {
  for (const link of document.querySelectorAll("a[hreflang]")) link.href = link.href.split("#")[0] + location.hash;
  if (query === null) {
    opened = null;
    document.title = `${say("title")} · ${edition.title}`;
    root.replaceChildren(searchPanel());
    return;
  }
  const cube = cubeOf(query.table);
  if (opened === null || opened.cube !== cube) open(cube);
  document.title = `${cube.title} · ${say("title")}`;
  refresh(layoutOf(query, cube));
}

/** Open a table: its panels, which stay while choices change. */
function open(cube) {
  const current = () => query;
  const set = (name, terms) => show({ ...query, terms: { ...query.terms, [name]: terms }, shownPart: "" });
  const order = [...cube.variables].sort((one, other) => Number(one.name === MEASURE) - Number(other.name === MEASURE));
  const choices = order.map((variable) => choicePanel(variable, current, set));
  const pivot = pivotPanel(current, cube, (rows, columns) => change({ rows, columns, sort: null }));
  const result = make("div", { id: "result" });
  const title = make("h2", { tabindex: "-1" }, unbroken(cube.title));
  const another = make("button", { type: "button", class: "another", onclick: () => show(null) }, say("find.another"));
  const wide = window.matchMedia("(min-width: 60rem)").matches;
  const turning = make("details", { class: "turning", open: wide }, make("summary", {}, say("pivot")), pivot.panel);
  const side = make("div", { class: "choices" }, make("h3", {}, say("choice")), choices.map(({ panel }) => panel), turning);
  root.replaceChildren(another, title, make("div", { class: "opened" }, side, result));
  if (wide) {
    for (const { panel } of choices) if (panel.dataset.variable !== MEASURE) panel.open = cube.variable(panel.dataset.variable).codes.length <= FIELD_FROM;
  }
  opened = { cube, choices, pivot, result };
  title.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** Show the result anew; the panels only tell what is chosen. */
function refresh(layout) {
  for (const panel of [...opened.choices, opened.pivot]) panel.refresh();
  const { result } = opened;
  if (layout === null) {
    const empty = opened.cube.variables.filter((variable) => variable.resolve(query.terms[variable.name]).length === 0);
    const why = say("choice.empty", { names: empty.map((variable) => variable.label).join(", ") });
    result.replaceChildren(make("p", { class: "why" }, why));
    announce(why);
    return;
  }
  const go = (to) => show(query, Math.max(0, to));
  keepFocus(result, () => {
    const size = make("p", { class: "how-many" }, say("table.size", { cells: written(sizeOf(layout)), rows: written(layout.down.length), columns: written(layout.across.length) }));
    result.replaceChildren(viewTabs(query, change), ...shownResult(layout, start, go, change), size, filesPanel(layout), linesPanel(layout), notesPanel(layout));
  });
  announce(say("table.size", { cells: written(sizeOf(layout)), rows: written(layout.down.length), columns: written(layout.across.length) }));
}

/** The search, and the tables that it finds. */
function searchPanel() {
  const field = make("input", { type: "search", id: "find", autocomplete: "off", spellcheck: "false", "aria-describedby": "find-help" });
  const list = make("ul", { class: "found" });
  const listed = () => {
    const found = find(field.value);
    list.replaceChildren(...found.map(foundItem));
    if (found.length === 0) list.replaceChildren(make("li", { class: "why" }, say("find.nothing")));
    return found;
  };
  field.addEventListener("input", () => announce(sayCount("find.count", listed().length)));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && list.querySelector("a") !== null) list.querySelector("a").click();
  });
  listed();
  const label = make("label", { for: "find" }, say("find"));
  return make("div", { class: "search" }, make("h2", {}, say("find.title")), make("p", { class: "lead" }, say("lead")), label, field, make("p", { id: "find-help", class: "lead" }, say("find.help")), list);
}

function foundItem({ cube, hits }) {
  const address = addressOf(startOf(cube, hits));
  const said = hitsInWords({ cube, hits });
  const names = cube.variables.filter(({ name }) => name !== MEASURE).map((variable) => `${variable.label} (${written(variable.codes.length)})`);
  return make("li", {}, make("a", { href: `#${address}` }, unbroken(cube.title)), make("p", { class: "lead" }, said || names.join(" · ")));
}

/** Show what the address says; what of it is not in this edition is said, and the rest is shown. */
function follow() {
  if (location.hash.replace(/^#/, "") === addressOf(query) && (query !== null || root.querySelector(".search"))) return;
  const found = queryOf(location.hash);
  query = found.query;
  start = 0;
  render();
  tell(found.missing);
}

/** Say what of an address this edition does not have, or nothing. */
function tell(missing) {
  document.getElementById("told").textContent = missing.length ? say("query.missing", { names: missing.join(", ") }) : "";
}

window.addEventListener("hashchange", follow);
window.addEventListener("popstate", follow);
window.addEventListener("resize", () => query !== null && query.view !== "table" && render());
follow();
