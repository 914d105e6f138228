// Working state of forms, and searches by photo that keep the photo on the page.
import { csrfToken, streamAnswer } from "./ask.js";
import { showParts } from "./instant.js";
import { zoomPreviews } from "./preview.js";

function setWorking(form, on) {
  const text = form.querySelector("[data-working-text]");
  if (text) text.hidden = !on;
  for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = on;
  document.getElementById("results")?.setAttribute("aria-busy", String(on));
}

function photoOf(form) {
  return form.querySelector("input[type=file][name=image]")?.files[0] ?? null;
}

function showMessage(results, text) {
  const card = document.createElement("p");
  card.className = "card bad";
  card.setAttribute("role", "alert");
  card.textContent = text;
  results.replaceChildren(card);
}

let sending = null; // a search by photo that has not been answered yet

async function search(form, submitter) {
  sending?.abort();
  sending = new AbortController();
  const body = new FormData(form, submitter);
  const headers = { Accept: "text/html", "X-CSRFToken": csrfToken() };
  const response = await fetch(form.action, { method: "POST", body, headers, signal: sending.signal });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return showParts(page);
}

async function showOnPage(show, form, submitter) {
  const results = document.getElementById("results");
  const shown = show(form, submitter, results);
  setWorking(form, true);
  try {
    if (!(await shown)) showMessage(results, document.body.dataset.networkError);
  } catch (problem) {
    if (problem.name === "AbortError") return; // a newer one shows its own
    showMessage(results, document.body.dataset.networkError);
  }
  setWorking(form, false);
  zoomPreviews(results);
  // Nobody asked for it by a key or a button: who is typing goes on typing.
  if (!submitter && form.hasAttribute("data-instant")) return;
  results.focus({ preventScroll: true });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const top = results.getBoundingClientRect().top;
  if (top > innerHeight * 0.6 || top < 0) results.scrollIntoView({ behavior: still ? "auto" : "smooth" });
}

export function setUpForms() {
  // Of the whole page: answers bring forms of their own.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-query], [data-upload]");
    if (!form || event.defaultPrevented) return;
    const asked = form.dataset.stream && form.elements.q.value.trim();
    if (form.hasAttribute("data-query") && (asked || photoOf(form))) {
      event.preventDefault();
      showOnPage(form.dataset.stream ? streamAnswer : search, form, event.submitter);
      return;
    }
    if (form.dataset.stream) {
      event.preventDefault();
      form.elements.q.focus();
      return;
    }
    // Fields that are not filled in stay out of the address that people share.
    for (const field of form.querySelectorAll("input, select")) {
      if (form.method === "get" && !field.value && field.name !== "q") field.disabled = true;
    }
    // After the browser has read the form: a disabled submitter would lose its value.
    setTimeout(() => setWorking(form, true));
  });
  // Coming back with the browser's Back button restores the page as it was left: working.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("[data-query], [data-upload]")) {
      setWorking(form, false);
      for (const field of form.querySelectorAll("input, select")) {
        if (field.name !== "box") field.disabled = false;
      }
    }
  });
}
