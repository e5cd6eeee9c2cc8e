// A query: which table, which of its categories, how it is turned and shown. It stands in the address after #, and can be kept.

const VIEWS = ["table", "line", "bar", "map"];

/** The terms of one variable as they stand in an address: codes and expressions with commas between. */
function termsIn(text) {
  return text.match(/[A-Z]+\([^)]*\)|[^,]+/g) || [];
}

function inAddress(text) {
  return encodeURIComponent(text).replace(/%2C/g, ",").replace(/%2B/g, "+");
}

/** What a table shows before anything has been chosen: every year, the first variable by its parts, totals of the others. */
function startOf(cube, hits = {}) {
  const terms = {};
  const some = Object.keys(hits).some((name) => name !== YEAR && name !== MEASURE);
  let first = !some;
  for (const variable of cube.variables) {
    if (hits[variable.name]) terms[variable.name] = hits[variable.name];
    else if (variable.name === YEAR) terms[YEAR] = variable.codes.length > 1 ? ["*"] : ["TOP(1)"];
    else if (variable.name === MEASURE) terms[MEASURE] = [variable.codes[0]];
    else {
      const total = variable.total < 0 ? "*" : variable.codes[variable.total];
      terms[variable.name] = first && total !== "*" ? [total, `CHILDREN(${total})`] : [total];
      first = false;
    }
  }
  const columns = cube.variables.map((variable) => variable.name).filter((name) => name === YEAR || name === MEASURE);
  const rows = cube.variables.map((variable) => variable.name).filter((name) => !columns.includes(name));
  return { table: cube.id, terms, rows, columns, view: "table", sort: null, top: 0, shownPart: "" };
}

/** A query as the part of an address after #. */
function addressOf(query) {
  if (query === null) return "";
  const parts = [`table=${inAddress(query.table)}`];
  for (const [name, terms] of Object.entries(query.terms)) parts.push(`${name}=${terms.map(inAddress).join(",")}`);
  parts.push(`rows=${query.rows.join(",")}`, `columns=${query.columns.join(",")}`);
  if (query.view !== "table") parts.push(`view=${query.view}`);
  if (query.sort) parts.push(`sort=${query.sort.way}(${inAddress(query.sort.by)})`);
  if (query.top) parts.push(`top=${query.top}`);
  if (query.shownPart) parts.push(`part=${inAddress(query.shownPart)}`);
  return parts.join("&");
}

/** The query of an address, whatever stands there, and what of it this edition does not have. */
function queryOf(address) {
  const given = new Map();
  for (const part of address.replace(/^#/, "").split("&")) {
    const [name, ...rest] = part.split("=");
    if (name) given.set(name, decoded(rest.join("=")));
  }
  const missing = [];
  const id = given.get("table");
  if (id === undefined) return { query: null, missing };
  const cube = cubeOf(id);
  if (cube === null) return { query: null, missing: [id] };
  const query = startOf(cube);
  for (const variable of cube.variables) {
    if (!given.has(variable.name)) continue;
    const terms = termsIn(given.get(variable.name));
    query.terms[variable.name] = terms;
    missing.push(...terms.filter((term) => !variable.knows(term)));
  }
  placed(query, cube, given);
  if (VIEWS.includes(given.get("view"))) query.view = given.get("view");
  const sort = /^(up|down)\((.*)\)$/.exec(given.get("sort") || "");
  if (sort !== null) query.sort = { way: sort[1], by: sort[2] };
  query.top = Math.max(0, Math.floor(Number(given.get("top")) || 0));
  query.shownPart = given.get("part") || "";
  return { query, missing };
}

/** The variables of rows and columns as an address has them; one that it does not name stays where tables have it. */
function placed(query, cube, given) {
  if (!given.has("rows") && !given.has("columns")) return;
  const known = cube.variables.map((variable) => variable.name);
  const rows = [...new Set(termsIn(given.get("rows") || "").filter((name) => known.includes(name)))];
  const columns = [...new Set(termsIn(given.get("columns") || "").filter((name) => known.includes(name) && !rows.includes(name)))];
  const left = known.filter((name) => !rows.includes(name) && !columns.includes(name));
  query.columns = [...columns, ...left.filter((name) => query.columns.includes(name))];
  query.rows = [...rows, ...left.filter((name) => !query.columns.includes(name))];
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The chosen places of every variable of a query. */
function chosenOf(query, cube) {
  return Object.fromEntries(cube.variables.map((variable) => [variable.name, variable.resolve(query.terms[variable.name])]));
}
