// Search by a part of any picture: a dialog to draw it in.
import { boxOn } from "./photo.js";

export function setUpBoxes() {
  const dialog = document.getElementById("box-dialog");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const image = dialog.querySelector("img");
  const { document: documentField, page, box: field } = form.elements;
  const box = boxOn(dialog.querySelector("[data-canvas]"), (value) => {
    field.value = value ? value.map((part) => part.toFixed(5)).join(",") : "";
    field.disabled = !value;
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-box-of]");
    if (opener) {
      image.src = opener.dataset.boxOf;
      documentField.value = opener.dataset.document;
      page.value = opener.dataset.pageNumber;
      box.set(opener.dataset.box ? opener.dataset.box.split(",").map(Number) : null);
      dialog.showModal();
      dialog.querySelector("[data-canvas]").focus();
    }
    // A click beside the dialog is one on itself, not on what it holds.
    if (event.target.closest("[data-close]") || event.target === dialog) dialog.close();
  });
}
