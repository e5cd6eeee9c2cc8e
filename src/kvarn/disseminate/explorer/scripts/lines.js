// Ready lines of Python and R that read the table's own file of open data and make the same selection.

/** The address of a table's file of open data, seen from the page. */
function openDataAddress(id) {
  return new URL(`../../data/${id}.csv`, location.href.split("#")[0]).href;
}

/** The address as a program opens it: a file of this machine by its path. */
function openableAddress(id) {
  const address = openDataAddress(id);
  if (!address.startsWith("file:")) return address;
  return decodeURIComponent(address.replace(/^file:\/\/(?=\/[A-Za-z]:)\/|^file:\/\//, ""));
}

/** One condition for each variable of which not everything is chosen: kept as an expression where it is one. */
function conditionsOf({ cube, query, chosen }) {
  const found = [];
  for (const variable of cube.variables) {
    const terms = query.terms[variable.name];
    if (chosen[variable.name].length === variable.codes.length && (variable.codes.length === 1 || terms.includes("*"))) continue;
    const said = terms.length === 1 ? /^(TOP|FROM)\((\d+)\)$/.exec(terms[0]) : null;
    if (said !== null) found.push({ name: variable.name, kind: said[1], value: said[2] });
    else found.push({ name: variable.name, kind: "IN", value: chosen[variable.name].map((place) => variable.codes[place]) });
  }
  return found;
}

/** Codes with commas between, in lines that are not too long. */
function codesInLines(codes, indent) {
  const lines = [""];
  for (const code of codes) {
    const piece = `"${code}"`;
    const last = lines[lines.length - 1];
    if (last.length + piece.length > 96) lines.push(piece);
    else lines[lines.length - 1] = last ? `${last}, ${piece}` : piece;
  }
  return lines.join(`,\n${indent}`);
}

function pythonOf(layout) {
  const lines = ["import pandas as pd", "", `table = pd.read_csv(${JSON.stringify(openableAddress(layout.cube.id))}, dtype=str, keep_default_na=False)`];
  for (const { name, kind, value } of conditionsOf(layout)) {
    const column = `table["${name}"]`;
    const latest = `sorted(${column}.unique())[-${value}:]`;
    const says = { TOP: `${column}.isin(${latest})`, FROM: `${column} >= "${value}"` }[kind] || `${column}.isin([${codesInLines(value, "    ")}])`;
    lines.push(`table = table[${says}]`);
  }
  lines.push('table = table.assign(value=pd.to_numeric(table["value"]))');
  return `${lines.join("\n")}\n`;
}

function rOf(layout) {
  const lines = [`table <- read.csv(${JSON.stringify(openableAddress(layout.cube.id))}, colClasses = "character", encoding = "UTF-8")`];
  for (const { name, kind, value } of conditionsOf(layout)) {
    const column = `table$${name}`;
    const latest = `tail(sort(unique(${column})), ${value})`;
    const says = { TOP: `${column} %in% ${latest}`, FROM: `${column} >= "${value}"` }[kind] || `${column} %in% c(${codesInLines(value, "  ")})`;
    lines.push(`table <- table[${says}, ]`);
  }
  lines.push("table$value <- as.numeric(table$value)");
  return `${lines.join("\n")}\n`;
}
