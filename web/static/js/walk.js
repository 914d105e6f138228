// The hits of the last search, kept for the viewer: it steps through them without searching again.

const KEY = "sightline-hits";
const walkOf = (address) => new URL(address, location).searchParams.get("walk");

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export function keepHits(results) {
  const links = Array.from(results.querySelectorAll(".hit h3 a"), (link) => link.getAttribute("href"));
  const walk = links.length ? walkOf(links[0]) : null;
  if (!walk) return;
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ walk, links }));
  } catch {
    // Without it each step searches again.
  }
}

export function setUpSteps() {
  const steps = document.querySelector("[data-walk]");
  if (!steps) return;
  const { walk, links } = kept();
  if (walk !== steps.dataset.walk) return;
  const at = Number(steps.dataset.hit) - 1;
  for (const [name, address] of [["previous", links[at - 1]], ["next", links[at + 1]]]) {
    const link = steps.querySelector(`[data-step=${name}]`);
    if (!address) continue;
    link.href = address;
    link.hidden = false;
  }
  steps.hidden = false;
}
