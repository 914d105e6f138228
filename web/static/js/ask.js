// An answer as it comes to be: words of a model, then checked sentences, then the whole of it.

async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (waiting + value).split("\n\n");
    waiting = parts.pop();
    for (const part of parts) {
      const fields = new Map(part.split("\n").map((line) => line.split(/: (.*)/s, 2)));
      yield { name: fields.get("event"), data: JSON.parse(fields.get("data")) };
    }
  }
}

function sentenceOf({ sentence, citations }, urls) {
  for (const citation of citations) urls.set(citation.n, citation.url);
  const span = document.createElement("span");
  span.className = sentence.supported ? "sentence" : "sentence unsupported";
  span.append(sentence.text);
  for (const number of sentence.citations) {
    const chip = document.createElement("a");
    chip.className = "chip";
    chip.href = urls.get(number);
    chip.textContent = number;
    span.append("\u2060", chip);
  }
  return span;
}

// Without the part after "#": going to a place on the page leaves the page as it is.
const address = () => location.pathname + location.search;
let shownAddress = address();

// To be called after the address was changed without leaving the page.
export function noteAddress() {
  shownAddress = address();
}

function rememberAddress(form, body) {
  if (body.get("image")?.size) return; // A photo has no address.
  const fields = [...body].filter(
    ([name, value]) => typeof value === "string" && value && name !== "csrf_token",
  );
  history.pushState({}, "", `${form.getAttribute("action")}?${new URLSearchParams(fields)}`);
  noteAddress();
  document.title = `${body.get("q")} · Sightline`;
}

function leaveStart() {
  document.querySelector("main").classList.remove("ask-start");
  document.querySelector("[data-start-title]")?.classList.add("visually-hidden");
  for (const part of document.querySelectorAll("[data-start]")) part.remove();
}

// Pages send it with all that they post.
export const csrfToken = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";

// Resolves to false if there is no answer to show: the caller says so.
export async function streamAnswer(form, submitter, results) {
  const body = new FormData(form, submitter);
  const stop = new AbortController();
  const urls = new Map();
  const response = await fetch(form.dataset.stream, {
    method: "POST",
    body,
    signal: stop.signal,
    headers: { Accept: "text/event-stream", "X-CSRFToken": csrfToken() },
  });
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.getElementById("results") ?? page.querySelector("main");
    if (found) results.replaceChildren(...found.childNodes);
    return Boolean(found);
  }
  if (!form.hasAttribute("data-goes-on")) {
    rememberAddress(form, body);
    leaveStart();
  }
  results.replaceChildren(document.getElementById("live-answer").content.cloneNode(true));
  const statements = results.querySelector("[data-statements]");
  const draft = results.querySelector("[data-draft]");
  results.querySelector("[data-stop]").addEventListener("click", (event) => {
    stop.abort();
    event.target.remove();
    draft.textContent = "";
  });
  try {
    for await (const { name, data } of eventsOf(response)) {
      if (name === "draft") draft.textContent += data.text;
      if (name === "statement") {
        draft.textContent = "";
        statements.append(sentenceOf(data, urls), " ");
      }
      if (name === "error") {
        results.querySelector("[data-stop]").remove();
        draft.textContent = data.detail;
        return true;
      }
      if (name === "answer") {
        if (form.hasAttribute("data-goes-on") && data.url) {
          location.assign(data.url);
          return true;
        }
        const shown = new DOMParser().parseFromString(data.html, "text/html");
        results.replaceChildren(...shown.body.childNodes);
        return true;
      }
    }
  } catch (problem) {
    if (problem.name === "AbortError") return true;
    throw problem;
  }
  return false;
}

export function setUpAddresses() {
  // Addresses that were made here lead to pages that the server draws.
  addEventListener("popstate", () => {
    if (address() !== shownAddress) location.reload();
  });
}
