const stored = "single-keys";
const typing = "input, textarea, select, [contenteditable], [role=listbox]";
const patience = 3000;
let leader = 0;
let ahead = null;

export function singleKeys() {
  return localStorage.getItem(stored) !== "off";
}

// What is to be said before a button acts is led to once.
function asks(control) {
  const field = document.getElementById(control?.dataset.keyFirst ?? "");
  if (!field || field.value) return false;
  delete control.dataset.keyFirst;
  field.focus();
  return true;
}

// A tour steps aside for whoever knows the key already.
function press(key) {
  const control = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && one.checkVisibility());
  if (control) document.querySelector("[data-tour]:modal")?.close();
  if (asks(control)) return true;
  control?.click();
  if (control?.matches("[data-dialog]")) ahead = { text: "", until: Date.now() + patience };
  return Boolean(control);
}

// What is typed before the dialog has come belongs into its field.
function isAhead(event) {
  if (!ahead || Date.now() > ahead.until || event.target.closest?.(typing) || event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return false;
  ahead.text += event.key;
  return true;
}

document.addEventListener("dialog-ready", (event) => {
  const field = event.target;
  if (ahead?.text && field.matches("input")) {
    field.value += ahead.text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  ahead = null;
});

// Where it does not come, keys mean again what they mean.
for (const failed of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(failed, () => { ahead = null; });

function go(place) {
  const link = document.querySelector(".side .nav")?.querySelectorAll("a")[Number(place) - 1];
  if (link) location.assign(link.href);
}

function act(event) {
  if (Date.now() - leader < 1500 && /^[1-9]$/.test(event.key)) return go(event.key);
  leader = event.key === "g" ? Date.now() : 0;
  if (event.key === "?") {
    event.preventDefault();
    document.getElementById("key-help")?.showModal();
  } else if (press(event.key)) {
    event.preventDefault();
  }
  return undefined;
}

// Where a form's buttons have keys, they are reached from what is typed.
function leave(event) {
  if (event.key === "Escape" && event.target.form?.querySelector("[data-key]")) event.target.blur();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const modal = document.querySelector("dialog:modal:not([data-tour])");
  if (!modal && isAhead(event)) {
    event.preventDefault();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !modal) {
    if (press("/")) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || modal || !singleKeys()) return;
  if (event.target.closest?.(typing)) return leave(event);
  return act(event);
});

const choice = document.querySelector("[data-single-keys]");
if (choice) {
  choice.checked = singleKeys();
  choice.addEventListener("change", () => localStorage.setItem(stored, choice.checked ? "on" : "off"));
}
