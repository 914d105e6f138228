// Search by a part of any picture: a dialog to draw it in.
import { boxOn } from "./photo.js";

function build(template) {
  document.body.append(template.content.cloneNode(true));
  const dialog = document.body.lastElementChild;
  const { document: documentField, page, box: field } = dialog.querySelector("form").elements;
  const canvas = dialog.querySelector("[data-canvas]");
  const box = boxOn(canvas, (value) => {
    field.value = value ? value.map((part) => part.toFixed(5)).join(",") : "";
    field.disabled = !value;
  });
  dialog.addEventListener("click", (event) => {
    // A click beside the dialog is one on itself, not on what it holds.
    if (event.target.closest("[data-close]") || event.target === dialog) dialog.close();
  });
  return (opener) => {
    canvas.querySelector("img").src = opener.dataset.boxOf;
    documentField.value = opener.dataset.document;
    page.value = opener.dataset.pageNumber;
    box.set(opener.dataset.box ? opener.dataset.box.split(",").map(Number) : null);
    dialog.showModal();
    canvas.focus();
  };
}

export function setUpBoxes() {
  const template = document.getElementById("box-dialog");
  if (!template) return;
  let open = null;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-box-of]");
    if (!opener) return;
    open ??= build(template);
    open(opener);
  });
}
