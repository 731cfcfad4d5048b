// A form that could not be sent keeps what was typed, says so, and is sent once when the connection is back: its
// idempotency key stays the same, so that one whose answer alone was lost does nothing twice.

import { openDialog } from "./dialogs.js";
import { release, settle } from "./forms.js";
import { word } from "./words.js";

const place = "unsent";
const pause = 4000;
const away = [502, 503, 504];
const waiting = new Map();
const pressed = new WeakMap();
const me = document.body.dataset.person;
const manifest = document.querySelector("link[rel=manifest]");
const tabs = new BroadcastChannel("person");
let timer = 0;

function forget() {
  sessionStorage.removeItem(place);
}

// Each page tells the other tabs whose it is, and signing out that it is nobody's: what somebody else typed goes there.
tabs.onmessage = ({ data }) => {
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "null");
  if (kept && kept.me !== data) forget();
  if (!me || me === data) return;
  for (const form of [...waiting.keys()]) {
    letGo(form);
    form.reset();
  }
};
if (me) tabs.postMessage(me);

// What was typed into a quick entry also outlives its page: for this person, in this tab, until they sign out.
function keep(form) {
  if (!form.matches("[data-keep]") || !me) return;
  const button = pressed.get(form);
  const typed = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
  const entries = button?.name ? [...typed, [button.name, button.value]] : typed;
  sessionStorage.setItem(place, JSON.stringify({ me, address: form.getAttribute("hx-post") ?? location.href, entries }));
}

function mayChange(form, may) {
  for (const part of form.children) part.inert = !may && !part.matches(".unsent");
}

function hold(form, said = "unsent") {
  if (waiting.has(form)) return;
  const bar = document.getElementById("unsent").content.firstElementChild.cloneNode(true);
  bar.querySelector("p").textContent = word(said);
  form.prepend(bar);
  waiting.set(form, bar);
  mayChange(form, false);
  bar.focus();
  keep(form);
  timer ||= setInterval(retry, pause);
}

function letGo(form) {
  waiting.get(form)?.remove();
  waiting.delete(form);
  mayChange(form, true);
  release(form);
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = 0;
}

// Who signed in again meanwhile has another anti-forgery token.
function renew(form) {
  const token = /(?:^|; )(?:csrftoken|__Host-csrf)=([^;]+)/.exec(document.cookie)?.[1];
  const field = form.elements.namedItem("csrfmiddlewaretoken");
  if (token && field) field.value = token;
}

async function retry() {
  const answer = await fetch(manifest.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  for (const form of [...waiting.keys()]) {
    const button = pressed.get(form);
    letGo(form);
    renew(form);
    if (form.isConnected) form.requestSubmit(button?.isConnected ? button : null);
  }
}

function formOf(event) {
  return event.detail.elt.closest?.("form[method='post']:not([data-fresh-key])");
}

addEventListener("online", () => { if (waiting.size > 0) retry(); });

document.addEventListener("submit", (event) => {
  const form = event.target;
  pressed.set(form, event.submitter);
  if (form.matches("[data-sign-out]")) {
    forget();
    tabs.postMessage("");
  } else if (!navigator.onLine && form.matches("[data-guard][method='post']:not([hx-post])")) {
    event.preventDefault();
    hold(form);
  }
}, true);

document.body.addEventListener("htmx:sendError", (event) => {
  if (formOf(event)) hold(formOf(event));
});
document.body.addEventListener("htmx:responseError", (event) => {
  if (formOf(event) && away.includes(event.detail.xhr.status)) hold(formOf(event));
});

// Somebody whose session ended is asked to sign in, and finds the form again; one that is not kept stays on its page.
document.body.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  const form = formOf(event);
  if (!form) return;
  const leads = new URL(xhr.getResponseHeader("HX-Redirect") ?? "", location.href);
  if (!leads.searchParams.has("next") || !leads.pathname.startsWith("/sign-in/")) {
    if (form.matches("[data-keep]") && !away.includes(xhr.status)) forget();
    return;
  }
  event.preventDefault();
  if (!form.matches("[data-keep]")) {
    hold(form, "signedOut");
    return;
  }
  keep(form);
  settle(document);
  leads.searchParams.set("next", location.pathname + location.search);
  location.assign(leads);
});

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-unsent-cancel]")?.closest("form");
  if (!form) return;
  letGo(form);
  forget();
  form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});

document.addEventListener("close", (event) => {
  for (const form of [...waiting.keys()]) {
    if (!event.target.contains(form)) continue;
    letGo(form);
    forget();
  }
}, true);

function fill(form, entries) {
  for (const name of new Set(entries.map(([one]) => one))) {
    const values = entries.filter(([one]) => one === name).map(([, value]) => value);
    const fields = [...form.elements].filter((one) => one.name === name && one.type !== "submit");
    for (const field of fields) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else field.value = values.shift() ?? "";
    }
    if (fields.length === 0) for (const value of values) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  for (const box of form.querySelectorAll("[type=checkbox]")) if (!entries.some(([name]) => name === box.name)) box.checked = false;
}

async function resume() {
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "null");
  if (!kept || !me) return;
  if (kept.me !== me) {
    forget();
    return;
  }
  await openDialog(kept.address);
  const form = document.querySelector("#dialog-body form[data-keep]");
  if (!form) return;
  fill(form, kept.entries);
  hold(form);
  retry();
}
if (sessionStorage.getItem(place)) addEventListener("load", resume, { once: true });
