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

function showPlace() {
  // On a narrow screen the pages of the library do not fit side by side.
  document.querySelector(".shelf-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

document.querySelector(".early")?.remove(); // what is final has come
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
showPlace();
watchCitations(document.body);
zoomPreviews(document);
showRegion();
