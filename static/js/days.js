// A day is shown and typed as its reader writes days, in whatever language the browser is, and sent as year-month-day.
// The browser's own field, which writes days its own way, is left for whoever has no scripts, and opened to pick from.
import { word } from "./words.js";

const parts = (document.body.dataset.days ?? "").split(/([dMy])/).filter(Boolean);
const digits = { d: "(?<d>\\d{1,2})", M: "(?<M>\\d{1,2})", y: "(?<y>\\d{4}|\\d{2})" };
const style = new RegExp(`^${parts.map((part) => digits[part] ?? part.replace(/\W/g, "\\$&")).join("")}$`);
const iso = /^(?<y>\d{4})-(?<M>\d{2})-(?<d>\d{2})$/;
const pick = document.getElementById("day-pick");

function shown(text) {
  const day = iso.exec(text)?.groups;
  return day ? parts.map((part) => day[part] ?? part).join("") : text;
}

function meant(text) {
  const day = style.exec(text.trim())?.groups;
  return day ? `${`20${day.y}`.slice(-4)}-${day.M.padStart(2, "0")}-${day.d.padStart(2, "0")}` : text.trim();
}

function isDay(text) {
  const day = new Date(`${text}T00:00Z`);
  return iso.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function check(field) {
  const text = meant(field.value);
  field.setCustomValidity(text === "" || isDay(text) ? "" : word("day", { example: shown("2026-03-31") }));
}

function dress(field) {
  const [button, calendar] = pick.content.cloneNode(true).children;
  const box = Object.assign(document.createElement("span"), { className: "day-field" });
  const isHere = document.activeElement === field;
  const day = field.getAttribute("value") ?? "";
  for (const edge of ["min", "max"]) if (field[edge]) calendar[edge] = field[edge];
  field.type = "text";
  field.dataset.day = "";
  field.autocomplete = "off";
  field.placeholder = parts.map((part) => ({ d: "dd", M: "mm", y: "yyyy" })[part] ?? part).join("");
  field.defaultValue = field.value = shown(day);
  field.replaceWith(box);
  box.append(field, button, calendar);
  if (isHere) field.focus();
  button.addEventListener("click", () => {
    calendar.value = isDay(meant(field.value)) ? meant(field.value) : "";
    calendar.showPicker();
  });
  calendar.addEventListener("change", (event) => {
    event.stopPropagation();
    field.value = shown(calendar.value);
    calendar.value = "";
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
    field.focus();
  });
}

function dressAll(root) {
  if (!pick || parts.length === 0) return;
  for (const field of root.querySelectorAll("input[type=date]:not(.day-native, [hidden])")) dress(field);
}

document.addEventListener("input", (event) => { if (event.target.matches("[data-day]")) check(event.target); });
document.addEventListener("formdata", (event) => {
  for (const field of event.target.querySelectorAll("[data-day][name]")) {
    if (event.formData.has(field.name)) event.formData.set(field.name, meant(field.value));
  }
});
document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  for (const field of document.querySelectorAll("[data-day][name]")) {
    if (detail.parameters[field.name] === field.value) detail.parameters[field.name] = meant(field.value);
  }
});
document.body.addEventListener("htmx:load", (event) => dressAll(event.target));
dressAll(document);
