// The lines of a deal: a product brings the price of the chosen book, and the amount follows what is typed.

import { read, style } from "./sums.js";

const WHOLE = 100000000n;

const field = (line, name) => line.querySelector(`[name$="-${name}"]`);

function offerOf(box, line) {
  const option = field(line, "product").selectedOptions[0];
  const prices = JSON.parse(option?.dataset.prices ?? "{}");
  const book = box.querySelector('[name="price_book_id"]')?.value ?? "";
  return prices[book] ?? ["", ""];
}

function note(line, text) {
  const price = field(line, "price");
  let said = line.querySelector("[data-source]");
  if (!said) {
    said = document.createElement("small");
    said.dataset.source = "";
    said.className = "soft";
    said.id = `${price.id}_source`;
    price.after(said);
    price.setAttribute("aria-describedby", [price.getAttribute("aria-describedby"), said.id].filter(Boolean).join(" "));
  }
  said.textContent = text;
}

// A price that nobody typed follows the product and the book.
function take(box, line) {
  const price = field(line, "price");
  const [text] = offerOf(box, line);
  if (price.value !== "" && price.value !== line.dataset.taken) return;
  price.value = text;
  line.dataset.taken = text;
}

function follow(box, line) {
  const price = field(line, "price");
  const [text, source] = offerOf(box, line);
  note(line, text !== "" && price.value === text ? source : "");
  const term = field(line, "term");
  const recurs = field(line, "product").selectedOptions[0]?.dataset.recurs !== undefined;
  term.closest(".field").hidden = !recurs && term.value === "";
}

function amount(line, how, places) {
  if (field(line, "product").value === "" || field(line, "DELETE")?.checked) return 0n;
  const number = (name, empty) => {
    const text = field(line, name).value;
    return text.trim() === "" ? empty : read(text, how);
  };
  const parts = [number("quantity", null), number("price", null), number("discount", 0n), number("term", 1000000n)];
  if (parts.includes(null)) return null;
  const [quantity, price, discount, term] = parts;
  const minor = (price * 10n ** BigInt(places)) / 1000000n;
  const gross = (quantity / 1000000n) * minor * (term / 1000000n) * (WHOLE - discount);
  return (2n * gross + WHOLE) / (2n * WHOLE);
}

function refresh(box) {
  const { locale, places } = box.dataset;
  const how = style(locale);
  let total = 0n;
  for (const line of box.querySelectorAll("[data-lines-rows] [data-line]")) {
    follow(box, line);
    const one = amount(line, how, places);
    total = one === null || total === null ? null : total + one;
  }
  const output = box.querySelector("[data-deal-total]");
  if (total === null) {
    output.value = "—";
    return;
  }
  const digits = { minimumFractionDigits: Number(places), maximumFractionDigits: Number(places) };
  const unit = 10n ** BigInt(places);
  const text = Number(places) ? `${total / unit}.${String(total % unit).padStart(Number(places), "0")}` : String(total);
  output.value = new Intl.NumberFormat(locale, digits).format(text);
}

document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-deal-lines]");
  if (!box) return;
  const line = event.target.closest("[data-line]");
  if (event.target.name === "price_book_id") for (const one of box.querySelectorAll("[data-lines-rows] [data-line]")) take(box, one);
  else if (line && event.target.name.endsWith("-product")) take(box, line);
  refresh(box);
});

// A price that stands as the book has it now follows the book; one that was agreed does not.
function begin(box) {
  for (const line of box.querySelectorAll("[data-lines-rows] [data-line]")) {
    const [text] = offerOf(box, line);
    if (text !== "" && field(line, "price").value === text) line.dataset.taken = text;
  }
  refresh(box);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-lines-add]")?.closest("[data-deal-lines]");
  if (box) queueMicrotask(() => refresh(box));
});
document.body.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.("[data-deal-lines]").forEach(begin));
document.querySelectorAll("[data-deal-lines]").forEach(begin);
