// Sums that follow what is typed. Amounts are read in the reader's own style and added as whole numbers.

export function style(locale) {
  const parts = new Intl.NumberFormat(locale).formatToParts(1234567.8);
  const part = (type) => parts.find((one) => one.type === type)?.value ?? "";
  return { decimal: part("decimal"), group: part("group") };
}

// The value in millionths, or null for what is not a number.
export function read(text, { decimal, group }) {
  const plain = text.trim().split(group).join("").replace(/[\s\u00a0\u202f]/g, "");
  const [whole, decimals = "", ...more] = plain.split(decimal);
  if (more.length > 0 || !/^\d{1,12}$/.test(whole) || !/^\d{0,6}$/.test(decimals)) return null;
  return BigInt(whole) * 1000000n + BigInt(decimals.padEnd(6, "0"));
}

function sum(box, output, how) {
  let total = 0n;
  for (const line of box.querySelectorAll(`[data-lines="${output.dataset.sum}"] [data-line]`)) {
    const input = line.querySelector("[data-amount]");
    if (!input || input.value.trim() === "" || line.querySelector("[name$='-DELETE']")?.checked) continue;
    const value = read(input.value, how);
    if (value === null) return null;
    total += value;
  }
  return total;
}

function show(output, total, locale) {
  const { places, whole } = output.dataset;
  if (total === null) {
    output.value = "—";
    return;
  }
  const digits = places === undefined ? { maximumFractionDigits: 6 } : { minimumFractionDigits: Number(places), maximumFractionDigits: Number(places) };
  const text = `${total / 1000000n}.${String(total % 1000000n).padStart(6, "0")}`;
  output.value = new Intl.NumberFormat(locale, digits).format(text);
  if (whole) output.classList.toggle("neg", total !== 0n && total !== BigInt(whole) * 1000000n);
}

function refresh(box) {
  const { locale } = box.dataset;
  const how = style(locale);
  for (const output of box.querySelectorAll("output[data-sum]")) show(output, sum(box, output, how), locale);
}

document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-sums]");
  if (box) refresh(box);
});

document.body.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.("[data-sums]").forEach(refresh));
document.querySelectorAll("[data-sums]").forEach(refresh);
