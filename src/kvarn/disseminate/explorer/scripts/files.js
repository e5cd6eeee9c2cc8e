// The selection as files: CSV with codes and labels, JSON-stat 2.0, PX. XLSX has a file of its own.

const SYNTHETIC = "synthetic";

/** Let the browser save a file. */
function save(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function csvField(text) {
  return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** A label that no spreadsheet takes for a formula when it opens a CSV file. */
function asText(label) {
  return /^[=+\-@\t\r]/.test(label) ? `'${label}` : label;
}

/** The head and the rows of the selection in its long form: one row a cell, codes and labels beside one another. */
function longForm(layout) {
  const { cube } = layout;
  const head = cube.variables.flatMap((variable) => [variable.name, `${variable.name}_label`]);
  head.push("unit", "value", "status", "status_label");
  if (edition.synthetic) head.push(SYNTHETIC);
  const rows = [];
  for (const { places, cell, measure } of cellsOf(layout)) {
    const row = cube.variables.flatMap((variable, number) => [variable.codes[places[number]], variable.labels[places[number]]]);
    const status = statusOf(cell);
    row.push(measure.unit, plainNumber(cell, measure), status, status && edition.symbols[status]);
    if (edition.synthetic) row.push("true");
    rows.push(row);
  }
  return { head, rows };
}

function csvOf(layout) {
  const { head, rows } = longForm(layout);
  const labels = head.map((name) => name.endsWith("_label"));
  const written = rows.map((row) => row.map((text, at) => csvField(labels[at] ? asText(text) : text)).join(","));
  return `${[head.join(","), ...written].join("\n")}\n`;
}

/** What a file of the selection has to say beside its figures. */
function notesOf(layout) {
  const { symbols, partly } = symbolsIn(layout);
  const said = symbols.map((symbol) => `${symbol}: ${edition.symbols[symbol]}`);
  if (partly) said.push(`*: ${say("table.partly")}`);
  return [...edition.notices, `${edition.stage}.`, ...layout.cube.notes, ...said];
}

function jsonstatOf(layout) {
  const { cube, chosen } = layout;
  const cells = [...cellsOf(layout)];
  const dimension = Object.fromEntries(cube.variables.map((variable) => [variable.name, dimensionOf(variable, chosen[variable.name], cube)]));
  const status = Object.fromEntries(cells.map(({ cell }, place) => [place, statusOf(cell)]).filter(([, symbol]) => symbol));
  const role = { time: [YEAR], geo: [REGION], metric: [MEASURE] };
  const dataset = {
    version: "2.0",
    class: "dataset",
    updated: edition.updated,
    label: cube.title,
    source: edition.source,
    note: notesOf(layout),
    id: cube.variables.map((variable) => variable.name),
    size: cube.variables.map((variable) => chosen[variable.name].length),
    role: Object.fromEntries(Object.entries(role).filter(([, [name]]) => cube.variable(name))),
    dimension,
    value: cells.map(({ cell }) => (cell === NIL ? 0 : asNumber(cell))),
    status,
    extension: { lang: language, synthetic: edition.synthetic, stage: edition.stageCode, contact: edition.contact },
  };
  if (Object.keys(status).length === 0) delete dataset.status;
  return `${JSON.stringify(dataset, null, 1)}\n`;
}

function dimensionOf(variable, places, cube) {
  const category = {
    index: places.map((place) => variable.codes[place]),
    label: Object.fromEntries(places.map((place) => [variable.codes[place], variable.labels[place]])),
  };
  if (variable.name === MEASURE) {
    const of = (told) => Object.fromEntries(places.map((place) => [variable.codes[place], told(cube.measures[place])]));
    category.unit = of((measure) => ({ label: measure.unit, decimals: measure.decimals }));
    category.note = of((measure) => [measure.definition]);
  }
  return { label: variable.label, category };
}

const PX_TYPES = { [YEAR]: "T", [REGION]: "G", [MEASURE]: "C" };
const DOTS = { ".": ".", "..": "..", X: "..." };

function quoted(text) {
  return `"${text.replace(/"/g, "'").split(/\s+/).filter(Boolean).join(" ")}"`;
}

/** The selection as PX, in the page's language: what lies in the rows is the stub, what lies in the columns the heading. */
function pxOf(layout) {
  const { cube, chosen, query } = layout;
  const [stub, heading] = [query.rows, query.columns];
  const moment = `${edition.updated.replace(/-/g, "")} 00:00`;
  const measures = chosen[MEASURE].map((place) => cube.measures[place]);
  const named = (name) => quoted(cube.variable(name).label);
  const fewest = Math.min(...measures.map((measure) => measure.decimals));
  const lines = ['CHARSET="ANSI"', 'AXIS-VERSION="2013"', 'CODEPAGE="utf-8"', `LANGUAGE="${language}"`];
  lines.push(`CREATION-DATE="${moment}"`, `DECIMALS=${Math.max(...measures.map((measure) => measure.decimals))}`, `SHOWDECIMALS=${fewest}`);
  lines.push(`MATRIX=${quoted(cube.id)}`, "AGGREGALLOWED=NO", `COPYRIGHT=${edition.official ? "YES" : "NO"}`);
  lines.push(`OFFICIAL-STATISTICS=${edition.official ? "YES" : "NO"}`, `SUBJECT-CODE=${quoted(edition.subjectCode)}`, `SUBJECT-AREA=${quoted(edition.subjectArea)}`);
  lines.push(`TABLEID=${quoted(cube.id)}`, `DESCRIPTION=${quoted(cube.title)}`, `TITLE=${quoted(cube.title)}`, `CONTENTS=${quoted(cube.title)}`);
  if (stub.length) lines.push(`STUB=${stub.map(named).join(",")}`);
  if (heading.length) lines.push(`HEADING=${heading.map(named).join(",")}`);
  lines.push(`CONTVARIABLE=${named(MEASURE)}`);
  for (const name of [...stub, ...heading]) lines.push(...pxVariable(cube.variable(name), chosen[name]));
  lines.push(`UNITS=${quoted([...new Set(measures.map((measure) => measure.unit))].join(", "))}`);
  for (const place of chosen[MEASURE]) lines.push(...pxMeasure(cube, place, fewest, moment));
  lines.push(`SOURCE=${quoted(edition.source)}`, `NOTEX=${quoted([...edition.notices, `${edition.stage}.`].join(" "))}`);
  lines.push(`NOTE=${quoted(notesOf(layout).slice(edition.notices.length + 1).join("#"))}`, `DATASYMBOLNIL="${NIL}"`);
  for (const [symbol, dots] of Object.entries(DOTS)) lines.push(`DATASYMBOL${dots.length}="${symbol}"`);
  return `${lines.map((line) => `${line};`).join("\n")}\nDATA=\n${pxData(layout).join(" \n")};\n`;
}

function pxVariable(variable, places) {
  const name = quoted(variable.label);
  const codes = places.map((place) => quoted(variable.codes[place])).join(",");
  const lines = [`VARIABLECODE(${name})=${quoted(variable.name)}`, `VALUES(${name})=${places.map((place) => quoted(variable.labels[place])).join(",")}`];
  if (variable.name === YEAR) lines.push(`TIMEVAL(${name})=TLIST(A1),${codes}`);
  lines.push(`CODES(${name})=${codes}`, `VARIABLE-TYPE(${name})="${PX_TYPES[variable.name] ?? "V"}"`);
  if (variable.name === REGION) {
    lines.push(`MAP(${name})="${variable.codes.some((code) => code.length === 4) ? "kommun" : "lan"}"`);
  }
  return lines;
}

/** Of which years the table's figures are, as the published file has it. */
function period(cube) {
  const years = cube.variable(YEAR).codes;
  return years.length === 1 ? years[0] : `${years[0]}\u2013${years[years.length - 1]}`;
}

function pxMeasure(cube, place, fewest, moment) {
  const measure = cube.measures[place];
  const label = quoted(cube.variable(MEASURE).labels[place]);
  const name = quoted(cube.variable(MEASURE).label);
  const precision = measure.decimals > fewest ? [`PRECISION(${name},${label})=${measure.decimals}`] : [];
  return [...precision, `LAST-UPDATED(${label})="${moment}"`, `UNITS(${label})=${quoted(measure.unit)}`, `REFPERIOD(${label})=${quoted(period(cube))}`, `VALUENOTE(${name},${label})=${quoted(measure.definition)}`];
}

function pxData({ cube, chosen, query }) {
  const across = headsOf(query.columns, chosen, cube);
  return headsOf(query.rows, chosen, cube).map((row) =>
    across
      .map((column) => {
        const at = row.offset + column.offset;
        const cell = cube.cells[at];
        if (cell === NIL) return '"-"';
        return typeof cell === "number" ? cell.toFixed(cube.measureAt(at).decimals) : `"${DOTS[cell]}"`;
      })
      .join(" "),
  );
}
