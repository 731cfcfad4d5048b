import { word } from "./words.js";

const box = document.getElementById("toasts");
const pattern = document.getElementById("words");
const calm = 8000;

function fade(toast) {
  if (toast.matches(".error, .warning")) return;
  let timer = setTimeout(() => toast.remove(), calm);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), calm); });
}

// A modal dialog makes the rest of the page inert, so a message must sit inside it to be seen and closed.
function place() {
  const modal = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (box.parentElement !== modal) modal.append(box);
}

export function toast(text, level = "info", link = null) {
  if (!box || !text) return;
  place();
  const made = pattern.content.firstElementChild.cloneNode(true);
  made.classList.add(level);
  made.querySelector("p").textContent = text;
  if (link) made.querySelector("p").append(" ", Object.assign(document.createElement("a"), { href: link.url, textContent: link.label }));
  box.append(made);
  fade(made);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest(".toast").remove();
});
document.addEventListener("close", (event) => {
  if (event.target.contains(box)) document.body.append(box);
}, true);
document.body.addEventListener("toast", (event) => {
  const { text, level, url, label } = event.detail;
  toast(text, level, url ? { url, label } : null);
});

const refusals = { 401: "signedOut", 403: "forbidden", 404: "gone", 410: "gone", 429: "busy" };
// A form that could not be sent says so itself, and is sent again.
const isHeld = (event) => Boolean(event.detail.elt.closest?.("form[method='post']:not([data-fresh-key])"));
document.body.addEventListener("htmx:responseError", (event) => {
  if (isHeld(event) && [502, 503, 504].includes(event.detail.xhr.status)) return;
  toast(word(refusals[event.detail.xhr.status] ?? "failed"), "error");
});
document.body.addEventListener("htmx:sendError", (event) => {
  if (!isHeld(event)) toast(word("offline"), "error");
});

for (const made of box?.children ?? []) fade(made);
