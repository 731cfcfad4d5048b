import { filled } from "./words.js";

const live = document.createElement("p");
live.className = "visually-hidden";
live.setAttribute("role", "status");
const card = "[data-calendar] .card[data-date-url]";
let dragged = null;

function calendar() {
  return document.querySelector("[data-calendar]");
}

function say(kind, one, day = "") {
  live.textContent = filled(calendar()?.dataset[kind] ?? "", { card: one.dataset.title, day });
}

function isoOf(day) {
  const two = (number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function shifted(iso, by) {
  const [year, month, day] = iso.split("-").map(Number);
  return isoOf(new Date(year, month - 1, day + by));
}

function cellOf(iso) {
  return document.querySelector(`[data-calendar] [data-day="${CSS.escape(iso)}"]`);
}

async function post(one, iso) {
  let accepted = false;
  const listen = (event) => { accepted = event.detail.xhr.status >= 200 && event.detail.xhr.status < 400; };
  document.body.addEventListener("htmx:afterRequest", listen, { once: true });
  try {
    await window.htmx.ajax("POST", one.dataset.dateUrl, {
      source: one, target: "#calendar", swap: "outerHTML",
      values: { close_on: iso, version: one.dataset.version, idempotency_key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` },
    });
  } catch {
    accepted = false;
  }
  document.body.removeEventListener("htmx:afterRequest", listen);
  return accepted;
}

// The deal lies on its new day at once; the answer is the calendar with all its sums, a refusal puts the deal back.
async function move(one, iso) {
  if (iso === one.dataset.on || one.classList.contains("is-saving")) return;
  const cell = cellOf(iso);
  if (cell?.hasAttribute("data-closed-day")) {
    say("closed", one);
    return;
  }
  const { parentElement: from, nextElementSibling: next } = one;
  cell?.querySelector(".day-cards").prepend(one);
  one.classList.add("is-saving");
  one.focus();
  if (await post(one, iso)) {
    say("moved", one, cell?.dataset.name ?? iso);
    if (!document.querySelector("dialog:modal")) document.getElementById(one.id)?.focus();
    return;
  }
  from.insertBefore(one, next);
  one.classList.remove("is-saving");
  say("back", one);
}

function mark(cell) {
  for (const one of document.querySelectorAll("[data-calendar] [data-day]")) one.classList.toggle("is-over", one === cell);
}

function target(event) {
  return dragged && event.target.closest?.("[data-calendar] [data-day]:not([data-closed-day])");
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(card) ?? null;
  if (!dragged) return;
  dragged.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.title);
});
document.addEventListener("dragover", (event) => {
  const cell = target(event);
  if (dragged) mark(cell);
  if (cell) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const cell = target(event);
  if (!cell) return;
  event.preventDefault();
  move(dragged, cell.dataset.day);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  mark(null);
});

const arrows = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !(event.key in arrows)) return;
  const one = event.target.closest?.(card);
  if (!one) return;
  event.preventDefault();
  const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
  const turned = sideways && getComputedStyle(one).direction === "rtl" ? -1 : 1;
  move(one, shifted(one.dataset.on, arrows[event.key] * turned));
});

if (calendar()) document.body.append(live);
