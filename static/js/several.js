// Several of many: what is picked is added to the list, and the field is empty again for the next one.

document.addEventListener("change", (event) => {
  const box = event.target.matches?.("[data-suggest-value]") && event.target.closest("[data-several]");
  if (!box || event.target.value === "") return;
  const input = box.querySelector("[role=combobox]");
  const list = box.querySelector("[data-several-list]");
  const known = [...list.querySelectorAll("input")].find((one) => one.value === event.target.value);
  const row = known ? known.closest("li") : made(box, event.target.value, input.value);
  if (known) known.checked = true;
  else list.append(row);
  input.value = "";
  event.target.value = "";
  box.querySelector("[role=status]").textContent = row.textContent.trim();
});

// The label is a name and what tells it from others of that name, as the field shows it.
function made(box, key, label) {
  const row = box.querySelector("template").content.firstElementChild.cloneNode(true);
  const [name, ...about] = label.split(" · ");
  const field = row.querySelector("input");
  field.value = key;
  field.defaultChecked = true;
  row.querySelector("span").textContent = name;
  if (about.length > 0) {
    const small = document.createElement("small");
    small.textContent = ` ${about.join(" · ")}`;
    row.querySelector("span").append(small);
  }
  return row;
}
