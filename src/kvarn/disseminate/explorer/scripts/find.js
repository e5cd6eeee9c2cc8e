// Finding a table by words: its title, variables, measures and categories; the categories that were named are chosen at once.

const LEFT_OUT = new Set(words["find.left-out"].split(" "));
const LATEST = new Set(words["find.latest"].split(" "));
const BETWEEN = new RegExp(`\\b(\\d{4})\\s*(?:[-–]|${words["find.until"].split(" ").join("|")})\\s*(\\d{4})\\b`, "u");

/** Letters without case and accents, so that who has no Swedish keyboard finds Skane too. */
function folded(text) {
  return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
}

function tokensOf(text) {
  const together = folded(text).replace(/(\d)[ \u00a0,](?=\d{3}(?!\d))/g, "$1");
  return (together.match(/[\p{L}\p{N}]+\+?/gu) || []).filter((token) => !LEFT_OUT.has(token));
}

const searched = new Map();

/** What of a table is searched: the words of its title, of each variable, category and named level; made when first asked for. */
function searchable(id) {
  if (!searched.has(id)) {
    const cube = cubeOf(id);
    const named = cube.variables.map((variable) => ({
      variable,
      name: tokensOf(variable.label),
      categories: variable.labels.map((label) => tokensOf(label)),
      codes: variable.codes.map((code) => folded(code)),
      levels: levelWords(variable),
    }));
    const all = new Set(named.flatMap(({ name, categories, levels }) => [...name, ...categories.flat(), ...levels.keys()]));
    searched.set(id, { cube, title: tokensOf(cube.title), named, all: [...all] });
  }
  return searched.get(id);
}

/** The words for the levels of a hierarchy that have a name, such as counties, each with its number. */
function levelWords(variable) {
  const found = new Map();
  for (let level = 1; level < variable.levels; level += 1) {
    for (const word of tokensOf(levelName(variable, level) || "")) found.set(word, level + 1);
  }
  return found;
}

/** The tables that have every word of a search, those with most in their title first, each with the query that it opens with. */
function find(text) {
  const range = BETWEEN.exec(text);
  const given = tokensOf(range === null ? text : text.replace(BETWEEN, " "));
  return tableIds()
    .map((id) => match(searchable(id), given, range))
    .filter((found) => found !== null)
    .sort((one, other) => other.score - one.score);
}

/** What a table has of a search: the categories that it names, and a score; null where a word is not there. */
function match({ cube, title, named, all }, given, range) {
  const hits = {};
  let score = 0;
  if (range !== null) {
    hits[YEAR] = [`RANGE(${range[1]},${range[2]})`];
    score = cube.variable(YEAR).resolve(hits[YEAR]).length;
    if (score === 0) return null;
  }
  for (const token of given) {
    if (LATEST.has(token)) {
      hits[YEAR] = ["TOP(1)"];
      continue;
    }
    const inTitle = title.some((word) => word.startsWith(token));
    const coded = named.some(({ codes }) => token.length > 1 && codes.includes(token));
    if (!inTitle && !coded && !all.some((word) => word.startsWith(token))) return null;
    score += inTitle ? 3 : 1;
  }
  const years = new Set(cube.variable(YEAR).codes);
  for (const one of named) {
    const terms = termsNamed(one, one.variable.name === YEAR ? given : given.filter((token) => !years.has(token)));
    if (terms.length && !hits[one.variable.name]) hits[one.variable.name] = terms;
  }
  return { cube, hits, score };
}

/** The categories of a variable that a search names: by all words of a label or by a code, by a level, or all by its name. */
function termsNamed({ variable, name, categories, codes, levels }, given) {
  const has = (word) => given.includes(word);
  const labelled = (same) => variable.codes.filter((_, place) => categories[place].length > 0 && categories[place].every(same));
  const exactly = variable.codes.filter((_, place) => codes[place].length > 1 && has(codes[place]));
  const found = [...new Set([...labelled(has), ...exactly])];
  if (found.length) return found;
  const nearly = labelled((word) => has(word) || given.some((one) => isNear(one, word)));
  if (nearly.length) return nearly;
  const level = given.find((token) => levels.has(token));
  if (level !== undefined) return [`LEVEL(${levels.get(level)})`];
  return variable.total >= 0 && name.some(has) ? [`CHILDREN(${variable.codes[variable.total]})`] : [];
}

/** Whether a word is the other but for an s at its end: Stockholm and Stockholms. */
function isNear(one, other) {
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
