// The search dialog: what is typed is asked for, arrows walk through what was found, Enter opens it.

import { word } from "./words.js";

const wait = 120;
const field = "[data-finder] [role=combobox]";
let timer = 0;
let asked = Promise.resolve();
let newest = 0;

function options(form) {
  return [...form.querySelectorAll("[role=option]")];
}

function choose(form, option) {
  const input = form.querySelector("[role=combobox]");
  for (const [at, one] of options(form).entries()) {
    one.id = `finder_${at}`;
    one.setAttribute("aria-selected", String(one === option));
  }
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function walk(form, step) {
  const all = options(form);
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  choose(form, all[(Math.max(at, step > 0 ? -1 : 0) + step + all.length) % all.length]);
}

async function ask(form, text, number) {
  const address = new URL(form.dataset.finder, location.href);
  address.searchParams.set("q", text);
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  const status = form.querySelector("[role=status]");
  if (number !== newest) return;
  if (!answer?.ok || answer.redirected) {
    status.textContent = word(answer?.redirected ? "signedOut" : "offline");
    status.classList.remove("visually-hidden");
    return;
  }
  status.classList.add("visually-hidden");
  form.querySelector(".finder-found").innerHTML = await answer.text();
  choose(form, options(form)[0]);
  status.textContent = word("found", { count: options(form).length });
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.(field)) return;
  const input = event.target;
  newest += 1;
  const number = newest;
  clearTimeout(timer);
  asked = new Promise((done) => { timer = setTimeout(() => done(ask(input.form, input.value, number)), wait); });
});

// Enter comes before the answer where somebody types fast: it opens the first of what is found then.
async function open(form) {
  const number = newest;
  await asked;
  if (number !== newest) return;
  const option = form.querySelector("[role=option][aria-selected=true]");
  if (option) location.assign(option.href);
  else if (form.elements.q.value.trim()) form.submit();
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(field) || event.isComposing) return;
  const { form } = event.target;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(form, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter") open(form);
  else return;
  event.preventDefault();
}, true);
