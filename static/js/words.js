const words = document.getElementById("words");

export function word(name, values = {}) {
  return filled(words?.dataset[name] ?? "", values);
}

// A sentence with its values in their places; of a part of a page that brings its own.
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
