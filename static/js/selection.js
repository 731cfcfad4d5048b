import { toast } from "./toasts.js";
import { filled } from "./words.js";

const most = 500;
const form = document.querySelector("form[data-chosen]");
const name = form?.dataset.chosenName ?? "account";
const all = form?.querySelector("[data-choose-all]");
let chosen = new Set();

// What was done with the chosen rows says so in its message; then nothing is chosen any more.
if (document.querySelector(".toast.chosen-done")) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("chosen:")) sessionStorage.removeItem(key);
}

// Asked anew each time: rows come and go where a list is edited in place.
function boxesHere() {
  return [...document.querySelectorAll(`input[name="${name}"][form="${form.id}"]`)];
}

function read() {
  try {
    chosen = new Set(JSON.parse(sessionStorage.getItem(form.dataset.chosen) ?? "[]"));
  } catch {
    chosen = new Set();
  }
}

// Rows of other pages are sent along as hidden fields.
function show() {
  const boxes = boxesHere();
  const here = new Set(boxes.map((box) => box.value));
  const elsewhere = [...chosen].filter((id) => !here.has(id));
  for (const box of boxes) box.checked = chosen.has(box.value);
  const marked = boxes.filter((box) => box.checked).length;
  all.checked = boxes.length > 0 && marked === boxes.length;
  all.indeterminate = marked > 0 && !all.checked;
  form.querySelector("[data-chosen-count]").textContent = filled(elsewhere.length ? form.dataset.countElsewhere : form.dataset.count, { count: chosen.size, others: elsewhere.length });
  for (const act of form.querySelectorAll("[data-choose-none], [type=submit]:not([name])")) act.hidden = chosen.size === 0;
  form.querySelector("[data-chosen-elsewhere]").replaceChildren(...elsewhere.map((id) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value: id });
    return field;
  }));
}

function keep(wanted) {
  if (wanted.size > most) toast(filled(form.dataset.tooMany, { most }), "warning");
  else chosen = wanted;
  sessionStorage.setItem(form.dataset.chosen, JSON.stringify([...chosen]));
  show();
}

if (form) {
  document.addEventListener("change", (event) => {
    const boxes = boxesHere();
    if (!boxes.includes(event.target) && event.target !== all) return;
    const wanted = new Set(chosen);
    for (const box of event.target === all ? boxes : [event.target]) {
      if (event.target.checked) wanted.add(box.value);
      else wanted.delete(box.value);
    }
    keep(wanted);
  });
  form.querySelector("[data-choose-none]").addEventListener("click", () => { keep(new Set()); all.focus(); });
  document.body.addEventListener("htmx:load", show);
  addEventListener("pageshow", () => { read(); show(); });
  read();
  show();
}
