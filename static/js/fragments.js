const conflicts = [409, 412, 422, 428];

// A refusal belongs where the person typed; one that nobody typed (a moved card) goes to the dialog, unless it
// says itself how it is put in.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target, requestConfig } = event.detail;
  if (!conflicts.includes(xhr.status) || xhr.getResponseHeader("HX-Reswap")) return;
  const form = requestConfig?.elt?.closest?.("form");
  const typed = form && (form === target || target.contains(form));
  if (!typed) {
    event.detail.target = document.getElementById("dialog-body");
    event.detail.swapOverride = "innerHTML";
  }
});
