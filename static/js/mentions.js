import { word } from "./words.js";

// Behind @ in a comment: the people whose name begins so, picked by pointer or keys. Who was picked goes along by key.
const wait = 180;
const timers = new WeakMap();
const field = "[data-mentions] textarea";
const open = /(?:^|[^\p{L}\p{N}_])@([\p{L}\p{N}][^@\s]*(?: [^@\s]+){0,3})$/u;

function parts(area) {
  const box = area.closest("[data-mentions]");
  return { box, list: box.querySelector("[role=listbox]"), status: box.querySelector("[role=status]") };
}

function typed(area) {
  return area.selectionStart === area.selectionEnd ? (area.value.slice(0, area.selectionStart).match(open)?.[1] ?? "") : "";
}

// What is typed on until people are found for it is a word, not a choice.
function unmark(area) {
  for (const one of parts(area).list.children) one.setAttribute("aria-selected", "false");
  area.removeAttribute("aria-activedescendant");
}

function close(area) {
  const { list } = parts(area);
  clearTimeout(timers.get(area));
  list.replaceChildren();
  area.removeAttribute("aria-activedescendant");
  area.removeAttribute("aria-controls");
}

async function ask(area) {
  const { box, list, status } = parts(area);
  const name = typed(area);
  if (name === "") return close(area);
  const address = new URL(box.dataset.mentions, location.href);
  address.searchParams.set("q", name);
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok || document.activeElement !== area || typed(area) !== name) return;
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  list.replaceChildren(...made.content.querySelectorAll("[role=option]"));
  [...list.children].forEach((option, index) => { option.id = `${list.id}-${index}`; option.setAttribute("aria-selected", String(index === 0)); });
  area.removeAttribute("aria-activedescendant");
  if (list.children.length > 0) area.setAttribute("aria-activedescendant", list.firstChild.id);
  area.setAttribute("aria-controls", list.id);
  status.textContent = list.children.length > 0 ? word("found", { count: list.children.length }) : "";
}

function pick(area, option) {
  const { box } = parts(area);
  const name = option.firstChild.textContent.trim();
  const begins = area.selectionStart - typed(area).length;
  area.setRangeText(`${name} `, begins, area.selectionStart, "end");
  const hidden = document.createElement("input");
  Object.assign(hidden, { type: "hidden", name: "people_ids", value: option.dataset.value });
  box.append(hidden);
  close(area);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function walk(area, step) {
  const options = [...parts(area).list.children];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = options[(Math.max(at, step > 0 ? -1 : 0) + step + options.length) % options.length];
  for (const one of options) one.setAttribute("aria-selected", String(one === next));
  area.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("input", (event) => {
  const area = event.target;
  if (!area.matches?.(field)) return;
  clearTimeout(timers.get(area));
  unmark(area);
  if (typed(area) === "") close(area);
  else timers.set(area, setTimeout(() => ask(area), wait));
});

document.addEventListener("keydown", (event) => {
  const area = event.target;
  if (!area.matches?.(field)) return;
  const { list } = parts(area);
  if (list.children.length === 0) return;
  const chosen = list.querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown") walk(area, 1);
  else if (event.key === "ArrowUp") walk(area, -1);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) pick(area, chosen);
  else if (event.key === "Escape") close(area);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-mentions] [role=listbox]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const option = event.target.closest?.("[data-mentions] [role=option]");
  if (option) pick(option.closest("[data-mentions]").querySelector("textarea"), option);
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.(field)) close(event.target);
});
