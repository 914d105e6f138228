// Jobs that are at work are drawn anew by the server, once a second, until they have ended.

const EVERY = 1000;

async function drawn(address, selector) {
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (!response.ok) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector(selector);
}

function announcer() {
  const region = document.createElement("p");
  region.className = "visually-hidden";
  region.setAttribute("role", "status");
  document.querySelector("main").append(region);
  return region;
}

// While somebody is about to cancel, only the figures change.
function takeOver(card, fresh) {
  const busy = card.querySelector(".sure[open]") || card.contains(document.activeElement);
  if (!busy || fresh.dataset.state !== card.dataset.state) {
    const focused = card.contains(document.activeElement);
    card.replaceWith(fresh);
    if (focused) {
      fresh.tabIndex = -1;
      fresh.focus({ preventScroll: true });
    }
    return fresh;
  }
  for (const part of ["progress", ".job-state", ".meta", ".job-current"]) {
    const [old, now] = [card, fresh].map((each) => each.querySelector(part));
    if (old && now) old.replaceWith(now);
  }
  return card;
}

// Resolves when the job has ended.
export async function watchJob(card) {
  const told = announcer();
  let misses = 0;
  while (card.hasAttribute("data-active") && card.isConnected && misses < 30) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    if (document.hidden) continue;
    const fresh = await drawn(card.dataset.job, "[data-job]").catch(() => null);
    misses = fresh ? 0 : misses + 1;
    if (!fresh || !card.isConnected) continue;
    if (fresh.dataset.state !== card.dataset.state) {
      told.textContent = fresh.querySelector(".job-state").textContent;
    }
    card = takeOver(card, fresh);
  }
}

// Shows the card of a job that has just been made.
export async function showJob(address, place) {
  const card = await drawn(address, "[data-job]");
  if (!card) return;
  place.replaceChildren(card);
  watchJob(card);
}

async function watchList(list) {
  let misses = 0;
  while (list.querySelector("[data-active]") && misses < 30) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    if (document.hidden || list.contains(document.activeElement)) continue;
    const fresh = await drawn(location.href, "[data-jobs]").catch(() => null);
    misses = fresh ? 0 : misses + 1;
    if (fresh) list.replaceChildren(...fresh.childNodes);
  }
}

for (const card of document.querySelectorAll("[data-job][data-active]")) watchJob(card);
const list = document.querySelector("[data-jobs]");
if (list) watchList(list);
