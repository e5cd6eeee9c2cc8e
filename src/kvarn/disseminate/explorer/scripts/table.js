// The table on the page: heads of rows and columns for readers and screen readers, symbols in words, one page of rows at a time.

// More at once would take longer to lay out than a reader waits without noticing.
const CELLS_AT_ONCE = 600;
const [FEWEST_ROWS, MOST_ROWS] = [20, 100];
const COLUMNS_AT_ONCE = 30;

/** The table of a layout as markup; `start` is the first row shown. */
function tableMarkup(layout, start) {
  const across = layout.across.slice(0, COLUMNS_AT_ONCE);
  const down = layout.down.slice(start, start + rowsAtOnce(layout));
  return `<table><caption class="unseen">${escaped([layout.cube.title, ...fixedInWords(layout)].join(". "))}</caption><thead>${headMarkup(layout, across)}</thead><tbody>${down
    .map((row, number) => rowMarkup(layout, row, across, rowHeads(layout, down, number)))
    .join("")}</tbody></table>`;
}

function rowsAtOnce(layout) {
  const columns = Math.min(layout.across.length, COLUMNS_AT_ONCE) + layout.rows.length;
  return Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.floor(CELLS_AT_ONCE / columns / 10) * 10));
}

/** The rows of the head: one a variable of the columns; what heads the rows stands in the last. */
function headMarkup(layout, across) {
  const { cube, columns, rows } = layout;
  const corners = rows.map((name) => `<th scope="col" class="corner">${escaped(cube.variable(name).label)}</th>`).join("");
  if (columns.length === 0) return `<tr>${corners}${columnHead(layout, across[0], escaped(say("table.value")))}</tr>`;
  return columns
    .map((name, level) => {
      const last = level === columns.length - 1;
      const before = last ? corners : `<td colspan="${rows.length}" class="corner"></td>`;
      const heads = runs(across, level).map(({ head, length }) => {
        const label = escaped(labelOf(name, head.places[level], cube));
        return last ? columnHead(layout, head, label) : `<th scope="colgroup" colspan="${length}">${label}</th>`;
      });
      return `<tr>${before}${heads.join("")}</tr>`;
    })
    .join("");
}

/** A head of one column, with the button that sorts the rows by it. */
function columnHead(layout, head, label) {
  const { sort } = layout.query;
  const sorted = sort !== null && sort.by === head.key;
  const state = sorted ? ` aria-sort="${sort.way === "up" ? "ascending" : "descending"}"` : "";
  const sign = sorted ? (sort.way === "up" ? "▲" : "▼") : "↕";
  const does = escaped(say("table.sort"));
  return `<th scope="col"${state}><button type="button" class="sort" data-sort="${escaped(head.key)}" title="${does}">${label}<span class="sign" aria-hidden="true"> ${sign}</span><span class="unseen">, ${does}</span></button></th>`;
}

/** Neighbours that have the same categories down to a level, as one head each. */
function runs(heads, level) {
  const found = [];
  for (const head of heads) {
    const before = found[found.length - 1];
    const same = before && head.places.slice(0, level + 1).every((place, number) => before.head.places[number] === place);
    if (same) before.length += 1;
    else found.push({ head, length: 1 });
  }
  return found;
}

/** Which heads a row has of its own, and over how many rows each stands: sorted rows have all their heads. */
function rowHeads({ query, rows }, down, number) {
  if (query.sort !== null || query.top) return rows.map(() => 1);
  const same = (one, other, level) => down[one].places.slice(0, level + 1).every((place, at) => down[other].places[at] === place);
  return rows.map((_, level) => {
    if (level === rows.length - 1) return 1;
    if (number > 0 && same(number, number - 1, level)) return 0;
    let length = 1;
    while (number + length < down.length && same(number, number + length, level)) length += 1;
    return length;
  });
}

function rowMarkup(layout, row, across, spans) {
  const { cube, rows } = layout;
  const heads = rows.map((name, level) => {
    if (spans[level] === 0) return "";
    const last = level === rows.length - 1;
    const span = spans[level] > 1 ? ` rowspan="${spans[level]}"` : "";
    const depth = Math.min(cube.variable(name).depths[row.places[level]], 4);
    return `<th scope="${last ? "row" : "rowgroup"}"${span} class="depth-${"abcde"[depth]}">${escaped(labelOf(name, row.places[level], cube))}</th>`;
  });
  const cells = across.map((column) => cellMarkup(layout, row.offset + column.offset));
  return `<tr>${heads.join("")}${cells.join("")}</tr>`;
}

function cellMarkup({ cube }, at) {
  const cell = cube.cells[at];
  if (typeof cell === "string") {
    const meaning = escaped(edition.symbols[cell]);
    return `<td class="symbol" title="${meaning}"><span aria-hidden="true">${escaped(cell)}</span><span class="unseen">${meaning}</span></td>`;
  }
  const text = written(cell, cube.measureAt(at).decimals);
  if (!cube.isPartly(at)) return `<td>${text}</td>`;
  const partly = escaped(say("table.partly"));
  return `<td title="${partly}">${text}<span aria-hidden="true">*</span><span class="unseen"> (${partly})</span></td>`;
}

/** What stands below a table: which rows are shown, and how to come to the others. */
function pagesOf(layout, start, go) {
  const size = rowsAtOnce(layout);
  const last = Math.min(start + size, layout.down.length);
  const parts = [];
  if (layout.down.length > size) {
    const values = { first: written(start + 1), last: written(last), count: written(layout.down.length) };
    parts.push(make("span", {}, say("table.rows-shown", values)));
    const button = (to, key, off) =>
      make("button", { type: "button", disabled: off, "data-focus": key, onclick: () => go(to) }, say(key));
    parts.push(button(start - size, "table.previous", start === 0), button(start + size, "table.next", last === layout.down.length));
  }
  if (layout.across.length > COLUMNS_AT_ONCE) {
    const values = { shown: written(COLUMNS_AT_ONCE), count: written(layout.across.length) };
    parts.push(make("span", {}, say("table.columns-shown", values)));
  }
  return parts;
}
