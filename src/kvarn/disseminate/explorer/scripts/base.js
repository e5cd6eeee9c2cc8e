// What every other part stands on: the page's own data blocks, its words, elements, numbers as they are written.

const NO_BREAK_SPACE = "\u00a0";

/** What stands in a block of data of the page, read when it is asked for. */
function block(id) {
  const found = document.getElementById(id);
  return found === null ? null : JSON.parse(found.textContent);
}

const words = block("words");
const edition = block("edition");
const language = document.documentElement.lang;

/** Words of the page, with {name} filled in. */
function say(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** One word for one, another for several: key.one and key.other. */
function sayCount(key, count, values = {}) {
  return say(`${key}.${count === 1 ? "one" : "other"}`, { count: written(count), ...values });
}

/** An element with attributes, handlers of events (onclick, …) and children. */
function make(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}

/** Text whose numbers do not break over two lines. */
function unbroken(text) {
  return text.replace(/(\d) (?=\d{3}\b)/g, `$1${NO_BREAK_SPACE}`);
}

/** Text as it may stand in markup. */
function escaped(text) {
  return String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
}

/** A number as the language writes it, with a measure's decimals. */
function written(value, decimals = 0) {
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split(".");
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, language === "sv" ? NO_BREAK_SPACE : ",");
  const text = fraction === undefined ? thousands : `${thousands}${language === "sv" ? "," : "."}${fraction}`;
  return value < 0 ? `\u2212${text}` : text;
}

/** A cell as people read it: the number with its measure's decimals, or the symbol in its place. */
function shown(cell, measure) {
  return typeof cell === "number" ? written(cell, measure.decimals) : cell;
}

/** A cell as programs read it: the number with its decimals, which of nil is zero, or nothing. */
function plainNumber(cell, measure) {
  if (cell === NIL) return (0).toFixed(measure.decimals);
  return typeof cell === "number" ? cell.toFixed(measure.decimals) : "";
}

/** The symbol of what is not published; nil is the number zero to programs. */
function statusOf(cell) {
  return typeof cell === "number" || cell === NIL ? "" : cell;
}

/** All combinations of lists, the last fastest. */
function product(lists) {
  return lists.reduce((found, list) => found.flatMap((one) => list.map((item) => [...one, item])), [[]]);
}

/** Say something to who listens to the page instead of seeing it. */
function announce(text) {
  document.getElementById("announced").textContent = text;
}
