// The field for a question: grows with it, and Enter asks.

export function setUpFields() {
  for (const area of document.querySelectorAll("textarea[data-grows]")) {
    area.addEventListener("keydown", (event) => {
      // While a word is being composed, Enter chooses it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      area.form.requestSubmit();
    });
    if (CSS.supports("field-sizing", "content")) continue;
    const grow = () => {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight}px`;
    };
    area.addEventListener("input", grow);
    grow();
  }
}
