import { word } from "./words.js";
import { isDirty, settle } from "./forms.js";

const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");

// One that does not come opens nothing; who waits for it finds no form in it.
export function openDialog(address) {
  return window.htmx.ajax("GET", address, { target: body, swap: "innerHTML" }).catch(() => undefined);
}

function mayClose(box) {
  return !isDirty(box) || window.confirm(word("leave"));
}

function close(box) {
  settle(box);
  box.close();
}

// Forms of a dialog post into it; the address of the page that the form came from is kept for those without one.
function wire(address) {
  for (const form of body.querySelectorAll("form[method='post']:not([hx-post])")) {
    form.setAttribute("hx-post", form.getAttribute("action") || address);
    form.setAttribute("hx-target", "#dialog-body");
    form.setAttribute("hx-swap", "innerHTML");
    window.htmx.process(form);
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (opener && plain && window.htmx && dialog) {
    event.preventDefault();
    openDialog(opener.href);
    return;
  }
  const named = event.target.closest("[data-opens]");
  if (named) document.getElementById(named.dataset.opens)?.showModal();
  const closer = event.target.closest("[data-dialog-close]");
  const box = closer?.closest("dialog");
  if (box) {
    event.preventDefault();
    if (mayClose(box)) close(box);
  }
});

document.addEventListener("cancel", (event) => {
  if (!(event.target instanceof HTMLDialogElement)) return;
  if (mayClose(event.target)) settle(event.target);
  else event.preventDefault();
}, true);

document.addEventListener("close", (event) => {
  if (event.target === dialog) body.replaceChildren();
}, true);

body?.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== body) return;
  wire(event.detail.xhr.responseURL || location.href);
  if (!dialog.open) dialog.showModal();
  const first = (body.querySelector("[data-next]") ?? body.querySelector("[data-error-summary], [autofocus]") ?? body.querySelector("input:not([type=hidden]), select, textarea") ?? body.querySelector("a, button:not([data-dialog-close])"));
  first?.focus();
  first?.dispatchEvent(new CustomEvent("dialog-ready", { bubbles: true }));
});
document.body.addEventListener("dialog-close", () => { if (dialog.open) close(dialog); });
