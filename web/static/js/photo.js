// Choosing, dropping or pasting a photo, its preview, and drawing a box on it.

const STEP = 0.02; // of the photo, for one press of an arrow key
const SMALLEST = 0.02;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// Draws and edits one box, in fractions of the picture; `changed` gets it, or null.
export function boxOn(canvas, changed, first) {
  const overlay = canvas.querySelector(".overlay");
  let box = first;
  let start = null; // where the pointer went down
  let dragged = null; // the box since then
  let corner = null; // the first of two that are clicked

  const draw = (shown = box) => {
    overlay.toggleAttribute("hidden", !shown);
    if (!shown) return;
    for (const rect of overlay.querySelectorAll("rect")) {
      rect.setAttribute("x", shown[0]);
      rect.setAttribute("y", shown[1]);
      rect.setAttribute("width", shown[2] - shown[0]);
      rect.setAttribute("height", shown[3] - shown[1]);
    }
  };
  const set = (next) => {
    box = next;
    draw();
    changed(box);
  };
  const at = (event) => {
    const area = canvas.getBoundingClientRect();
    return [clamp((event.clientX - area.left) / area.width, 0, 1), clamp((event.clientY - area.top) / area.height, 0, 1)];
  };

  const between = ([ax, ay], [bx, by]) => [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  const usable = ([x0, y0, x1, y1]) => x1 - x0 >= SMALLEST && y1 - y0 >= SMALLEST;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = at(event);
    dragged = null;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!start) return;
    const here = at(event);
    if (!dragged && Math.abs(here[0] - start[0]) < SMALLEST && Math.abs(here[1] - start[1]) < SMALLEST) return;
    dragged = between(start, here);
    draw(dragged);
  });
  const finish = (event) => {
    if (!start) return;
    const point = start;
    start = null;
    if (dragged) {
      corner = null;
      set(usable(dragged) ? dragged : null);
    } else if (event.type === "pointerup" && corner && usable(between(corner, point))) {
      // Two clicks do what dragging does, for those who cannot drag.
      const drawn = between(corner, point);
      corner = null;
      set(drawn);
    } else if (event.type === "pointerup") {
      corner = point;
      draw([...point, ...point.map((edge) => Math.min(1, edge + SMALLEST / 2))]);
    }
  };
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  canvas.addEventListener("blur", () => {
    corner = null;
    draw();
  });

  // In a dialog, Escape leaves the dialog.
  const removes = canvas.closest("dialog") ? ["Delete", "Backspace"] : ["Delete", "Backspace", "Escape"];
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    if (event.key === "Enter" && !box) set([0.25, 0.25, 0.75, 0.75]);
    else if (removes.includes(event.key) && box) set(null);
    else if (event.key in moves && box) {
      const [dx, dy] = moves[event.key];
      const [x0, y0, x1, y1] = box;
      if (event.shiftKey) set([x0, y0, clamp(x1 + dx, x0 + SMALLEST, 1), clamp(y1 + dy, y0 + SMALLEST, 1)]);
      else {
        const mx = clamp(dx, -x0, 1 - x1);
        const my = clamp(dy, -y0, 1 - y1);
        set([x0 + mx, y0 + my, x1 + mx, y1 + my]);
      }
    } else return;
    event.preventDefault();
  });
  draw();
  return { clear: () => set(null), set };
}

// Told to the form, which may search at once.
const tell = (photo) => photo.dispatchEvent(new CustomEvent("photochange", { bubbles: true }));

function setUp(photo) {
  const input = photo.querySelector("input[type=file][name=image]");
  const field = photo.querySelector("input[name=box]");
  const canvas = photo.querySelector("[data-canvas]");
  const clearButton = photo.querySelector("[data-clear-box]");
  const first = field.value ? field.value.split(",").map(Number) : null;

  const box = boxOn(
    canvas,
    (value) => {
      field.value = value ? value.map((part) => part.toFixed(5)).join(",") : first ? "0,0,1,1" : "";
      field.disabled = !value && !first;
      if (clearButton) clearButton.hidden = !value;
      tell(photo);
    },
    first,
  );
  if (!input) return;

  const preview = photo.querySelector("[data-preview]");
  const note = photo.querySelector("[data-note]");
  const hint = photo.querySelector("[data-hint]");
  const image = canvas.querySelector("img");
  let address = null;

  const refused = photo.querySelector("[data-not-a-photo]");

  const show = () => {
    const file = input.files[0];
    if (refused) refused.textContent = "";
    if (address) URL.revokeObjectURL(address);
    address = file ? URL.createObjectURL(file) : null;
    box.clear();
    preview.hidden = !file;
    photo.classList.toggle("has-photo", Boolean(file));
    canvas.hidden = note.hidden = hint.hidden = false;
    note.hidden = true;
    photo.querySelector("[data-name]").textContent = file?.name ?? "";
    if (file) {
      image.src = address;
      const details = photo.closest("details");
      if (details) details.open = true;
    } else image.removeAttribute("src");
  };
  image.addEventListener("error", () => {
    // The server reads some that browsers do not show (HEIC, TIFF), and says if it is no picture.
    canvas.hidden = hint.hidden = true;
    note.hidden = false;
  });
  input.addEventListener("change", show);
  clearButton.addEventListener("click", box.clear);
  photo.querySelector("[data-remove]").addEventListener("click", () => {
    input.value = "";
    show();
    input.focus();
  });

  const take = (files) => {
    const file = Array.from(files ?? []).find((one) => one.type.startsWith("image/") || /\.(heic|heif|avif|tiff?)$/i.test(one.name));
    if (!file) {
      if (files?.length && refused) refused.textContent = refused.dataset.text;
      return false;
    }
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    show();
    return true;
  };
  // Choosing nothing in the camera keeps the photo that was there.
  const camera = photo.querySelector("[data-camera]");
  camera?.addEventListener("change", () => take(camera.files));
  if (photo.dataset.drop) document.body.dataset.drop = photo.dataset.drop;
  addEventListener("paste", (event) => {
    // Cells of a sheet and paragraphs bring a picture of themselves along: their words are meant.
    const words = event.clipboardData?.getData("text/plain");
    if (!words && take(event.clipboardData?.files)) event.preventDefault();
  });
  const dragging = (on) => document.body.classList.toggle("dragging", on);
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    dragging(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) dragging(false);
  });
  addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    dragging(false);
    take(event.dataTransfer.files);
  });
  // A browser may have kept the chosen file across a reload.
  if (input.files.length) show();
}

export function setUpPhotos(root) {
  for (const photo of root.querySelectorAll("[data-photo]")) setUp(photo);
}
