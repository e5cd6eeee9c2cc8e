// Finds a page among many by typing. Without it the list is there whole.
"use strict";
const words = WORDS;
const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
for (const list of document.querySelectorAll("ul.places")) {
  const language = list.closest("[lang]").lang;
  const field = document.createElement("input");
  field.type = "search";
  field.className = "find";
  field.placeholder = words[language];
  field.setAttribute("aria-label", words[language]);
  list.before(field);
  const items = [...list.querySelectorAll("li")];
  const names = new Map(items.map((item) => [item, bare(item.querySelector("a, span").textContent)]));
  const show = () => {
    const sought = bare(field.value);
    // What lies below another stands behind it in the page, and is looked at before it.
    for (const item of items.slice().reverse()) {
      const below = [...item.querySelectorAll("li")].some((one) => !one.hidden);
      item.hidden = sought !== "" && !below && !names.get(item).includes(sought);
    }
  };
  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    const found = items.filter((item) => !item.hidden && names.get(item).includes(bare(field.value)));
    if (event.key === "Enter" && field.value && found.length) {
      found[0].querySelector("a").click();
    }
  });
  show();
}
