// The map of municipalities, of the same selection as the table: classes of about equal size, symbols by patterns.

const CLASSES = 5;
const CLASS_LETTERS = "abcde";

/** Limits between classes of about as many regions, as whole numbers; fewer where many values are alike. */
function classLimits(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const limits = new Set();
  for (let number = 1; number < CLASSES; number += 1) {
    const at = ((sorted.length - 1) * number) / CLASSES;
    const low = Math.floor(at);
    const between = sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
    const limit = Math.round(between);
    if (sorted[0] < limit && limit <= sorted[sorted.length - 1]) limits.add(limit);
  }
  return [...limits].sort((one, other) => one - other);
}

/** What a map can show one at a time: the combinations of everything but the region. */
function partsOf(layout) {
  const { cube, chosen } = layout;
  const names = cube.variables.map((variable) => variable.name).filter((name) => name !== REGION);
  const several = names.filter((name) => chosen[name].length > 1);
  const base = names.filter((name) => !several.includes(name)).reduce((sum, name) => sum + cube.offset(name, chosen[name][0]), 0);
  return headsOf(several, chosen, cube).map((head) => ({
    key: head.key,
    label: head.places.map((place, number) => cube.variable(several[number]).labels[place]).join(", "),
    offset: base + head.offset,
  }));
}

/** The map of a layout; or why there is none. */
function mapChart(layout) {
  const outlines = block("map");
  const { cube, chosen, query } = layout;
  if (outlines === null || !cube.variable(REGION)) return { why: say("chart.no-region") };
  const region = cube.variable(REGION);
  const level = chosen[REGION].some((place) => region.codes[place].length === 4) ? 4 : 2;
  const places = chosen[REGION].filter((place) => region.codes[place].length === level && region.codes[place] !== "00");
  if (places.length === 0) return { why: say("chart.no-region-chosen") };
  const parts = partsOf(layout);
  const part = parts.find((one) => one.key === query.shownPart) || parts[parts.length - 1];
  const at = new Map(places.map((place) => [region.codes[place], part.offset + cube.offset(REGION, place)]));
  const measure = cube.measureAt(part.offset);
  const values = [...at.values()].map((one) => asNumber(cube.cells[one])).filter((value) => value !== null);
  const limits = values.length ? classLimits(values) : [];
  const classOf = (cell) => (asNumber(cell) === null ? cell : limits.filter((limit) => asNumber(cell) >= limit).length);
  const drawn = Object.entries(outlines.paths).map(([code, path]) => {
    const own = at.get(code.slice(0, level));
    if (own === undefined) return `<path class="outside" d="${path}"/>`;
    const name = region.labels[region.places.get(code.slice(0, level))];
    const said = `${name}: ${shown(cube.cells[own], measure)}${cube.isPartly(own) ? "*" : ""}`;
    return `<path class="${classNameOf(classOf(cube.cells[own]))}" d="${path}"><title>${escaped(said)}</title></path>`;
  });
  const pattern = '<defs><pattern id="hatched" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" y2="8"/></pattern></defs>';
  const said = say("chart.map-words", { title: cube.title, part: part.label, count: written(places.length) });
  return {
    markup: svg(outlines.width, outlines.height, pattern + drawn.join(""), said),
    legend: mapLegend([...at.values()].map((one) => cube.cells[one]), limits, classOf, measure),
    notes: [],
    parts,
    part,
    measure,
  };
}

function classNameOf(found) {
  if (typeof found === "number") return `class-${CLASS_LETTERS[found]}`;
  return found === "X" ? "class-withheld" : "class-lacking";
}

/** The classes from the highest to the lowest with their number of regions, then the symbols. */
function mapLegend(cells, limits, classOf, measure) {
  const count = (wanted) => cells.filter((cell) => classOf(cell) === wanted).length;
  const number = (value) => written(value, measure.decimals);
  const values = cells.map(asNumber).filter((value) => value !== null);
  const rows = [];
  for (let at = limits.length; at >= 0 && values.length; at -= 1) {
    const lower = at === 0 ? Math.min(...values) : limits[at - 1];
    const upper = at === limits.length ? null : limits[at] - 10 ** -measure.decimals;
    const label = upper === null && at > 0 ? say("chart.above", { lower: number(lower) }) : `${number(lower)}–${number(upper ?? Math.max(...values))}`;
    rows.push({ label, name: classNameOf(at), count: count(at) });
  }
  for (const symbol of Object.keys(edition.symbols)) {
    if (symbol !== NIL && count(symbol)) rows.push({ label: `${symbol} ${edition.symbols[symbol]}`, name: classNameOf(symbol), count: count(symbol) });
  }
  return rows;
}
