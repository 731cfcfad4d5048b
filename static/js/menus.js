const open = "details[data-menu][open], details.dock-more[open]";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(open)) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest(open) ?? document.querySelector(open);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.preventDefault();
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest(open);
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
