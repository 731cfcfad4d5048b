// Of a condition only the fields stand there that count for what it looks at.
const ranges = ["postcode_range", "employees", "annual_revenue"];

function show(line) {
  const kind = line.querySelector("select[name$=-kind]")?.value ?? "";
  for (const part of line.querySelectorAll("[data-part]")) {
    part.hidden = !kind || (part.dataset.part === "ends") !== ranges.includes(kind);
  }
}

function showAll(root) {
  for (const line of root.querySelectorAll?.("[data-condition]") ?? []) show(line);
}

document.addEventListener("change", (event) => {
  const line = event.target.closest("[data-condition]");
  if (line) show(line);
});

document.addEventListener("click", (event) => {
  const group = event.target.closest("[data-lines-add]")?.closest("[data-conditions]");
  if (group) showAll(group);
});

showAll(document);
