const root = document.documentElement;
const year = 365 * 24 * 60 * 60;

function remember(name, value) {
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${name}=${value};path=/;max-age=${value ? year : 0};samesite=lax${secure}`;
}

function show(name) {
  const attribute = name === "theme" ? "setTheme" : "setDensity";
  for (const button of document.querySelectorAll(`[data-set-${name}]`)) {
    button.setAttribute("aria-pressed", String(button.dataset[attribute] === (root.dataset[name] ?? "")));
  }
}

function choose(name, value) {
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
  remember(name, value);
  show(name);
}

document.addEventListener("click", (event) => {
  const theme = event.target.closest("[data-set-theme]");
  const density = event.target.closest("[data-set-density]");
  if (theme) choose("theme", theme.dataset.setTheme);
  if (density) choose("density", density.dataset.setDensity);
});

show("theme");
show("density");
