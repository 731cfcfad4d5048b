const words = document.getElementById("words");

export function word(name, values = {}) {
  const text = words?.dataset[name] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
