// The result of a query: the table or a chart, what has to be said of it, its files and the lines of programs.

const VIEWED = { line: lineChart, bar: barChart, map: mapChart };

/** The tabs that choose how the selection is shown. */
function viewTabs(query, change) {
  const buttons = VIEWS.map((view) =>
    make("button", { type: "button", "data-focus": `view-${view}`, "aria-pressed": String(query.view === view), onclick: () => change({ view }) }, say(`view.${view}`)),
  );
  const tops = [0, 5, 10, 20].map((top) => {
    const option = make("option", { value: top }, top ? say("top.first", { count: top }) : say("top.all"));
    option.selected = top === query.top;
    return option;
  });
  if (query.top && ![0, 5, 10, 20].includes(query.top)) tops.push(make("option", { value: query.top, selected: true }, say("top.first", { count: query.top })));
  const select = make("select", { "data-focus": "top", onchange: (event) => change({ top: Number(event.target.value) }) }, tops);
  return make("div", { class: "views" }, make("div", { role: "group", "aria-label": say("view") }, buttons), make("label", {}, `${say("top")} `, select));
}

/** What shows the layout: the table with its pages, or a chart with its legend. */
function shownResult(layout, start, go, change) {
  const { query } = layout;
  if (query.view === "table") {
    const scrolled = make("div", { class: "scrolled", tabindex: "0", role: "region", "aria-label": say("table.region") });
    scrolled.innerHTML = tableMarkup(layout, start);
    scrolled.addEventListener("click", (event) => {
      const button = event.target.closest("[data-sort]");
      if (button !== null) change({ sort: sortedNext(query.sort, button.dataset.sort) });
    });
    return [fixedLine(layout), scrolled, make("p", { class: "pages" }, pagesOf(layout, start, go))];
  }
  const chart = VIEWED[query.view](layout);
  if (chart.why) return [make("p", { class: "why" }, chart.why)];
  const figure = make("figure", { class: `chart chart-${query.view}` });
  const said = query.view === "map" && chart.part.label ? [chart.part.label] : [];
  const title = make("figcaption", { class: "fixed" }, unbroken([...fixedInWords(layout), ...said].join(" · ")));
  const drawing = make("div", { class: "drawing" });
  drawing.innerHTML = chart.markup;
  figure.append(...[title, partChoice(chart, change), drawing, legendOf(chart)].filter((one) => one !== null));
  const notes = [...chart.notes];
  if (symbolsIn(layout).partly) notes.push(`* ${say("table.partly")}`);
  return [figure, ...notes.map((note) => make("p", { class: "chart-note" }, note))];
}

/** What all of the table is of, above it. */
function fixedLine(layout) {
  return make("p", { class: "fixed" }, unbroken(fixedInWords(layout).join(" · ")));
}

/** Which of several combinations a map shows. */
function partChoice(chart, change) {
  if (!chart.parts || chart.parts.length < 2) return null;
  const options = chart.parts.map((part) => {
    const option = make("option", { value: part.key }, part.label);
    option.selected = part === chart.part;
    return option;
  });
  const select = make("select", { "data-focus": "part", onchange: (event) => change({ shownPart: event.target.value }) }, options);
  return make("label", { class: "part" }, `${say("chart.part")} `, select);
}

function legendOf(chart) {
  if (!chart.legend.length) return null;
  return make("ul", { class: "legend" }, chart.legend.map((entry) => {
    const sign = make("span", { class: "sign" });
    const drawn = entry.name
      ? `<rect class="${entry.name}" width="22" height="14"/>`
      : entry.dash === null
        ? `<rect class="bar-${entry.letter}" width="22" height="14"/>`
        : `<path class="line-${entry.letter}" stroke-dasharray="${entry.dash}" d="M0 7H28"/><circle class="point-${entry.letter}" cx="14" cy="7" r="3.5"/>`;
    sign.innerHTML = `<svg viewBox="0 0 28 14" width="28" height="14" aria-hidden="true">${drawn}</svg>`;
    const count = entry.count === undefined ? null : make("span", { class: "count" }, written(entry.count));
    return make("li", {}, sign, make("span", {}, entry.label), count);
  }));
}

/** Down, up, and as the table has them. */
function sortedNext(sort, by) {
  if (sort === null || sort.by !== by) return { by, way: "down" };
  return sort.way === "down" ? { by, way: "up" } : null;
}

/** What has to be said of the selection: notes and breaks, symbols in words, definitions, source. */
function notesPanel(layout) {
  const { cube, chosen } = layout;
  const { symbols, partly } = symbolsIn(layout);
  const meanings = symbols.map((symbol) => [symbol, edition.symbols[symbol]]);
  if (partly) meanings.push(["*", say("table.partly")]);
  const definitions = chosen[MEASURE].map((place) => [cube.variable(MEASURE).labels[place], `${cube.measures[place].definition} ${say("notes.unit", { unit: cube.measures[place].unit })}`]);
  const listed = (pairs) => make("dl", {}, pairs.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, unbroken(text))]));
  const part = (key, content) => [make("h4", {}, say(key)), content];
  return make(
    "section",
    { class: "notes", "aria-label": say("notes") },
    make("h3", {}, say("notes")),
    make("ul", {}, cube.notes.map((note) => make("li", {}, unbroken(note)))),
    cubeOf(cube.deliveries) === null ? null : make("p", {}, make("a", { href: `#table=${inAddress(cube.deliveries)}` }, say("notes.deliveries"))),
    meanings.length ? part("notes.symbols", listed(meanings)) : null,
    part("notes.definitions", listed(definitions)),
    make("p", { class: "from" }, `${say("notes.source")} ${edition.source}. ${edition.stage}. ${edition.published}.`),
  );
}

/** The files of the selection, each made when it is asked for. */
function filesPanel(layout) {
  const name = layout.cube.id;
  const kinds = [
    ["XLSX", "xlsx", () => [XLSX, workbookOf({ ...layout, address: location.protocol.startsWith("http") ? location.href : "" })]],
    ["CSV", "csv", () => ["text/csv;charset=utf-8", csvOf(layout)]],
    ["JSON-stat", "json", () => ["application/json", jsonstatOf(layout)]],
    ["PX", "px", () => ["text/x-pcaxis;charset=utf-8", pxOf(layout)]],
  ];
  const buttons = kinds.map(([kind, ending, content]) => {
    const click = () => {
      save(`${name}.${ending}`, ...content());
      announce(say("files.saved", { name: `${name}.${ending}` }));
    };
    return make("button", { type: "button", class: "file", "data-file": ending, onclick: click }, kind === "XLSX" ? say("files.excel") : kind);
  });
  return make("section", { class: "files", "aria-label": say("files") }, make("h3", {}, say("files")), make("div", { class: "buttons" }, buttons));
}

/** The address of the query, and the same selection in Python and R, each to be copied. */
function linesPanel(layout) {
  const lines = [["lines.address", () => location.href], ["lines.python", () => pythonOf(layout)], ["lines.r", () => rOf(layout)]];
  const shownLines = lines.map(([key, text]) => {
    const code = make("pre", { tabindex: "0" }, make("code", {}, text()));
    const copy = async () => {
      await copied(text(), code);
      announce(say("lines.copied"));
    };
    return [make("h4", {}, say(key)), code, make("button", { type: "button", class: "copy", "aria-label": say("lines.copy-of", { name: say(key) }), onclick: copy }, say("lines.copy"))];
  });
  return make("details", { class: "lines" }, make("summary", {}, say("lines")), make("p", { class: "lead" }, say("lines.lead")), shownLines.flat());
}

/** Text to the clipboard; where the browser keeps it closed, the text is marked so that it can be copied by hand. */
async function copied(text, element) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection().selectAllChildren(element);
  }
}
