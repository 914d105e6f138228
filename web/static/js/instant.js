// Results while a search is typed: the address follows, the count is told, older requests end.
import { noteAddress } from "./ask.js";
import { keepHits } from "./walk.js";

const PAUSE = 160; // milliseconds without a key before a quick search
const SETTLED = 700; // and before a thorough one
const PHOTO_PAUSE = 450; // a box is drawn in several goes
const PARTS = ["told", "chips", "filters-summary", "results"];

// What a second, thorough look may change: the hits, their order, and whether they are weak.
const shownIn = (part) => Array.from(part.querySelectorAll(".hit h3 a, .weak"), (each) => each.href ?? each.textContent).join("\n");

// Puts what a page brought in the place of what is here, part by part.
export function showParts(page, quietly = false) {
  for (const id of PARTS) {
    const [here, come] = [document.getElementById(id), page.getElementById(id)];
    if (!here || !come) continue;
    // What is told is told once, and what is the same does not move.
    if (id === "told" && here.textContent === come.textContent) continue;
    if (id === "results" && quietly && shownIn(here) === shownIn(come)) continue;
    here.replaceChildren(...come.childNodes);
    here.hidden = come.hidden;
  }
  const results = document.getElementById("results");
  if (results) keepHits(results);
  return Boolean(page.getElementById("results"));
}

// Instead of results that belong to other words.
function showUnanswered(results, again) {
  const card = document.createElement("div");
  card.className = "card bad problem";
  card.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = document.body.dataset.networkError;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = document.body.dataset.tryAgain;
  button.addEventListener("click", again);
  card.append(text, button);
  results.replaceChildren(card);
}

export function setUpInstant() {
  const form = document.querySelector("[data-instant]");
  if (!form) return;
  const field = form.elements.q;
  const results = document.getElementById("results");
  const withPhoto = () => Boolean(form.querySelector("[name=image]").files.length);
  let waiting = 0;
  let running = null;
  let shown = ""; // the address whose results, quick ones at least, are here
  let typing = !location.search; // whether the address of this moment may be overwritten

  const address = () => {
    const fields = [...new FormData(form)].filter(
      ([name, value]) => typeof value === "string" && value.trim() && name !== "csrf_token" && name !== "box",
    );
    return fields.length ? `${form.getAttribute("action")}?${new URLSearchParams(fields)}` : form.getAttribute("action");
  };
  const remember = (to, ended) => {
    if (to !== location.pathname + location.search) {
      if (typing) history.replaceState({}, "", to);
      else history.pushState({}, "", to);
      noteAddress();
    }
    typing = !ended;
  };
  const stop = () => {
    clearTimeout(waiting);
    running?.abort();
    running = null;
  };

  // ``ended``: with Enter or a choice, so that Back leads here; ``quick``: a thorough look follows.
  const search = async (ended, quick = false, quietly = false) => {
    stop();
    const to = address();
    const request = new AbortController();
    running = request;
    results.setAttribute("aria-busy", String(!quietly));
    try {
      const headers = { Accept: "text/html", ...(quick && { "X-Typing": "1" }) };
      // A quick answer is not the page of its address: it is not to be kept.
      const response = await fetch(to, { headers, signal: request.signal, cache: quick ? "no-store" : "default" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (running !== request) return;
      if (response.redirected) return location.assign(to); // to where one signs in
      if (!quietly) remember(to, ended);
      document.title = page.title;
      if (!showParts(page, quietly)) {
        document.getElementById("told").replaceChildren();
        results.replaceChildren(...(page.querySelector("main")?.childNodes ?? []));
      }
      document.querySelector("[data-start-title]")?.classList.toggle("visually-hidden", results.childElementCount > 0);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (running !== request) return;
      running = null;
      results.setAttribute("aria-busy", "false");
      if (quietly) return; // the quick results are of these words
      shown = "";
      document.getElementById("told").replaceChildren();
      showUnanswered(results, () => {
        look();
        field.focus();
      });
      return;
    }
    if (running !== request) return;
    running = null;
    results.setAttribute("aria-busy", "false");
    shown = to;
    if (quick) waiting = setTimeout(settle, ended ? 0 : SETTLED);
  };
  // Nothing moves under somebody who has gone on to the results.
  const settle = () => {
    if (!results.contains(document.activeElement)) search(false, false, true);
  };
  const soon = (pause = PAUSE) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(false, true), pause);
  };
  const submit = () => form.requestSubmit();
  const look = () => search(true, address() !== shown);

  field.addEventListener("input", () => {
    // With a photo each search would send it again, and looking for objects takes its time.
    if (withPhoto() || form.elements.kind.value === "objects") return;
    const words = field.value.trim();
    if (words.length === 1) return;
    soon();
  });
  // Words that were typed before this script ran.
  const asked = new URLSearchParams(location.search).get("q") ?? "";
  if (document.activeElement === field && field.value.trim() !== asked.trim()) soon();
  form.addEventListener("change", (event) => {
    if (!event.target.matches(".query-options :is(select, input)")) return;
    if (withPhoto()) submit();
    else soon(0);
  });
  form.addEventListener("photochange", () => {
    clearTimeout(waiting);
    if (withPhoto()) waiting = setTimeout(submit, PHOTO_PAUSE);
    else soon(PHOTO_PAUSE);
  });
  form.addEventListener("submit", (event) => {
    stop();
    if (withPhoto()) return;
    event.preventDefault();
    look();
  });

  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-filter]");
    const tab = event.target.closest("[data-kind]");
    const clear = event.target.closest("[data-clear-filters]");
    if (clear && form.contains(clear)) {
      event.preventDefault();
      for (const each of form.querySelectorAll(".query-options :is(input:not([type=checkbox]), select)")) {
        if (each.type === "hidden") each.remove();
        else each.value = "";
      }
      if (withPhoto()) submit();
      else look();
      field.focus();
    }
    if (chip && form.contains(chip)) {
      const { filter, value } = chip.dataset;
      const fields = [...form.querySelectorAll(`.query-options [name="${CSS.escape(filter)}"]`)];
      const meant = fields.find((each) => each.value === value) ?? fields[0];
      if (!meant) return;
      event.preventDefault();
      if (meant.type === "hidden") meant.remove();
      else meant.value = "";
      if (withPhoto()) submit();
      else look();
      field.focus();
    }
    if (tab) {
      form.elements.kind.value = tab.dataset.kind;
      form.elements.kind.disabled = !tab.dataset.kind;
      submit();
    }
  });
}
