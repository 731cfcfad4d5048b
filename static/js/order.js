// A list that is put in order by dragging: what is dropped sends its place by its own form (components/place.html).
let dragged = null;

function rows(list) {
  return [...list.querySelectorAll(":scope > [data-place]")];
}

function send(row, place) {
  const form = row.querySelector("form:has([name=place])");
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "place";
  field.value = place;
  form.append(field);
  form.requestSubmit();
}

function prepare(root) {
  for (const list of root.querySelectorAll("[data-order]")) {
    const all = rows(list);
    if (all.length > 1) for (const row of all) row.draggable = true;
  }
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-order] > [data-place]");
  dragged?.classList.add("is-dragged");
});

document.addEventListener("dragover", (event) => {
  const row = event.target.closest?.("[data-order] > [data-place]");
  if (!dragged || !row || row.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  if (row === dragged) return;
  const { top, height } = row.getBoundingClientRect();
  row[event.clientY < top + height / 2 ? "before" : "after"](dragged);
});

document.addEventListener("drop", (event) => {
  if (dragged && event.target.closest?.("[data-order]")) event.preventDefault();
});

document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("is-dragged");
  const place = rows(dragged.parentElement).indexOf(dragged) + 1;
  if (place !== Number(dragged.dataset.place)) send(dragged, place);
  dragged = null;
});

prepare(document);
document.body.addEventListener("htmx:load", (event) => prepare(event.target));
