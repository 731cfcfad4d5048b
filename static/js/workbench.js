import { openDialog } from "./dialogs.js";
import { singleKeys } from "./keys.js";
import { word } from "./words.js";

let dragged = null;
const live = document.createElement("p");
live.className = "visually-hidden";
live.setAttribute("role", "status");

function bench() {
  return document.querySelector("[data-workbench]");
}

function rows() {
  return [...bench().querySelectorAll("tr[data-path]")].filter((row) => !row.hidden && row.querySelector(".row-link"));
}

function name(row) {
  return row.querySelector(".row-link").textContent;
}

function focus(row) {
  row?.querySelector(".row-link")?.focus();
}

// The form asks for day and reason; afterwards the person is back where they were.
function move(row, parent = null) {
  if (!row.dataset.move) return;
  const address = new URL(row.dataset.move, location.href);
  if (parent) address.searchParams.set("parent", parent.id.slice(1));
  address.searchParams.set("back", location.pathname + location.search);
  openDialog(address.href);
}

function takes(row) {
  return row && row !== dragged && row.dataset.move !== undefined && !row.dataset.path.startsWith(`${dragged.dataset.path}/`) && row.id !== "";
}

function mark(row) {
  for (const one of bench()?.querySelectorAll("tr.is-over") ?? []) if (one !== row) one.classList.remove("is-over");
  row?.classList.add("is-over");
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-workbench] tr[data-move]") ?? null;
  if (!dragged) return;
  dragged.classList.add("is-dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", name(dragged));
});
document.addEventListener("dragover", (event) => {
  const row = dragged && event.target.closest?.("[data-workbench] tr");
  if (!takes(row)) return mark(null);
  mark(row);
  event.preventDefault();
  return undefined;
});
document.addEventListener("drop", (event) => {
  const row = dragged && event.target.closest?.("[data-workbench] tr");
  if (!takes(row)) return;
  event.preventDefault();
  live.textContent = word("hanging", { name: name(dragged), parent: name(row) });
  move(dragged, row);
});
document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("is-dragged");
  dragged = null;
  mark(null);
});

function turn(row, opens) {
  const toggle = row.querySelector(".tree-toggle");
  if (toggle && (toggle.getAttribute("aria-expanded") === "true") !== opens) toggle.click();
  else focus(opens ? toggle && rows()[rows().indexOf(row) + 1] : above(row));
}

function above(row) {
  const path = row.dataset.path.split("/").slice(0, -1).join("/");
  return rows().find((one) => one.dataset.path === path);
}

const keys = {
  ArrowDown: (row) => focus(rows()[rows().indexOf(row) + 1]),
  ArrowUp: (row) => focus(rows()[rows().indexOf(row) - 1]),
  ArrowRight: (row) => turn(row, getComputedStyle(row).direction === "ltr"),
  ArrowLeft: (row) => turn(row, getComputedStyle(row).direction !== "ltr"),
  m: (row) => singleKeys() && move(row),
};

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-workbench] tr[data-path]");
  if (!row || !keys[event.key] || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  keys[event.key](row);
});

// From the search straight down into what it found.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" || !bench() || event.target.id !== "q") return;
  event.preventDefault();
  focus(rows()[0]);
});

if (bench()) document.body.append(live);
