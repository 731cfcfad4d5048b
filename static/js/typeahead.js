import { word } from "./words.js";

const wait = 150;
const timers = new WeakMap();
const hasty = new WeakSet();
const field = "[data-suggest] [role=combobox]";

function parts(input) {
  const box = input.closest("[data-suggest]");
  return { box, list: box.querySelector("[role=listbox]"), hidden: box.querySelector("[data-suggest-value]"), status: box.querySelector("[role=status]") };
}

function close(input) {
  const { list, status } = parts(input);
  clearTimeout(timers.get(input));
  timers.delete(input);
  hasty.delete(input);
  list.replaceChildren();
  status.classList.add("visually-hidden");
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

// What is beyond the list, or that there is nothing in it, everybody is told; how much there is, who hears it.
function tell(status, hint, count) {
  status.textContent = hint?.textContent ?? word("found", { count });
  status.classList.toggle("visually-hidden", !hint);
}

async function ask(input) {
  const { box, list, status } = parts(input);
  const typed = input.value;
  const address = new URL(box.dataset.suggest, location.href);
  address.searchParams.set("q", typed);
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (document.activeElement !== input || input.value !== typed) return;
  timers.delete(input);
  if (!answer?.ok) return hasty.delete(input);
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  list.replaceChildren(...made.content.querySelectorAll("[role=option]"));
  [...list.children].forEach((option, index) => { option.id = `${list.id}-${index}`; option.setAttribute("aria-selected", "false"); });
  input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-expanded", String(list.children.length > 0));
  tell(status, made.content.querySelector("[data-hint]"), list.children.length);
  if ("first" in box.dataset) walk(input, 1);
  if (hasty.has(input) && list.children.length > 0) pick(input, list.firstElementChild);
}

function set(hidden, value) {
  if (hidden.value === value) return;
  hidden.value = value;
  hidden.dispatchEvent(new Event("input", { bubbles: true }));
  hidden.dispatchEvent(new Event("change", { bubbles: true }));
}

function pick(input, option) {
  input.value = option.dataset.label ?? option.firstChild.textContent.trim();
  close(input);
  set(parts(input).hidden, option.dataset.value);
}

function walk(input, step) {
  const options = [...parts(input).list.children];
  if (options.length === 0) return;
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = options[(Math.max(at, step > 0 ? -1 : 0) + step + options.length) % options.length];
  for (const one of options) one.setAttribute("aria-selected", String(one === next));
  input.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function isClosed(input) {
  return input.getAttribute("aria-expanded") === "false" && "opens" in parts(input).box.dataset;
}

// Enter comes before the answer where somebody types fast: then it takes the first of what is found.
function isAsked(input) {
  return "first" in parts(input).box.dataset && timers.has(input);
}

document.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches?.(field)) return;
  const { hidden } = parts(input);
  hasty.delete(input);
  clearTimeout(timers.get(input));
  if (input.value.trim() === "") {
    close(input);
    set(hidden, "");
  } else {
    hidden.value = "";
    timers.set(input, setTimeout(() => ask(input), wait));
  }
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches?.(field)) return;
  const { list } = parts(input);
  const chosen = list.querySelector("[aria-selected=true]");
  const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
  if (isArrow && isClosed(input)) ask(input);
  else if (isArrow) walk(input, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && chosen) pick(input, chosen);
  else if (event.key === "Enter" && isAsked(input)) hasty.add(input);
  else if (event.key === "Escape" && list.children.length > 0) close(input);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// The field keeps the focus while one points at what is below it, and a finger may scroll there without choosing.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-suggest] [role=listbox]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.matches?.(field) && isClosed(event.target)) ask(event.target);
  const option = event.target.closest?.("[data-suggest] [role=option]");
  if (option) pick(option.closest("[data-suggest]").querySelector("[role=combobox]"), option);
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(field)) event.target.select();
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.(field)) close(event.target);
});

// Filters: an address names what was picked by its key alone.
document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const box of event.target.querySelectorAll("[data-suggest]")) {
    const input = box.querySelector("[role=combobox]");
    if (parts(input).hidden.value !== "" || input.value.trim() === "") event.formData.delete(input.name);
  }
});
