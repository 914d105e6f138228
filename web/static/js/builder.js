// The query by pictures: further examples from among the results, and what each hit met in the photo.

function addExample(form, name, id, picture) {
  const list = form.querySelector(`[data-examples="${name}"]`);
  const other = name === "like" ? "unlike" : "like";
  form.querySelector(`[data-examples="${other}"] input[value="${id}"]`)?.closest("li").remove();
  if (list.querySelector(`input[value="${id}"]`)) return;
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.src = picture;
  image.alt = "";
  const field = Object.assign(document.createElement("input"), { type: "hidden", name, value: id });
  const remove = Object.assign(document.createElement("button"), { type: "button", className: "remove", textContent: "×" });
  remove.setAttribute("aria-label", form.dataset.remove);
  remove.dataset.removeExample = "";
  item.append(image, field, remove);
  list.append(item);
}

function showExamples(form) {
  for (const list of form.querySelectorAll("[data-examples]")) list.hidden = !list.childElementCount;
  const unlike = form.querySelector("[data-unlike]");
  unlike.hidden = !unlike.querySelector("li");
}

// The part of the query photo that a hit is like, outlined on it.
function showMet(form, card) {
  const canvas = form.querySelector("[data-canvas]");
  canvas?.querySelector(".met")?.remove();
  if (!canvas || canvas.closest("[hidden]") || !card) return;
  const [x0, y0, x1, y1] = card.dataset.queryBox.split(",").map(Number);
  const overlay = canvas.querySelector(".overlay").cloneNode(true);
  overlay.removeAttribute("hidden");
  overlay.classList.add("met");
  for (const rect of overlay.querySelectorAll("rect")) {
    for (const [name, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0 })) rect.setAttribute(name, value);
  }
  canvas.append(overlay);
}

function watchMet(form, results) {
  let shown = null;
  const change = (event) => {
    const leaves = event.type === "focusout" || event.type === "mouseleave";
    const card = leaves ? null : event.target.closest("[data-query-box]");
    if (card === shown) return;
    shown = card;
    showMet(form, card);
  };
  for (const type of ["mouseover", "mouseleave", "focusin", "focusout"]) results.addEventListener(type, change);
}

export function setUpBuilder() {
  const results = document.getElementById("results");
  for (const form of document.querySelectorAll("[data-builder], [data-instant]")) watchMet(form, results);
  const form = document.querySelector("[data-builder]");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    const photo = form.elements.image;
    if (!photo || photo.files.length) return;
    const started = form.elements.text.value.trim() || form.querySelector("[data-examples=like] input");
    if (!started) {
      event.preventDefault();
      photo.focus();
      return;
    }
    // Without a photo the query has an address that can be shared.
    form.method = "get";
    form.elements.csrf_token.disabled = true;
  });
  document.addEventListener("click", (event) => {
    const example = event.target.closest("[data-example]");
    const remove = event.target.closest("[data-remove-example]");
    if (!example && !remove) return;
    event.preventDefault();
    if (example) {
      const { example: name, id } = example.dataset;
      addExample(form, name, id, example.closest(".hit").querySelector("img")?.src ?? "");
    } else remove.closest("li").remove();
    showExamples(form);
    form.requestSubmit();
  });
}
