const root = document.documentElement;
const year = 365 * 24 * 60 * 60;
const buttons = document.querySelectorAll("[data-choose]");

function remember(name, value) {
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${name}=${value};path=/;max-age=${value ? year : 0};samesite=lax${secure}`;
}

function show() {
  for (const button of buttons) button.ariaPressed = String(button.value === (root.dataset[button.dataset.choose] ?? ""));
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    const name = button.dataset.choose;
    if (button.value) root.dataset[name] = button.value;
    else delete root.dataset[name];
    remember(name, button.value);
    show();
  });
}
show();
