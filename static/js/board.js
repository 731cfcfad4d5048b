import { openDialog } from "./dialogs.js";
import { word } from "./words.js";

let dragged = null;
const live = document.createElement("p");
live.className = "visually-hidden";
live.setAttribute("role", "status");

function laneOf(column) {
  return column.closest("[data-lane]");
}

function say(kind, card, column) {
  const lane = laneOf(column)?.dataset.laneName;
  live.textContent = word(kind, { card: card.dataset.title, stage: lane ? `${lane}, ${column.dataset.name}` : column.dataset.name });
}

function values(card, column, form) {
  const typed = form ? Object.fromEntries(new FormData(form)) : {};
  const [from, to] = [laneOf(card.closest("[data-stage]")), laneOf(column)];
  return {
    idempotency_key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
    ...typed,
    stage: column.dataset.stage,
    version: card.dataset.version,
    ...(from === to ? {} : { category: to.dataset.lane }),
  };
}

// An answer that says how it is put in is the card as it is now: somebody else may have been faster.
async function post(card, sent) {
  let accepted = false;
  const listen = (event) => {
    const { xhr } = event.detail;
    const isDone = xhr.status >= 200 && xhr.status < 400 && xhr.getResponseHeader("HX-Retarget") === null;
    accepted = isDone || xhr.getResponseHeader("HX-Reswap") === "outerHTML";
  };
  card.addEventListener("htmx:afterRequest", listen);
  try {
    await window.htmx.ajax("POST", card.dataset.moveUrl, { source: card, target: card, swap: "outerHTML", values: sent });
  } catch {
    accepted = false;
  }
  card.removeEventListener("htmx:afterRequest", listen);
  return accepted;
}

// Where the server says that the card is, which may be another cell than the one that it was dropped on.
function settle(id) {
  const card = document.getElementById(id);
  if (!card) return;
  const { in: stage, inLane: lane } = card.dataset;
  const around = lane ? `[data-lane="${CSS.escape(lane)}"] ` : "";
  const column = document.querySelector(`[data-board] ${around}[data-stage="${CSS.escape(stage)}"]`);
  if (column && column !== card.closest("[data-stage]")) column.querySelector(".board-cards").prepend(card);
  say("moved", card, card.closest("[data-stage]"));
  if (!document.querySelector("dialog:modal")) card.focus();
}

async function move(card, column, form = null) {
  const from = card.closest("[data-stage]");
  if (!column || column === from || card.classList.contains("is-saving")) return;
  const lane = laneOf(column);
  if (card.dataset.giveUrl && lane !== laneOf(from)) {
    openDialog(`${card.dataset.giveUrl}?owner=${lane.dataset.lane}`);
    return;
  }
  const next = card.nextElementSibling;
  const sent = values(card, column, form);
  if (lane?.matches("details")) lane.open = true;
  column.querySelector(".board-cards").prepend(card);
  card.classList.add("is-saving");
  card.focus();
  say("moving", card, column);
  if (await post(card, sent)) {
    settle(card.id);
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
  if (!event.altKey || !event.key.startsWith("Arrow")) return;
  const card = event.target.closest?.("[data-board] .card");
  if (!card) return;
  event.preventDefault();
  const here = card.closest("[data-stage]");
  const isAcross = event.key === "ArrowLeft" || event.key === "ArrowRight";
  const around = isAcross ? laneOf(here) ?? card.closest("[data-board]") : card.closest("[data-board]");
  const cells = [...around.querySelectorAll("[data-stage]")].filter((one) => isAcross || one.dataset.stage === here.dataset.stage);
  const forward = isAcross ? (event.key === "ArrowRight") === (getComputedStyle(card).direction === "ltr") : event.key === "ArrowDown";
  move(card, cells[cells.indexOf(here) + (forward ? 1 : -1)]);
});

// The form of the dialog moves the card where it lies; elsewhere, and to a stage of another board, it is sent like any other.
document.addEventListener("submit", (event) => {
  const card = document.querySelector(`[data-board] #${CSS.escape(event.target.dataset.card ?? "-")}`);
  const stage = new FormData(event.target).get("stage");
  const around = card ? laneOf(card) ?? card.closest("[data-board]") : null;
  const column = around?.querySelector(`[data-stage="${CSS.escape(stage ?? "-")}"]`);
  if (!card || !column || !window.htmx) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  move(card, column, event.target);
  document.body.dispatchEvent(new Event("dialog-close"));
}, true);

// The address names the lanes that are folded; a card that goes into one unfolds it.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("[data-board] details[data-lane]")) return;
  const folded = [...document.querySelectorAll("[data-board] details[data-lane]:not([open])")].map((lane) => lane.dataset.lane);
  const address = new URL(location.href);
  if (folded.length > 0) address.searchParams.set("folded", folded.join(","));
  else address.searchParams.delete("folded");
  history.replaceState(history.state, "", address.href.replaceAll("%2C", ","));
}, true);
document.addEventListener("dragenter", (event) => {
  if (dragged) event.target.closest?.("[data-board] details[data-lane]:not([open])")?.setAttribute("open", "");
});

// A board that is wider than its page opens where its first lane has its first card, or on its first column with one.
function openOnCards(board) {
  const card = [...board.querySelectorAll(".card")].find((one) => one.checkVisibility());
  const column = card?.closest("[data-stage]");
  if (!column || board.scrollWidth <= board.clientWidth) return;
  const left = column.getBoundingClientRect().left - board.getBoundingClientRect().left;
  board.scrollBy({ left, behavior: "instant" });
}

const shown = document.querySelector("[data-board]");
if (shown) {
  document.body.append(live);
  openOnCards(shown);
}
