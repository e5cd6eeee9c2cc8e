// A table as a cube: its variables with their hierarchies, and its cells, the last variable fastest.

const MEASURE = "measure";
const YEAR = "year";
const REGION = "region";
const NIL = "–";
const MONTHS = 12;

class Variable {
  constructor(given) {
    Object.assign(this, given);
    this.places = new Map(this.codes.map((code, place) => [code, place]));
    this.children = this.codes.map(() => []);
    this.parents.forEach((parent, place) => parent >= 0 && this.children[parent].push(place));
    this.depths = this.codes.map((_, place) => this.depth(place));
    this.levels = Math.max(...this.depths) + 1;
  }

  depth(place) {
    return this.parents[place] < 0 ? 0 : this.depth(this.parents[place]) + 1;
  }

  /** The place of what stands for all the others, or -1. */
  get total() {
    const tops = this.codes.map((_, place) => place).filter((place) => this.parents[place] < 0);
    return tops.length === 1 && this.codes.length > 1 ? tops[0] : -1;
  }

  /** The places that terms stand for, in the order of the codes; terms that name nothing here are passed over. */
  resolve(terms) {
    const all = this.codes.map((_, place) => place);
    const found = new Set(terms.flatMap((term) => this.resolveOne(term, all)));
    return all.filter((place) => found.has(place));
  }

  resolveOne(term, all) {
    if (term === "*") return all;
    if (term === "LEAVES") return all.filter((place) => this.children[place].length === 0);
    const said = /^([A-Z]+)\(([^)]*)\)$/.exec(term);
    if (said === null) return this.places.has(term) ? [this.places.get(term)] : [];
    const [first, last = ""] = said[2].split(",");
    if (said[1] === "LEVEL") return all.filter((place) => this.depths[place] + 1 === Number(first));
    if (said[1] === "CHILDREN") return this.places.has(first) ? this.children[this.places.get(first)] : [];
    if (this.name !== YEAR) return [];
    if (said[1] === "TOP") return all.slice(Math.max(0, all.length - Number(first)));
    if (said[1] === "FROM") return all.filter((place) => this.codes[place] >= first);
    if (said[1] === "TO") return all.filter((place) => this.codes[place] <= first);
    if (said[1] === "RANGE") return all.filter((place) => this.codes[place] >= first && this.codes[place] <= last);
    return [];
  }

  /** Whether a term can stand for something here, be it nothing in this edition. */
  knows(term) {
    return this.places.has(term) || term === "*" || term === "LEAVES" || /^[A-Z]+\([^)]*\)$/.test(term);
  }
}

class Cube {
  constructor(data) {
    Object.assign(this, data);
    this.variables = data.variables.map((given) => new Variable(given));
    this.byName = new Map(this.variables.map((variable) => [variable.name, variable]));
    this.strides = new Map();
    let stride = 1;
    for (const variable of [...this.variables].reverse()) {
      this.strides.set(variable.name, stride);
      stride *= variable.codes.length;
    }
  }

  variable(name) {
    return this.byName.get(name);
  }

  /** What a place in one variable adds to the place of a cell. */
  offset(name, place) {
    return place * this.strides.get(name);
  }

  /** The place in one variable that a cell has. */
  placeIn(name, at) {
    return Math.floor(at / this.strides.get(name)) % this.variable(name).codes.length;
  }

  measureAt(at) {
    return this.measures[this.placeIn(MEASURE, at)];
  }

  /** Whether a figure is of a part of the year, or of the municipalities, alone, as the table itself says. */
  isPartly(at) {
    const { months, municipalities } = this.coverage;
    if (months.length === 0 || this.measureAt(at).coverage) return false;
    const base = at - this.offset(MEASURE, this.placeIn(MEASURE, at));
    const of = municipalities < 0 ? 1 : this.cells[base + municipalities];
    return months.some((place) => this.cells[base + place] > 0 && this.cells[base + place] < MONTHS * of);
  }
}

const cubes = new Map();

/** A table of the page by its id, or null; opened once. */
function cubeOf(id) {
  if (!cubes.has(id)) {
    const data = block(`table-${id}`);
    cubes.set(id, data === null ? null : new Cube(data));
  }
  return cubes.get(id);
}

/** The ids of the page's tables, in the order of the programme. */
function tableIds() {
  return [...document.querySelectorAll('script[id^="table-"]')].map((found) => found.id.slice("table-".length));
}
