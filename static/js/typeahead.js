import { word } from "./words.js";

const wait = 180;
const timers = new WeakMap();

function parts(input) {
  const box = input.closest("[data-suggest]");
  return { box, list: box.querySelector("[role=listbox]"), hidden: box.querySelector("[data-suggest-value]"), status: box.querySelector("[role=status]") };
}

function close(input) {
  parts(input).list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

async function ask(input) {
  const { box, list, status } = parts(input);
  const address = new URL(box.dataset.suggest, location.href);
  address.searchParams.set("q", input.value);
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok || document.activeElement !== input) return;
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  list.replaceChildren(...made.content.querySelectorAll("[role=option]"));
  [...list.children].forEach((option, index) => { option.id = `${list.id}-${index}`; option.setAttribute("aria-selected", "false"); });
  input.setAttribute("aria-expanded", String(list.children.length > 0));
  status.textContent = word("found", { count: list.children.length });
}

function pick(input, option) {
  const { hidden } = parts(input);
  hidden.value = option.dataset.value;
  input.value = option.dataset.label ?? option.firstChild.textContent.trim();
  hidden.dispatchEvent(new Event("input", { bubbles: true }));
  close(input);
}

function walk(input, step) {
  const options = [...parts(input).list.children];
  if (options.length === 0) return;
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = options[(at + step + options.length) % options.length] ?? options[0];
  for (const one of options) one.setAttribute("aria-selected", String(one === next));
  input.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-suggest] [role=combobox]")) return;
  parts(input).hidden.value = "";
  clearTimeout(timers.get(input));
  if (input.value.trim() === "") close(input);
  else timers.set(input, setTimeout(() => ask(input), wait));
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-suggest] [role=combobox]")) return;
  const { list } = parts(input);
  const chosen = list.querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown") walk(input, 1);
  else if (event.key === "ArrowUp") walk(input, -1);
  else if (event.key === "Enter" && chosen) pick(input, chosen);
  else if (event.key === "Escape" && list.children.length > 0) close(input);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("[data-suggest] [role=option]");
  if (!option) return;
  event.preventDefault();
  pick(option.closest("[data-suggest]").querySelector("[role=combobox]"), option);
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-suggest] [role=combobox]")) close(event.target);
});
