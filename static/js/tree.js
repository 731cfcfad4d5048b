const MOST_OPEN = 150;

function below(row) {
  const start = `${row.dataset.path}/`;
  return [...row.closest("tbody").querySelectorAll("tr[data-path]")].filter((one) => one.dataset.path.startsWith(start));
}

function isOpen(row) {
  return row.querySelector(".tree-toggle")?.getAttribute("aria-expanded") === "true";
}

function isShown(row, rows) {
  return rows.filter((one) => row.dataset.path.startsWith(`${one.dataset.path}/`)).every(isOpen);
}

function refresh(row) {
  const rows = [row, ...below(row)];
  for (const one of rows.slice(1)) one.hidden = !isShown(one, rows);
}

// The address names what stands open, so that the same rows come back with it.
function remember(table) {
  const rows = [...table.querySelectorAll("tr[data-path]")].filter((row) => isOpen(row) && !row.hidden);
  const open = [...new Set(rows.map((row) => row.dataset.path.split("/").pop()))].slice(0, MOST_OPEN);
  const address = new URL(window.location.href);
  address.searchParams.set("open", open.join(",") || "none");
  window.history.replaceState(window.history.state, "", address.href.replaceAll("%2C", ","));
}

async function turn(toggle) {
  const row = toggle.closest("tr");
  const opens = toggle.getAttribute("aria-expanded") !== "true";
  if (opens && below(row).length === 0 && toggle.dataset.children) {
    await window.htmx.ajax("GET", toggle.dataset.children, { target: row, swap: "afterend" });
    if (below(row).length === 0) return;
  }
  toggle.setAttribute("aria-expanded", String(opens));
  refresh(row);
  if (toggle.dataset.children) remember(row.closest("table"));
}

document.addEventListener("click", (event) => {
  const toggle = event.target.closest(".tree-toggle");
  if (!toggle || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  turn(toggle);
});

document.addEventListener("keydown", (event) => {
  const toggle = event.target.closest?.(".tree-toggle");
  if (toggle && event.key === " ") {
    event.preventDefault();
    turn(toggle);
  }
});

for (const row of document.querySelectorAll("tr[data-path]")) {
  if (row.querySelector(".tree-toggle[aria-expanded=false]")) refresh(row);
}
