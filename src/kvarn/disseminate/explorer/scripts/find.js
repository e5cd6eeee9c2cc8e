// Finding a table by words: its title, variables, measures and categories; the categories that were named are chosen at once.

const LEFT_OUT = new Set(words["find.left-out"].split(" "));
const LATEST = new Set(words["find.latest"].split(" "));
const BETWEEN = new RegExp(`\\b(\\d{4})\\s*(?:[-–]|${words["find.until"].split(" ").join("|")})\\s*(\\d{4})\\b`, "u");

/** Letters without case and accents, so that who has no Swedish keyboard finds Skane too. */
function folded(text) {
  return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
}

function tokensOf(text) {
  const found = folded(text).match(/[\p{L}\p{N}]+\+?/gu) || [];
  return found.filter((token) => !LEFT_OUT.has(token));
}

const searched = new Map();

/** What of a table is searched: the words of its title, and those of each category; made when first asked for. */
function searchable(id) {
  if (!searched.has(id)) {
    const cube = cubeOf(id);
    const named = cube.variables.map((variable) => ({
      variable,
      name: tokensOf(variable.label),
      categories: variable.labels.map((label) => tokensOf(label)),
    }));
    const all = new Set(named.flatMap(({ name, categories }) => [...name, ...categories.flat()]));
    searched.set(id, { cube, title: tokensOf(cube.title), named, all: [...all] });
  }
  return searched.get(id);
}

/** The tables that have every word of a search, those with most in their title first, each with the query that it opens with. */
function find(text) {
  const range = BETWEEN.exec(text);
  const rest = range === null ? text : text.replace(BETWEEN, " ");
  const given = tokensOf(rest);
  return tableIds()
    .map((id) => match(searchable(id), given, range))
    .filter((found) => found !== null)
    .sort((one, other) => other.score - one.score);
}

function match({ cube, title, named, all }, given, range) {
  const hits = {};
  let score = 0;
  if (range !== null) {
    hits[YEAR] = [`RANGE(${range[1]},${range[2]})`];
    const years = cube.variable(YEAR).resolve(hits[YEAR]).length;
    if (years === 0) return null;
    score += years;
  }
  const codes = new Map(named.map(({ variable }) => [variable, variable.codes.map((code) => folded(code))]));
  for (const token of given) {
    if (LATEST.has(token)) {
      hits[YEAR] = ["TOP(1)"];
      continue;
    }
    const inTitle = title.some((word) => word.startsWith(token));
    const coded = [...codes.values()].some((list) => token.length > 1 && list.includes(token));
    if (!inTitle && !coded && !all.some((word) => word.startsWith(token))) return null;
    score += inTitle ? 3 : 1;
  }
  for (const { variable, name, categories } of named) {
    const terms = variable.codes.filter((code, place) => isNamed(categories[place], folded(code), given, variable.name));
    const total = variable.total;
    if (terms.length) {
      if (!(variable.name === YEAR && hits[YEAR])) hits[variable.name] = terms;
    } else if (total >= 0 && name.some((word) => given.includes(word))) hits[variable.name] = [`CHILDREN(${variable.codes[total]})`];
  }
  return { cube, hits, score };
}

/** Whether a search names a category: all words of its label stand in it, or its code, where that is no mere figure. */
function isNamed(label, code, given, name) {
  if (code.length > 1 && given.includes(code)) return true;
  if (name === MEASURE) return label.length > 0 && label.every((word) => given.includes(word));
  return label.length > 0 && label.every((word) => given.includes(word) || (word.length > 5 && given.some((one) => near(one, word))));
}

/** Whether a word is the other but for an ending: Stockholm and Stockholms. */
function near(one, other) {
  return one.length > 4 && (other === `${one}s` || one === `${other}s`);
}

/** What a search has chosen, in words. */
function hitsInWords({ cube, hits }) {
  return Object.entries(hits)
    .map(([name, terms]) => `${cube.variable(name).label}: ${termsInWords(cube.variable(name), terms)}`)
    .join(" · ");
}

/** The chosen categories of a variable in words: their number, and the first of them. */
function termsInWords(variable, terms) {
  const places = variable.resolve(terms);
  if (places.length === 0) return say("choice.none");
  if (places.length === variable.codes.length && places.length > 1) return say("choice.all", { count: written(places.length) });
  if (variable.name === YEAR && places.length > 1 && places[places.length - 1] - places[0] === places.length - 1)
    return `${variable.labels[places[0]]}–${variable.labels[places[places.length - 1]]}`;
  const named = places.slice(0, 3).map((place) => variable.labels[place]);
  const more = places.length - named.length;
  return named.join(", ") + (more > 0 ? ` ${say("choice.more", { count: written(more) })}` : "");
}
