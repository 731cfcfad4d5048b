import { word } from "./words.js";

const dirty = new WeakSet();
const sent = new WeakSet();

export function isDirty(root = document) {
  return [...root.querySelectorAll("form[data-guard]")].some((form) => dirty.has(form) && !sent.has(form));
}

export function settle(root) {
  for (const form of root.querySelectorAll("form[data-guard]")) dirty.delete(form);
}

export function release(form) {
  sent.delete(form);
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-guard]")) dirty.add(form);
});

// The button stays enabled for the browser, so that its own name and value are sent with the first click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (event.defaultPrevented) return;
  sent.add(form);
  const button = event.submitter ?? form.querySelector("[type=submit]");
  button?.setAttribute("aria-busy", "true");
  button?.setAttribute("aria-disabled", "true");
}, true);

document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (!form) return;
  release(form);
  if (event.detail.xhr.status > 0 && event.detail.xhr.status < 400) dirty.delete(form);
});

addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) release(form);
});

addEventListener("beforeunload", (event) => {
  if (!isDirty()) return;
  event.preventDefault();
  event.returnValue = word("leave");
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-auto-submit]") && event.target.matches("select, [type=checkbox], [type=radio], [type=date], [data-day], [data-suggest-value]")) form.requestSubmit();
});

// On a phone filters that are set stay folded: what they are stands below them.
const opened = document.querySelector(".filters > .more[data-set]");
if (matchMedia("(max-width: 40rem)").matches) opened?.removeAttribute("open");
opened?.removeAttribute("data-set");

// A form that came back refused holds what was typed and is saved nowhere.
const refusal = document.querySelector("[data-error-summary]:not([data-sample] *)");
if (refusal?.closest("form[data-guard]")) dirty.add(refusal.closest("form[data-guard]"));
refusal?.focus();

// So does one whose rows went up, down, in or out.
function unsaved(root) {
  const forms = [root, ...root.querySelectorAll("form")].filter((one) => one.matches("form[data-unsaved]"));
  for (const form of forms) dirty.add(form);
}
document.body.addEventListener("htmx:load", (event) => unsaved(event.target));
unsaved(document.body);

// What the browser knows of its reader, where nobody has chosen yet.
const guesses = { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, locale: navigator.language };
for (const select of refusal ? [] : document.querySelectorAll("select[data-guess]")) {
  const guess = guesses[select.dataset.guess];
  if ([...select.options].some((option) => option.value === guess)) select.value = guess;
}

// A form that asks again and again as somebody types asks each time with a key of its own.
document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.closest?.("[data-fresh-key]")) {
    event.detail.headers["Idempotency-Key"] = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  }
});
