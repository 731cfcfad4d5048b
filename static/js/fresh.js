// A page reads again what an act elsewhere changed: its sums and counts, and a deal that was just entered.
import { toast } from "./toasts.js";
import { word } from "./words.js";

const kept = "said";
const live = document.createElement("p");
live.className = "visually-hidden";
live.setAttribute("role", "status");
if (document.querySelector("[data-fresh]")) document.body.append(live);

async function page(headers = {}) {
  const answer = await fetch(location.href, { headers }).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

function sums(now) {
  for (const old of document.querySelectorAll("[data-sums]")) {
    const fresh = now.getElementById(old.id);
    if (!fresh) continue;
    old.replaceChildren(...fresh.childNodes);
    window.htmx?.process(old);
  }
}

// Sums are those of the server, like every figure.
export async function readSums() {
  if (!document.querySelector("[data-sums]")) return;
  const now = await page();
  if (now) sums(now);
}

// Rows that are not here yet come where they stand there; the others stay, with what is being typed in them.
function rows(now) {
  for (const box of document.querySelectorAll("[data-fresh]")) {
    let last = null;
    for (const row of [...(now.getElementById(box.id)?.children ?? [])].filter((one) => one.id)) {
      const here = document.getElementById(row.id);
      if (!here) {
        box.insertBefore(row, last ? last.nextSibling : box.firstChild);
        window.htmx?.process(row);
      }
      const placed = here ?? row;
      if (placed.parentElement === box) last = placed;
    }
  }
}

document.body.addEventListener("deal-entered", async ({ detail }) => {
  if (document.querySelector("[data-fresh-page]")) {
    const { text, url, label } = detail;
    sessionStorage.setItem(kept, JSON.stringify({ text, url, label }));
    location.reload();
    return;
  }
  if (!document.querySelector("[data-fresh], [data-calendar], [data-sums]")) return;
  const now = await page({ Entered: detail.id });
  if (!now) return;
  rows(now);
  sums(now);
  if (!document.querySelector("[data-fresh], [data-calendar]")) return;
  const row = ["deal", "card", "work-deal"].map((kind) => document.getElementById(`${kind}-${detail.id}`)).find(Boolean);
  row?.classList.add("is-new");
  row?.closest("details")?.setAttribute("open", "");
  row?.scrollIntoView({ block: "nearest", inline: "nearest" });
  live.textContent = row ? word("shown", detail) : "";
  if (!row) toast(word("elsewhere", detail));
});

const said = sessionStorage.getItem(kept);
if (said) {
  sessionStorage.removeItem(kept);
  const { text, url, label } = JSON.parse(said);
  toast(text, "success", { url, label });
}
