import { word } from "./words.js";

let dragged = null;
const live = document.createElement("p");
live.className = "visually-hidden";
live.setAttribute("role", "status");

function name(column) {
  return column.querySelector("h2").firstChild.textContent.trim();
}

function say(kind, card, column) {
  live.textContent = word(kind, { card: card.dataset.title, stage: name(column) });
}

function values(card, column, form) {
  const typed = form ? Object.fromEntries(new FormData(form)) : {};
  return {
    idempotency_key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
    ...typed,
    stage: column.dataset.stage,
    version: card.dataset.version,
  };
}

async function post(card, column, form) {
  let accepted = false;
  const listen = (event) => {
    const { xhr } = event.detail;
    accepted = xhr.status >= 200 && xhr.status < 400 && xhr.getResponseHeader("HX-Retarget") === null;
  };
  card.addEventListener("htmx:afterRequest", listen);
  try {
    await window.htmx.ajax("POST", card.dataset.moveUrl, { source: card, target: card, swap: "outerHTML", values: values(card, column, form) });
  } catch {
    accepted = false;
  }
  card.removeEventListener("htmx:afterRequest", listen);
  return accepted;
}

async function move(card, column, form = null) {
  const from = card.closest("[data-stage]");
  if (!column || column === from || card.classList.contains("is-saving")) return;
  const next = card.nextElementSibling;
  column.querySelector(".board-cards").prepend(card);
  card.classList.add("is-saving");
  card.focus();
  say("moving", card, column);
  if (await post(card, column, form)) {
    say("moved", card, column);
    if (!document.querySelector("dialog:modal")) document.getElementById(card.id)?.focus();
    return;
  }
  from.querySelector(".board-cards").insertBefore(card, next);
  card.classList.remove("is-saving");
  say("back", card, from);
}

function mark(column) {
  for (const one of document.querySelectorAll("[data-stage]")) one.classList.toggle("is-over", one === column);
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-board] .card") ?? null;
  if (!dragged) return;
  dragged.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.title);
});
document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest?.("[data-stage]");
  mark(column);
  if (column) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest?.("[data-stage]");
  if (!column) return;
  event.preventDefault();
  move(dragged, column);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  mark(null);
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const card = event.target.closest?.("[data-board] .card");
  if (!card) return;
  event.preventDefault();
  const columns = [...card.closest("[data-board]").querySelectorAll("[data-stage]")];
  const step = (event.key === "ArrowRight") === (getComputedStyle(card).direction === "ltr") ? 1 : -1;
  move(card, columns[columns.indexOf(card.closest("[data-stage]")) + step]);
});

// The form of the dialog moves the card where it lies; elsewhere, and to a stage of another board, it is sent like any other.
document.addEventListener("submit", (event) => {
  const card = document.querySelector(`[data-board] #${CSS.escape(event.target.dataset.card ?? "-")}`);
  const stage = new FormData(event.target).get("stage");
  const column = document.querySelector(`[data-board] [data-stage="${CSS.escape(stage ?? "-")}"]`);
  if (!card || !column || !window.htmx) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  move(card, column, event.target);
  document.body.dispatchEvent(new Event("dialog-close"));
}, true);

if (document.querySelector("[data-board]")) document.body.append(live);
