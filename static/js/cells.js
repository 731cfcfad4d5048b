import { openDialog } from "./dialogs.js";
import { readSums } from "./fresh.js";

// A list, or the head of a page, that is edited in place: arrows walk its cells, Enter or F2 opens one, Enter saves, Esc leaves, Tab saves and goes on.
const table = document.querySelector("[data-cells]");
const boxes = "td, [data-cell-box]";
const rows = "tr, [data-cell-row]";
const phone = matchMedia("(max-width: 40rem)");
const kept = new WeakMap();
let after = null;
let number = 0;

function cells(root = table) {
  return [...root.querySelectorAll("a[data-cell]")].filter((cell) => cell.checkVisibility());
}

function rove(cell) {
  for (const one of table.querySelectorAll("a[data-cell]")) one.tabIndex = one === cell ? 0 : -1;
}

function go(cell) {
  if (!cell) return;
  rove(cell);
  cell.focus();
}

function beside(cell, key) {
  const row = cell.closest(rows);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const all = cells(row);
    return all[all.indexOf(cell) + (key === "ArrowRight" ? 1 : -1)];
  }
  const column = cells().filter((one) => one.dataset.cell === cell.dataset.cell);
  return column[column.indexOf(cell) + (key === "ArrowDown" ? 1 : -1)];
}

async function open(cell) {
  if (phone.matches) return openDialog(cell.href);
  const box = cell.closest(boxes);
  if (kept.has(box)) return undefined;
  number += 1;
  kept.set(box, [...box.childNodes]);
  box.id = `cell-${number}`;
  await window.htmx.ajax("GET", cell.href, { source: box, target: box, swap: "innerHTML" });
  return focusIn(box);
}

function focusIn(box) {
  const field = box.querySelector("input:not([type=hidden]), select, [data-cell-note]");
  if (!field) return leave(box);
  field.setAttribute("aria-invalid", String(box.querySelector(".field-errors") !== null));
  field.focus();
  if (field.type === "text") field.select();
  return undefined;
}

function leave(box) {
  box.replaceChildren(...(kept.get(box) ?? []));
  box.removeAttribute("id");
  kept.delete(box);
  go(box.querySelector("a[data-cell]"));
}

function isChanged(form) {
  return [...form.elements].some((field) => field.matches("select") ? [...field.options].some((one) => one.selected !== one.defaultSelected) : field.value !== field.defaultValue);
}

// What was typed is saved; what was not touched is left, unless somebody else's change stands beside it.
function save(box) {
  const form = box.querySelector("form");
  if (form && (isChanged(form) || box.querySelector(".field-errors"))) form.requestSubmit();
  else {
    leave(box);
    next();
  }
}

function next() {
  if (!after) return;
  const { row, column, step } = after;
  after = null;
  const here = document.getElementById(row)?.querySelector(`[data-cell="${column}"]`);
  const all = cells();
  const target = all[all.indexOf(here) + step];
  if (target) open(target);
}

function typed(event) {
  const box = event.target.closest(boxes);
  const cell = kept.get(box)?.find((node) => node.dataset?.cell);
  if (event.key === "Escape") {
    event.preventDefault();
    after = null;
    leave(box);
  } else if (event.key === "Enter" && !event.target.matches("a, button")) {
    event.preventDefault();
    after = null;
    save(box);
  } else if (event.key === "Tab" && cell) {
    event.preventDefault();
    after = { row: box.closest(rows).id, column: cell.dataset.cell, step: event.shiftKey ? -1 : 1 };
    save(box);
  }
}

function walked(event) {
  const cell = event.target;
  if (event.key === "F2") {
    event.preventDefault();
    open(cell);
  } else if (event.key.startsWith("Arrow")) {
    const target = beside(cell, event.key);
    if (!target) return;
    event.preventDefault();
    go(target);
  }
}

// What was typed is marked until it is saved; what could not be sent stays, and says so beside it.
function mark(form, isFailed = false) {
  form.classList.toggle("is-changed", isChanged(form));
  form.querySelector("[data-cell-failed]").hidden = !isFailed;
}

function failed(event) {
  const form = event.detail.elt;
  if (!form.matches?.(".cell-form")) return;
  after = null;
  mark(form, true);
}

if (table) {
  rove(cells()[0]);
  table.addEventListener("input", (event) => {
    const form = event.target.closest(".cell-form");
    if (form) mark(form);
  });
  table.addEventListener("htmx:sendError", failed);
  table.addEventListener("htmx:responseError", failed);
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("a[data-cell]");
    if (!cell || event.metaKey || event.ctrlKey || event.shiftKey || !window.htmx) return;
    event.preventDefault();
    open(cell);
  });
  table.addEventListener("focusin", (event) => {
    if (event.target.matches("a[data-cell]")) rove(event.target);
  });
  table.addEventListener("focusout", (event) => {
    const box = event.target.closest(boxes);
    if (!box?.querySelector(".cell-form") || box.contains(event.relatedTarget) || event.relatedTarget === null) return;
    after = null;
    const form = box.querySelector("form");
    if (isChanged(form)) form.requestSubmit();
    else {
      box.replaceChildren(...kept.get(box));
      kept.delete(box);
    }
  });
  table.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest(".cell-form, [data-cell-note]")) typed(event);
    else if (event.target.matches("a[data-cell]")) walked(event);
  });
  table.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.elt.matches(".cell-form")) return;
    if (!table.matches("table")) {
      event.detail.parameters.on = "page";
      return;
    }
    event.detail.parameters.columns = table.dataset.keys;
    event.detail.parameters.path = event.detail.elt.closest(rows).dataset.path?.split("/")[0] ?? "";
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    if (!requestConfig?.elt?.matches?.(".cell-form")) return;
    if (xhr.status >= 400) {
      focusIn(target);
      return;
    }
    const row = document.getElementById(target.id) ?? target;
    readSums();
    if (after) next();
    else if (document.activeElement === document.body) go(document.getElementById(row.id)?.querySelector(`[data-cell="${requestConfig.elt.dataset.column}"]`));
  });
}
