// How a query lies as rows and columns: which combinations of categories head them, and where their cells are.

/** The layout of a query, or null where a variable has nothing chosen. */
function layoutOf(query, cube) {
  const chosen = chosenOf(query, cube);
  if (Object.values(chosen).some((places) => places.length === 0)) return null;
  const several = (names) => names.filter((name) => chosen[name].length > 1);
  let rows = several(query.rows);
  let columns = several(query.columns);
  if (rows.length === 0) {
    const single = query.rows[query.rows.length - 1];
    if (single !== undefined) rows = [single];
    else [rows, columns] = columns.length ? [[columns[0]], columns.slice(1)] : [[MEASURE], []];
  }
  const fixed = cube.variables.map((variable) => variable.name).filter((name) => !rows.includes(name) && !columns.includes(name));
  const base = fixed.reduce((sum, name) => sum + cube.offset(name, chosen[name][0]), 0);
  const across = headsOf(columns, chosen, cube);
  const down = headsOf(rows, chosen, cube).map((head) => ({ ...head, offset: head.offset + base }));
  const layout = { query, cube, chosen, rows, columns, fixed, across, down };
  return { ...layout, down: ordered(layout) };
}

/** The combinations of some variables' chosen categories: their places, what they add to a cell's place, their key. */
function headsOf(names, chosen, cube) {
  return product(names.map((name) => chosen[name])).map((places) => ({
    places,
    offset: places.reduce((sum, place, number) => sum + cube.offset(names[number], place), 0),
    key: places.map((place, number) => cube.variable(names[number]).codes[place]).join("."),
  }));
}

/** The rows as the query sorts them by a column, and the first of them; what has no number comes last. */
function ordered({ query, cube, across, down }) {
  if (query.sort === null && !query.top) return down;
  const by = across.find((column) => query.sort && column.key === query.sort.by) || across[across.length - 1];
  const way = query.sort && query.sort.way === "up" ? 1 : -1;
  const value = (row) => {
    const cell = cube.cells[row.offset + by.offset];
    return cell === NIL ? 0 : cell;
  };
  const numbers = down.filter((row) => typeof value(row) === "number").sort((one, other) => way * (value(one) - value(other)));
  const others = down.filter((row) => typeof value(row) !== "number");
  const sorted = [...numbers, ...others];
  return query.top ? sorted.slice(0, query.top) : sorted;
}

/** The cell where a row and a column meet. */
function cellAt({ cube }, row, column) {
  return cube.cells[row.offset + column.offset];
}

/** How many cells a layout has. */
function sizeOf(layout) {
  return layout === null ? 0 : layout.down.length * layout.across.length;
}

/** What a heading says: categories by their labels, measures with their units where several stand side by side. */
function labelOf(name, place, cube) {
  const label = cube.variable(name).labels[place];
  return name === MEASURE ? `${label} (${cube.measures[place].unit})` : label;
}

/** What the fixed variables are, in words, the measure with its unit first. */
function fixedInWords({ cube, chosen, fixed }) {
  const measure = fixed.includes(MEASURE) ? [labelOf(MEASURE, chosen[MEASURE][0], cube)] : [];
  const others = fixed.filter((name) => name !== MEASURE);
  return [...measure, ...others.map((name) => `${cube.variable(name).label}: ${cube.variable(name).labels[chosen[name][0]]}`)];
}

/** The symbols that stand in a layout's cells, each once, in the order in which they are explained; and whether one is partly. */
function symbolsIn(layout) {
  layout.symbols ??= foundIn(layout);
  return layout.symbols;
}

function foundIn(layout) {
  const found = new Set();
  let partly = false;
  for (const row of layout.down) {
    for (const column of layout.across) {
      const at = row.offset + column.offset;
      const cell = layout.cube.cells[at];
      if (typeof cell === "string") found.add(cell);
      else if (!partly && layout.cube.isPartly(at)) partly = true;
    }
  }
  return { symbols: Object.keys(edition.symbols).filter((symbol) => found.has(symbol)), partly };
}

/** Every chosen cell, in the order of the table: its places by variable, and what stands in it. */
function* cellsOf({ cube, chosen }) {
  const lists = cube.variables.map((variable) => chosen[variable.name]);
  for (const places of product(lists)) {
    const at = places.reduce((sum, place, number) => sum + cube.offset(cube.variables[number].name, place), 0);
    yield { places, cell: cube.cells[at], measure: cube.measures[places[places.length - 1]], at };
  }
}
