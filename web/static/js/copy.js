// An answer as text with numbered sources, and its address, for the clipboard.

async function put(text, html = "") {
  if (html && navigator.clipboard?.write && globalThis.ClipboardItem) {
    const parts = { "text/plain": text, "text/html": html };
    const blobs = Object.entries(parts).map(([type, part]) => [type, new Blob([part], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    return;
  }
  if (navigator.clipboard?.writeText) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Browsers keep the clipboard from pages of plain http that are not on this machine.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("the clipboard is closed");
}

function sentencesOf(answer) {
  const found = [...answer.querySelectorAll(".sentence")];
  if (!found.length) return [answer.querySelector(".answer-text").textContent.trim()];
  return found.map((sentence) => {
    const copy = sentence.cloneNode(true);
    for (const chip of copy.querySelectorAll(".chip")) chip.replaceWith(` [${chip.textContent.trim()}]`);
    return copy.textContent.replaceAll("\u2060", "").replace(/\s+/g, " ").trim();
  });
}

function sourcesOf(layout) {
  return [...layout.querySelectorAll("[data-source]")].map((source) => ({
    number: source.querySelector(".chip").textContent.trim(),
    title: `${source.querySelector("h3").textContent.trim()}, ${source.querySelector(".source-head .meta").textContent.trim()}`,
    address: source.querySelector("h3 a")?.href ?? "",
  }));
}

const lineOf = ({ number, title, address }) => `[${number}] ${title}${address ? `: ${address}` : ""}`;

function markupOf(sentences, heading, sources) {
  const root = document.createElement("div");
  const add = (parent, name, text = "") => {
    const element = document.createElement(name);
    element.append(text);
    parent.append(element);
    return element;
  };
  add(root, "p", sentences.join(" "));
  if (sources.length) {
    add(add(root, "p"), "strong", heading);
    for (const { number, title, address } of sources) {
      const line = add(root, "p", `[${number}] `);
      if (address) add(line, "a", title).setAttribute("href", address);
      else line.append(title);
    }
  }
  return root.innerHTML;
}

function copyAnswer(button) {
  const layout = button.closest(".answer-layout");
  const sentences = sentencesOf(layout.querySelector(".answer"));
  const sources = sourcesOf(layout);
  const heading = button.dataset.heading;
  const list = sources.length ? `\n\n${heading}\n${sources.map(lineOf).join("\n")}` : "";
  return put(sentences.join(" ") + list, markupOf(sentences, heading, sources));
}

export function setUpCopying() {
  document.addEventListener("click", async (event) => {
    const target = event.target.closest("[data-copy-answer], [data-copy-link]");
    if (!target) return;
    event.preventDefault();
    const said = target.parentElement.querySelector("[role=status]");
    said.textContent = "";
    try {
      await (target.hasAttribute("data-copy-link") ? put(target.href) : copyAnswer(target));
      said.textContent = target.dataset.done;
    } catch {
      said.textContent = said.dataset.failed;
    }
  });
}
