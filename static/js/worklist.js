import { singleKeys } from "./keys.js";
import { toast } from "./toasts.js";
import { word } from "./words.js";

const list = document.querySelector("[data-worklist]");
const typing = "input, textarea, select, [contenteditable], [role=listbox]";
const kept = "worklist-line";
let current = null;

function lines() {
  return [...list.querySelectorAll("[data-work]")];
}

function choose(line, focus = true) {
  if (!line) return;
  current?.setAttribute("tabindex", "-1");
  current?.removeAttribute("aria-current");
  current = line;
  line.setAttribute("tabindex", "0");
  line.setAttribute("aria-current", "true");
  sessionStorage.setItem(kept, line.id);
  if (focus) line.focus();
}

function step(by) {
  const rows = lines();
  const here = rows.indexOf(current);
  choose(rows[Math.min(Math.max(here + by, 0), rows.length - 1)]);
}

function cancel(line) {
  line.querySelector(".work-form")?.replaceChildren();
  choose(line);
}

// A line that has left stays with its message: undoing goes before what the next line offers under that key.
function press(key) {
  const left = [...list.querySelectorAll(".is-left")].at(-1);
  const places = key === "u" ? [left, current] : [current];
  const control = places.map((place) => place?.querySelector(`[data-act="${key}"]`)).find(Boolean);
  control?.click();
  return Boolean(control);
}

const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function keyed(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog:modal")) return;
  const line = event.target.closest?.("[data-work]");
  if (event.key === "Escape" && line?.querySelector(".work-form form")) {
    event.preventDefault();
    cancel(line);
    return;
  }
  if (event.target.closest?.(typing)) return;
  const isArrow = event.key.startsWith("Arrow");
  if (isArrow ? !line : !singleKeys()) return;
  if (event.key in moves) {
    event.preventDefault();
    step(moves[event.key]);
  } else if (event.key === "Enter" && event.target === current) {
    event.preventDefault();
    press("open");
  } else if (current && /^[edlsxu]$/.test(event.key)) {
    event.preventDefault();
    if (!press(event.key)) toast(word("idle", { key: event.key }));
  }
}

function swapped(event) {
  const id = event.detail.target?.id ?? "";
  if (id.startsWith("form-")) {
    document.getElementById(id)?.querySelector("[aria-invalid=true], input:not([type=hidden])")?.focus();
    return;
  }
  if (!id.startsWith("work-") || event.detail.target.tagName !== "LI") return;
  const line = document.getElementById(id);
  const rows = [...list.children];
  const next = rows.slice(rows.indexOf(line)).concat(rows.slice(0, rows.indexOf(line)).reverse()).find((one) => one.matches("[data-work]"));
  if (next) choose(next);
  else line?.focus();
}

if (list) {
  document.addEventListener("keydown", keyed, true);
  document.body.addEventListener("htmx:afterSettle", swapped);
  // One form at a time, and none that is left behind its line.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.target?.id?.startsWith("form-")) return;
    for (const other of list.querySelectorAll(".work-form")) if (other !== event.detail.target) other.replaceChildren();
  });
  list.addEventListener("focusin", (event) => choose(event.target.closest("[data-work]"), false));
  list.addEventListener("click", (event) => {
    if (event.target.closest("[data-work-cancel]")) cancel(event.target.closest("[data-work]"));
  });
  choose(document.getElementById(sessionStorage.getItem(kept) ?? "") ?? lines()[0], false);
}
