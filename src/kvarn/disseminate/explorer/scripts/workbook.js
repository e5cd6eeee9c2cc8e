// The selection as XLSX: a zip of stored parts, written here, without a clock, so that the same selection gives the same bytes.

const CRC = Array.from({ length: 256 }, (_, number) => {
  let value = number;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crcOf(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** So many bytes of numbers, the lowest first: [number, bytes], … */
function littleEndian(...fields) {
  return fields.flatMap(([number, bytes]) => Array.from({ length: bytes }, (_, at) => (number >>> (8 * at)) & 0xff));
}

// The first day that a zip can have.
const DAY = 0x21;
const UTF8 = 0x800;

/** A zip of texts by their names, each stored as it is. */
function zipped(parts) {
  const pieces = [];
  const listed = [];
  let at = 0;
  for (const [name, text] of Object.entries(parts)) {
    const [title, bytes] = [name, text].map((one) => new TextEncoder().encode(one));
    const told = littleEndian([20, 2], [UTF8, 2], [0, 2], [0, 2], [DAY, 2], [crcOf(bytes), 4], [bytes.length, 4], [bytes.length, 4], [title.length, 2], [0, 2]);
    const head = new Uint8Array([...littleEndian([0x04034b50, 4]), ...told, ...title]);
    listed.push(new Uint8Array([...littleEndian([0x02014b50, 4], [20, 2]), ...told, ...littleEndian([0, 2], [0, 2], [0, 2], [0, 4], [at, 4]), ...title]));
    pieces.push(head, bytes);
    at += head.length + bytes.length;
  }
  const size = listed.reduce((sum, one) => sum + one.length, 0);
  const end = littleEndian([0x06054b50, 4], [0, 2], [0, 2], [listed.length, 2], [listed.length, 2], [size, 4], [at, 4], [0, 2]);
  return new Blob([...pieces, ...listed, new Uint8Array(end)], { type: XLSX });
}

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
// Styles: plain, bold, and numbers with none to three decimals from there on.
const [PLAIN, BOLD, NUMBERS] = [0, 1, 2];
const FORMATS = ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000"];

function columnName(number) {
  return number < 26 ? String.fromCharCode(65 + number) : columnName(Math.floor(number / 26) - 1) + columnName(number % 26);
}

/** One sheet: rows of texts and of {number, decimals}; `heads` is how many rows are bold, from `from` on. */
function sheetOf(rows, { from, heads, frozen }) {
  const written = rows.map((row, number) => {
    const bold = number === 0 || (number >= from && number < from + heads);
    const cells = row.map((cell, at) => {
      const place = `${columnName(at)}${number + 1}`;
      if (cell === "") return "";
      if (typeof cell === "object") return `<c r="${place}" s="${NUMBERS + Math.min(cell.decimals, 3)}"><v>${cell.number}</v></c>`;
      return `<c r="${place}" t="inlineStr" s="${bold ? BOLD : PLAIN}"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
    });
    return `<row r="${number + 1}">${cells.join("")}</row>`;
  });
  const top = from + heads;
  const pane = `<pane${frozen ? ` xSplit="${frozen}"` : ""} ySplit="${top}" topLeftCell="${columnName(frozen)}${top + 1}" state="frozen"/>`;
  const wide = Math.max(...rows.map((row) => row.length));
  return `${DECLARED}<worksheet xmlns="${SHEETS}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews><cols><col min="1" max="${wide}" width="18" customWidth="1"/></cols><sheetData>${written.join("")}</sheetData></worksheet>`;
}

function stylesOf() {
  const formats = FORMATS.map((format, number) => `<numFmt numFmtId="${164 + number}" formatCode="${format}"/>`).join("");
  const numbers = FORMATS.map((_, number) => `<xf numFmtId="${164 + number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`).join("");
  const font = (bold) => `<font>${bold}<sz val="11"/><name val="Calibri"/></font>`;
  return `${DECLARED}<styleSheet xmlns="${SHEETS}"><numFmts count="4">${formats}</numFmts><fonts count="2">${font("")}${font("<b/>")}</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>${numbers}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
}

/** The rows of the sheet that looks as the table on the page does, with what has to be said below it. */
function pivotedRows(layout) {
  const { cube, rows, columns, across, down } = layout;
  const found = [[cube.title], ...edition.notices.map((notice) => [notice]), ...fixedInWords(layout).map((said) => [said]), []];
  const from = found.length;
  const corner = rows.map((name) => cube.variable(name).label);
  const levels = columns.length ? columns : [null];
  levels.forEach((name, level) => {
    const labels = across.map((head) => (name === null ? say("table.value") : labelOf(name, head.places[level], cube)));
    found.push([...(level === levels.length - 1 ? corner : corner.map(() => "")), ...labels]);
  });
  for (const row of down) {
    const labels = rows.map((name, level) => labelOf(name, row.places[level], cube));
    found.push([...labels, ...across.map((column) => bookCell(cube, row.offset + column.offset))]);
  }
  found.push([], ...notesOf(layout).slice(edition.notices.length).map((said) => [said]), [edition.source], [layout.address || ""]);
  return { found, from, heads: levels.length, frozen: rows.length };
}

function bookCell(cube, at) {
  const cell = cube.cells[at];
  return typeof cell === "number" ? { number: cell, decimals: cube.measureAt(at).decimals } : cell;
}

/** The rows of the sheet with one row a cell, codes and labels beside one another. */
function longRows(layout) {
  const { head, rows } = longForm(layout);
  const value = head.indexOf("value");
  const numbers = rows.map((row) =>
    row.map((text, at) => (at === value && text !== "" ? { number: text, decimals: (text.split(".")[1] || "").length } : text)),
  );
  return [[layout.cube.title], ...edition.notices.map((notice) => [notice]), [], head, ...numbers];
}

function workbookOf(layout) {
  const { found, from, heads, frozen } = pivotedRows(layout);
  const long = longRows(layout);
  const names = [say("workbook.table"), say("workbook.rows")];
  const sheets = names.map((name, number) => `<sheet name="${escaped(name)}" sheetId="${number + 1}" r:id="r${number + 1}"/>`).join("");
  const part = (name, type) => `<Override PartName="${name}" ContentType="${TYPES}.${type}+xml"/>`;
  const related = (id, type, target) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  const relations = (inside) => `${DECLARED}<Relationships xmlns="${PACKAGE}/relationships">${inside}</Relationships>`;
  return zipped({
    "[Content_Types].xml": `${DECLARED}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${part("/xl/workbook.xml", "sheet.main")}${part("/xl/worksheets/a.xml", "worksheet")}${part("/xl/worksheets/b.xml", "worksheet")}${part("/xl/styles.xml", "styles")}</Types>`,
    "_rels/.rels": relations(related("r1", "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": `${DECLARED}<workbook xmlns="${SHEETS}" xmlns:r="${OFFICE}"><sheets>${sheets}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relations(related("r1", "worksheet", "worksheets/a.xml") + related("r2", "worksheet", "worksheets/b.xml") + related("r3", "styles", "styles.xml")),
    "xl/worksheets/a.xml": sheetOf(found, { from, heads, frozen }),
    "xl/worksheets/b.xml": sheetOf(long, { from: long.findIndex((row) => row.includes("value")), heads: 1, frozen: 0 }),
    "xl/styles.xml": stylesOf(),
  });
}
