// Everything here improves pages that already work without it.
import { setUpAddresses } from "./ask.js";
import { watchCitations } from "./citations.js";
import { setUpBoxes } from "./boxes.js";
import { setUpBuilder } from "./builder.js";
import { setUpCopying } from "./copy.js";
import { setUpFields } from "./field.js";
import { setUpPhotos } from "./photo.js";
import { setUpForms } from "./forms.js";
import { setUpInstant } from "./instant.js";
import { zoomPreviews } from "./preview.js";
import { showRegion } from "./region.js";
import { setUpViewer } from "./viewer.js";
import { keepHits, setUpSteps } from "./walk.js";

function setUpTheme() {
  const root = document.documentElement;
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.addEventListener("click", () => {
      const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      const next = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
      root.dataset.theme = next;
      try {
        localStorage.setItem("sightline-theme", next);
      } catch {
        // Not remembered, still switched.
      }
    });
  }
}

// With Ctrl: a key of its own would be pressed by those who speak to their computer.
function setUpSearchKey() {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const field = document.querySelector("[data-search-key] [name=q]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

function setUpUpload() {
  const form = document.querySelector("[data-upload]");
  const input = form?.querySelector("input[type=file]");
  input?.addEventListener("change", () => {
    form.querySelector("[data-chosen]").textContent = Array.from(input.files, (file) => file.name).join(", ");
  });
}

setUpTheme();
setUpSearchKey();
setUpPhotos(document);
setUpInstant(); // before the forms: it takes what it sends itself
setUpFields();
setUpForms();
setUpCopying();
setUpBoxes();
setUpBuilder();
setUpSteps();
setUpViewer();
const results = document.getElementById("results");
if (results) keepHits(results);
setUpAddresses();
setUpUpload();
watchCitations(document.body);
zoomPreviews(document);
showRegion();
