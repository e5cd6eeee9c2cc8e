// Lines and bars of the same selection as the table, with the same numbers.

const MOST_LINES = 8;
const MOST_GROUPS = 4;
const MOST_BARS = 40;
const LETTERS = "abcdefgh";
const DASHES = ["", "7 3", "2 3", "10 3 2 3", "", "7 3", "2 3", "10 3 2 3"];

/** Even steps from zero, or near the least value, to beyond the greatest. */
function ticksOf(least, greatest, wanted = 5) {
  const span = greatest - least || Math.abs(greatest) || 1;
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const ticks = [];
  for (let number = Math.floor(least / step); (number - 1) * step < greatest; number += 1) ticks.push(number * step);
  return ticks;
}

/** The variable along which lines run: the years, or the months of one year. */
function alongOf({ chosen }) {
  return [YEAR, "month"].find((name) => chosen[name] && chosen[name].length > 1) || null;
}

/** Lines, or groups of bars: the combinations of the variables that are not along, of the measures with one unit. */
function seriesOf(layout, along, most) {
  const { cube, chosen } = layout;
  const unit = cube.measures[chosen[MEASURE][0]].unit;
  const places = { ...chosen, [MEASURE]: chosen[MEASURE].filter((place) => cube.measures[place].unit === unit) };
  const others = cube.variables.map((variable) => variable.name).filter((name) => name !== along);
  const several = others.filter((name) => places[name].length > 1);
  const base = others.filter((name) => !several.includes(name)).reduce((sum, name) => sum + cube.offset(name, places[name][0]), 0);
  const all = headsOf(several, places, cube).map((head) => ({
    label: head.places.map((place, number) => cube.variable(several[number]).labels[place]).join(", ") || cube.variable(MEASURE).labels[places[MEASURE][0]],
    offset: base + head.offset,
  }));
  const notes = [];
  if (all.length > most) notes.push(say("chart.first", { shown: written(most), count: written(all.length) }));
  if (places[MEASURE].length < chosen[MEASURE].length) notes.push(say("chart.one-unit", { unit }));
  return { unit, measure: cube.measures[places[MEASURE][0]], series: all.slice(0, most), notes };
}

/** The line chart of a layout: markup, notes, and what it is in words; or why there is none. */
function lineChart(layout) {
  const along = alongOf(layout);
  if (along === null) return { why: say("chart.no-line") };
  const { cube, chosen } = layout;
  const places = along === "month" ? chosen.month.filter((place) => place !== cube.variable("month").total) : chosen[along];
  const { unit, measure, series, notes } = seriesOf(layout, along, MOST_LINES);
  const cells = series.map((one) => places.map((place) => cube.cells[one.offset + cube.offset(along, place)]));
  const values = cells.flat().map(asNumber).filter((value) => value !== null);
  if (values.length === 0) return { why: say("chart.no-figures") };
  const ticks = ticksOf(Math.min(0, ...values), Math.max(...values));
  const wide = chartWidth();
  const high = 380, left = 74, right = 20, top = 34, bottom = 44;
  const x = (number) => left + ((wide - left - right) * (places.length === 1 ? 0.5 : number / (places.length - 1)));
  const y = (value) => high - bottom - ((high - top - bottom) * (value - ticks[0])) / (ticks[ticks.length - 1] - ticks[0]);
  const drawn = [axes(ticks, measure, unit, { wide, left, right, y })];
  places.forEach((place, number) => {
    if (number % Math.ceil((places.length * 52) / (wide - left - right))) return;
    drawn.push(`<text x="${x(number)}" y="${high - bottom + 22}" text-anchor="middle">${escaped(cube.variable(along).labels[place].slice(0, along === YEAR ? 9 : 3))}</text>`);
  });
  drawn.push(breakMarkup(layout, along, places, x, top, high - bottom, notes));
  series.forEach((one, number) => drawn.push(lineMarkup(layout, one, number, cells[number], places, along, measure, x, y)));
  return {
    markup: svg(wide, high, drawn.join(""), lineInWords(layout, series, unit)),
    legend: series.length > 1 ? series.map((one, number) => ({ label: one.label, letter: LETTERS[number], dash: DASHES[number] })) : [],
    notes,
  };
}

function lineInWords(layout, series, unit) {
  return say("chart.line-words", { title: layout.cube.title, unit, series: series.map((one) => one.label).join("; ") });
}

function asNumber(cell) {
  if (cell === NIL) return 0;
  return typeof cell === "number" ? cell : null;
}

function axes(ticks, measure, unit, { wide, left, right, y }) {
  const decimals = ticks.some((tick) => tick % 1 !== 0) ? Math.max(1, measure.decimals) : 0;
  const lines = ticks.map(
    (tick) =>
      `<line class="grid" x1="${left}" x2="${wide - right}" y1="${y(tick)}" y2="${y(tick)}"/><text x="${left - 8}" y="${y(tick) + 5}" text-anchor="end">${written(tick, decimals)}</text>`,
  );
  return `<text x="4" y="16">${escaped(unit)}</text>${lines.join("")}`;
}

/** One line, broken where there is no figure, with a point and its number at each. */
function lineMarkup(layout, one, number, cells, places, along, measure, x, y) {
  const parts = [];
  let path = "";
  cells.forEach((cell, at) => {
    const value = asNumber(cell);
    if (value === null) return;
    const joined = at > 0 && asNumber(cells[at - 1]) !== null;
    path += `${joined ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    const label = layout.cube.variable(along).labels[places[at]];
    parts.push(`<circle class="point-${LETTERS[number]}" cx="${x(at).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3.5"><title>${escaped(`${one.label}, ${label}: ${shown(cell, measure)}`)}</title></circle>`);
  });
  return `<path class="line-${LETTERS[number]}" stroke-dasharray="${DASHES[number]}" d="${path}"/>${parts.join("")}`;
}

/** Where the way of reporting changed between two years that are shown. */
function breakMarkup(layout, along, places, x, top, bottom, notes) {
  const { cube } = layout;
  if (along !== YEAR || !cube.break) return "";
  const after = places.findIndex((place) => cube.variable(YEAR).codes[place] >= String(cube.break));
  if (after < 1) return "";
  notes.push(say("chart.break", { year: cube.break }));
  const middle = (x(after - 1) + x(after)) / 2;
  return `<line class="break" x1="${middle}" x2="${middle}" y1="${top}" y2="${bottom}"/>`;
}

/** The bar chart of a layout: its rows from top to bottom, its columns as groups. */
function barChart(layout) {
  const { cube, rows } = layout;
  const unit = cube.measures[layout.chosen[MEASURE][0]].unit;
  const ofUnit = (row, column) => cube.measureAt(row.offset + column.offset).unit === unit;
  const down = layout.down.filter((row) => layout.across.some((column) => ofUnit(row, column)));
  const across = layout.across.filter((column) => ofUnit(down[0], column));
  const bars = down.slice(0, MOST_BARS);
  const groups = across.slice(0, MOST_GROUPS);
  const values = bars.flatMap((row) => groups.map((column) => asNumber(cellAt(layout, row, column)))).filter((value) => value !== null);
  if (values.length === 0) return { why: say("chart.no-figures") };
  const notes = [];
  if (bars.length < down.length) notes.push(say("chart.first", { shown: written(bars.length), count: written(down.length) }));
  if (groups.length < across.length) notes.push(say("chart.first", { shown: written(groups.length), count: written(across.length) }));
  if (down.length < layout.down.length || across.length < layout.across.length) notes.push(say("chart.one-unit", { unit }));
  const ticks = ticksOf(Math.min(0, ...values), Math.max(...values));
  const wide = chartWidth();
  const left = Math.min(250, Math.round(wide * 0.4));
  const right = 78, top = 34, thick = groups.length > 1 ? 15 : 18, gap = 9;
  const each = thick * groups.length + gap;
  const high = top + bars.length * each + 12;
  const x = (value) => left + ((wide - left - right) * (value - ticks[0])) / (ticks[ticks.length - 1] - ticks[0]);
  const drawn = [`<line class="grid" x1="${x(0)}" x2="${x(0)}" y1="${top - 6}" y2="${high - 8}"/>`];
  drawn.push(`<text x="4" y="16">${escaped(unit)}</text>`);
  bars.forEach((row, number) => {
    const at = top + number * each;
    const label = row.places.map((place, level) => cube.variable(rows[level]).labels[place]).join(", ");
    drawn.push(`<text class="bar-label" x="${left - 8}" y="${at + (each - gap) / 2 + 5}" text-anchor="end">${escaped(shortened(label, left))}<title>${escaped(label)}</title></text>`);
    groups.forEach((column, group) => drawn.push(barMarkup(layout, row, column, group, at + group * thick, thick, x)));
  });
  const legend = groups.map((column, number) => ({
    label: column.places.map((place, level) => labelOf(layout.columns[level], place, cube)).join(", "),
    letter: LETTERS[number],
    dash: null,
  }));
  const said = say("chart.bar-words", { title: cube.title, unit, count: written(bars.length) });
  return { markup: svg(wide, high, drawn.join(""), said), legend: groups.length > 1 ? legend : [], notes };
}

function barMarkup(layout, row, column, group, at, thick, x) {
  const cell = cellAt(layout, row, column);
  const value = asNumber(cell);
  const measure = layout.cube.measureAt(row.offset + column.offset);
  const from = Math.min(x(0), x(value || 0));
  const length = Math.abs(x(value || 0) - x(0));
  const partly = typeof cell === "number" && layout.cube.isPartly(row.offset + column.offset) ? "*" : "";
  const bar = value === null ? "" : `<rect class="bar-${LETTERS[group]}" x="${from.toFixed(1)}" y="${at}" width="${length.toFixed(1)}" height="${thick - 2}"/>`;
  return `${bar}<text x="${(Math.max(from + length, x(0)) + 6).toFixed(1)}" y="${at + thick - 4}">${escaped(shown(cell, measure))}${partly}</text>`;
}

/** A label that has room in so many units. */
function shortened(label, room) {
  const most = Math.floor(room / 8.4);
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}

/** As many units as there are pixels, so that letters are as large on a telephone as on a wide screen. */
function chartWidth() {
  return Math.min(900, Math.max(280, document.getElementById("result").clientWidth));
}

function svg(wide, high, drawn, said) {
  return `<svg viewBox="0 0 ${wide} ${high.toFixed(0)}" preserveAspectRatio="xMinYMin" role="img" aria-label="${escaped(said)}">${drawn}</svg>`;
}
