document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-lines-add]");
  if (!button) return;
  const group = button.closest("[data-lines]");
  const total = group.querySelector(`[name="${group.dataset.lines}-TOTAL_FORMS"]`);
  const most = group.querySelector(`[name="${group.dataset.lines}-MAX_NUM_FORMS"]`);
  if (most && Number(total.value) >= Number(most.value)) return;
  const made = document.createElement("template");
  made.innerHTML = group.querySelector("template").innerHTML.replaceAll("__prefix__", total.value);
  const row = made.content.firstElementChild;
  group.querySelector("[data-lines-rows]").append(row);
  total.value = String(Number(total.value) + 1);
  window.htmx?.process(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});
