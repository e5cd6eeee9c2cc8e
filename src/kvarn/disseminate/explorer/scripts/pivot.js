// Turning the table: each variable is a piece that lies among the rows or the columns, and is moved by mouse or by its buttons.

/** The two lists of pieces. `change` is called with the new rows and columns. */
function pivotPanel(query, cube, change) {
  const panel = make("div", { class: "pivot" });
  const move = (name, to, before = null) => {
    const { rows, columns } = query();
    const lists = { rows: rows.filter((one) => one !== name), columns: columns.filter((one) => one !== name) };
    const at = before === null ? lists[to].length : lists[to].indexOf(before);
    lists[to].splice(at, 0, name);
    change(lists.rows, lists.columns);
  };
  const list = (to) => {
    const names = query()[to];
    const pieces = make("ul", {}, names.map((name, number) => piece(cube.variable(name), to, names[number - 1] || null, move)));
    const place = make("div", { class: "place" }, make("h4", { id: `place-${to}` }, say(`pivot.${to}`)), pieces);
    pieces.setAttribute("aria-labelledby", `place-${to}`);
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      const over = event.target.closest("li");
      const name = event.dataTransfer.getData("text/plain");
      if (cube.variable(name)) move(name, to, over && over.dataset.name !== name ? over.dataset.name : null);
    });
    return place;
  };
  const refresh = () => {
    const swap = make("button", { type: "button", "data-focus": "swap", onclick: () => change(query().columns, query().rows) }, say("pivot.swap"));
    keepFocus(panel, () => panel.replaceChildren(list("rows"), list("columns"), swap));
  };
  refresh();
  return { panel, refresh };
}

function piece(variable, place, before, move) {
  const { name, label } = variable;
  const other = place === "rows" ? "columns" : "rows";
  const found = make("li", { draggable: "true", "data-name": name }, make("span", {}, label));
  found.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", name));
  const across = { type: "button", "data-focus": `across-${name}`, "aria-label": say(`pivot.to-${other}`, { label }), onclick: () => move(name, other) };
  found.append(make("button", across, place === "rows" ? "→" : "←"));
  const earlier = { type: "button", "data-focus": `up-${name}`, "aria-label": say("pivot.earlier", { label }), disabled: before === null, onclick: () => move(name, place, before) };
  found.append(make("button", earlier, "↑"));
  return found;
}

/** Replace what is in an element, and leave the focus on the button of the same name. */
function keepFocus(element, replace) {
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  replace();
  if (!focused) return;
  const again = element.querySelector(`[data-focus="${focused}"]`);
  if (again && !again.disabled) again.focus();
  else if (element.querySelector("button:not([disabled])")) element.querySelector("button:not([disabled])").focus();
}
