const tour = document.querySelector("[data-tour]");

function start() {
  const cards = [...tour.querySelectorAll("[data-tour-card]")];
  const form = tour.querySelector("form");
  const button = (name) => tour.querySelector(`[data-tour-${name}]`);
  let place = 0;
  let isTold = false;

  function show(wanted, andFocus = true) {
    if (wanted < 0 || wanted >= cards.length) return;
    place = wanted;
    const isLast = place === cards.length - 1;
    cards.forEach((card, number) => { card.hidden = number !== place; });
    button("back").hidden = place === 0;
    button("next").hidden = button("skip").hidden = isLast;
    button("done").hidden = !isLast;
    if (andFocus) cards[place].querySelector("h3").focus();
  }

  // A link in a card leaves the page: the note must outlive it, and its answer, a redirect, leads nowhere here.
  function tell() {
    if (isTold) return;
    isTold = true;
    fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true, redirect: "manual" }).catch(() => { isTold = false; });
  }

  button("next").addEventListener("click", () => show(place + 1));
  button("back").addEventListener("click", () => show(place - 1));
  tour.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const forward = getComputedStyle(tour).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    show(place + (event.key === forward ? 1 : -1));
  });
  tour.addEventListener("close", () => { tell(); show(0, false); });
  tour.addEventListener("click", (event) => { if (event.target.closest("a")) tell(); });
  if (tour.hasAttribute("data-tour-opens")) tour.showModal();
}

if (tour) start();
