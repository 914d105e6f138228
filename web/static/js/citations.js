// Pointing at a citation lights its evidence card, and the other way round.

function light(root, number, on) {
  const escaped = CSS.escape(number);
  for (const chip of root.querySelectorAll(`[data-cite="${escaped}"]`)) {
    chip.classList.toggle("lit", on);
    chip.closest(".sentence")?.classList.toggle("lit", on);
  }
  root.querySelector(`[data-source="${escaped}"]`)?.classList.toggle("lit", on);
}

function numberAt(target) {
  const place = target instanceof Element ? target.closest("[data-cite], [data-source]") : null;
  return place ? (place.dataset.cite ?? place.dataset.source) : null;
}

export function watchCitations(root) {
  let current = null;
  const change = (event) => {
    const next = event.type === "focusout" || event.type === "mouseleave" ? null : numberAt(event.target);
    if (next === current) return;
    if (current) light(root, current, false);
    if (next) light(root, next, true);
    current = next;
  };
  for (const type of ["mouseover", "mouseleave", "focusin", "focusout"]) root.addEventListener(type, change);
}
