// Choosing: for each variable its categories as a tree of boxes, its groups as buttons, and a field that finds a category.

const FIELD_FROM = 13;
const OPEN_UNTIL = 20;

/** The panel of one variable. `change` is called with its new terms. */
function choicePanel(variable, query, change) {
  const chosen = make("span", { class: "chosen" });
  const summary = make("summary", {}, make("span", { class: "name" }, variable.label), chosen);
  const panel = make("details", { class: "variable", "data-variable": variable.name }, summary);
  const boxes = new Map();
  const terms = () => query().terms[variable.name];
  const set = (wanted) => change(variable.name, wanted);
  const refresh = () => {
    const places = new Set(variable.resolve(terms()));
    chosen.textContent = termsInWords(variable, terms());
    for (const [place, box] of boxes) box.checked = places.has(place);
  };
  const toggle = (place, on) => {
    const places = new Set(variable.resolve(terms()));
    if (on) places.add(place);
    else places.delete(place);
    set(variable.codes.filter((_, at) => places.has(at)));
  };
  const item = (place, nested) => categoryItem({ variable, place, nested, boxes, toggle, set, terms });
  let built = false;
  const build = () => {
    if (built) return;
    built = true;
    const tree = make("ul", { class: "tree" });
    const roots = variable.codes.map((_, place) => place).filter((place) => variable.parents[place] < 0);
    tree.append(...roots.map((place) => item(place, true)));
    const field = variable.codes.length > FIELD_FROM ? categoryField(variable, tree, roots, item, boxes, set, refresh) : null;
    panel.append(make("div", { class: "inside-variable" }, groupButtons(variable, set), field, tree));
    refresh();
  };
  panel.addEventListener("toggle", () => panel.open && build());
  refresh();
  return { panel, refresh };
}

/** The buttons of a variable's groups. */
function groupButtons(variable, set) {
  const button = (label, terms) => make("button", { type: "button", class: "group", onclick: () => set(terms) }, label);
  const found = [];
  if (variable.codes.length > 1) found.push(button(say("group.all"), ["*"]));
  if (variable.name === YEAR) {
    if (variable.codes.length > 1) found.push(button(say("group.latest"), ["TOP(1)"]));
    if (variable.codes.length > 5) found.push(button(say("group.latest-five"), ["TOP(5)"]));
    return make("div", { class: "groups" }, found, variable.codes.length > 2 ? yearSpan(variable, set) : null);
  }
  if (variable.total >= 0) found.push(button(say("group.total"), [variable.codes[variable.total]]));
  const parted = variable.total >= 0 ? variable.levels : 0;
  for (let level = 1; level < parted; level += 1) {
    const label = levelName(variable, level) || (parted === 2 ? say("group.parts") : null);
    if (label !== null) found.push(button(label, [`LEVEL(${level + 1})`]));
  }
  if (parted > 2 && variable.name !== REGION) found.push(button(say("group.leaves"), ["LEAVES"]));
  return make("div", { class: "groups" }, found);
}

/** What a level of a hierarchy is called, where it has a name of its own. */
function levelName(variable, level) {
  const key = `level.${variable.name}.${"abcdef"[level - 1]}`;
  return key in words ? say(key) : null;
}

/** From which year, and until which. */
function yearSpan(variable, set) {
  const select = (value) => {
    const made = make("select", {}, variable.codes.map((code) => make("option", { value: code }, code)));
    made.value = value;
    return made;
  };
  const from = select(variable.codes[0]);
  const to = select(variable.codes[variable.codes.length - 1]);
  const change = () => {
    const [first, last] = [from.value, to.value].sort();
    set(last === variable.codes[variable.codes.length - 1] ? [`FROM(${first})`] : [`RANGE(${first},${last})`]);
  };
  from.addEventListener("change", change);
  to.addEventListener("change", change);
  return make("div", { class: "span" }, make("label", {}, `${say("group.from")} `, from), make("label", {}, `${say("group.to")} `, to));
}

/** One category: its box, a button that chooses it alone, and what it consists of, which opens and closes. */
function categoryItem({ variable, place, nested, boxes, toggle, set, terms }) {
  const label = variable.labels[place];
  const box = make("input", { type: "checkbox", onchange: (event) => toggle(place, event.target.checked) });
  box.checked = variable.resolve(terms()).includes(place);
  boxes.set(place, box);
  const line = make("div", { class: "category" });
  const children = nested ? variable.children[place] : [];
  const found = make("li", {}, line);
  if (nested && variable.levels > 2 && children.length === 0) line.classList.add("leaf");
  if (children.length) {
    // Short hierarchies lie open; of long ones the first level.
    const below = make("ul", { hidden: variable.parents[place] >= 0 && variable.codes.length > OPEN_UNTIL });
    const fill = () => below.childElementCount === 0 && below.append(...children.map((child) => categoryItem({ variable, place: child, nested, boxes, toggle, set, terms })));
    const opens = make("button", { type: "button", class: "opens", "aria-expanded": String(!below.hidden), "aria-label": say("choice.open", { label }) });
    opens.addEventListener("click", () => {
      below.hidden = !below.hidden;
      opens.setAttribute("aria-expanded", String(!below.hidden));
      fill();
    });
    if (!below.hidden) fill();
    line.append(opens);
    found.append(below);
  }
  line.append(make("label", {}, box, make("span", {}, label)));
  const alone = { type: "button", class: "alone", "aria-label": say("choice.only-one", { label }), onclick: () => set([variable.codes[place]]) };
  line.append(make("button", alone, say("choice.only")));
  if (children.length && variable.parents[place] >= 0) {
    const parts = { type: "button", class: "alone", "aria-label": say("choice.parts-of", { label }), onclick: () => set([`CHILDREN(${variable.codes[place]})`]) };
    line.append(make("button", parts, say("choice.parts")));
  }
  return found;
}

/** A field that finds categories by their labels and codes; Enter chooses the first alone. */
function categoryField(variable, tree, roots, item, boxes, set, refresh) {
  const field = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const labels = variable.labels.map(folded);
  const matching = () => {
    const text = folded(field.value.trim());
    if (!text) return null;
    const found = labels.map((_, place) => place).filter((place) => labels[place].includes(text) || folded(variable.codes[place]).startsWith(text));
    return found.sort((one, other) => Number(labels[other].startsWith(text)) - Number(labels[one].startsWith(text)));
  };
  field.addEventListener("input", () => {
    const places = matching();
    boxes.clear();
    tree.replaceChildren(...(places === null ? roots.map((place) => item(place, true)) : places.slice(0, 60).map((place) => item(place, false))));
    refresh();
    if (places !== null) announce(sayCount("choice.found", places.length));
  });
  field.addEventListener("keydown", (event) => {
    const places = matching();
    if (event.key === "Enter" && places !== null && places.length) set([variable.codes[places[0]]]);
  });
  return make("label", { class: "field" }, say("choice.find", { name: variable.label[0].toLowerCase() + variable.label.slice(1) }), field);
}
