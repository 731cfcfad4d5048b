const stored = "single-keys";
const typing = "input, textarea, select, [contenteditable], [role=listbox]";
let leader = 0;

export function singleKeys() {
  return localStorage.getItem(stored) !== "off";
}

function press(key) {
  const control = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && one.checkVisibility());
  control?.click();
  return Boolean(control);
}

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

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const modal = document.querySelector("dialog:modal");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !modal) {
    if (press("/")) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || modal || !singleKeys()) return;
  if (event.target.closest?.(typing)) return;
  act(event);
});

const choice = document.querySelector("[data-single-keys]");
if (choice) {
  choice.checked = singleKeys();
  choice.addEventListener("change", () => localStorage.setItem(stored, choice.checked ? "on" : "off"));
}
