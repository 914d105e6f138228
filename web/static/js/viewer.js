// A page's picture at any zoom, sharp, with its text laid over it for selecting.

const STEP = 1.25;
const SETTLE = 160; // milliseconds after a zoom before a sharper picture is fetched

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// Lines of text as wide and as tall as on the picture; sizes follow the picture's by themselves.
function layText(layer) {
  const lines = Array.from(layer.querySelectorAll("span"), (line) => ({ line, box: line.dataset.at.split(",").map(Number) }));
  for (const { line, box: [x0, y0, , y1] } of lines) {
    line.style.left = `${100 * x0}%`;
    line.style.top = `${100 * y0}%`;
    line.style.fontSize = `${85 * (y1 - y0)}cqh`;
  }
  const whole = layer.clientWidth;
  const widths = lines.map(({ line }) => line.offsetWidth / whole);
  lines.forEach(({ line, box: [x0, , x1] }, at) => {
    if (widths[at]) line.style.transform = `scaleX(${(x1 - x0) / widths[at]})`;
  });
}

class Viewer {
  constructor(frame) {
    this.frame = frame;
    this.sheet = frame.querySelector(".sheet");
    this.image = frame.querySelector("img");
    this.level = document.querySelector("[data-zoom-level]");
    this.sides = this.image.dataset.sides.split(",").map(Number);
    this.side = Number(new URL(this.image.src).searchParams.get("size"));
    this.zoom = 1;
    this.fit = 0; // width of the sheet when all of it is shown, CSS pixels
    this.settling = 0;
  }

  get largest() {
    const longer = Math.max(this.image.clientWidth, this.image.clientHeight) / this.zoom;
    return clamp(this.sides.at(-1) / Math.max(1, longer), 2, 8);
  }

  // (x, y) is the point of the window that stays where it is.
  to(zoom, x, y) {
    const next = clamp(zoom, 1, this.largest);
    if (next === this.zoom) return;
    const before = this.sheet.getBoundingClientRect();
    const area = this.frame.getBoundingClientRect();
    const [px, py] = [x ?? area.x + area.width / 2, y ?? Math.max(area.y, 0) + Math.min(area.height, innerHeight) / 2];
    const [fx, fy] = [(px - before.x) / before.width, (py - before.y) / before.height];
    if (this.zoom === 1) this.fit = before.width;
    this.zoom = next;
    this.frame.classList.toggle("zoomed", next > 1);
    this.sheet.style.width = next > 1 ? `${this.fit * next}px` : "";
    const after = this.sheet.getBoundingClientRect();
    this.frame.scrollLeft += after.x + fx * after.width - px;
    this.frame.scrollTop += after.y + fy * after.height - py;
    this.level.textContent = `${Math.round(100 * next)}%`;
    this.sharpen();
  }

  // The smallest of the server's sizes that has a pixel for each of the screen's.
  sharpen() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      const needed = Math.max(this.image.clientWidth, this.image.clientHeight) * devicePixelRatio;
      const side = this.sides.find((each) => each >= needed * 0.98) ?? this.sides.at(-1);
      if (side <= this.side) return;
      this.side = side;
      const address = new URL(this.image.src);
      address.searchParams.set("size", side);
      const sharper = new Image();
      sharper.addEventListener("load", () => {
        if (this.side === side) this.image.src = sharper.src;
      });
      sharper.src = address;
    }, SETTLE);
  }
}

function watchKeys(viewer) {
  const keys = { "+": STEP, "=": STEP, "-": 1 / STEP };
  viewer.frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in keys) viewer.to(viewer.zoom * keys[event.key]);
    else if (event.key === "0") viewer.to(1);
    else return;
    event.preventDefault();
  });
}

function watchPointer(viewer) {
  const { frame } = viewer;
  frame.addEventListener(
    "wheel",
    (event) => {
      // Browsers report a pinch on a touchpad as a wheel with Ctrl.
      if (!event.ctrlKey) return;
      event.preventDefault();
      viewer.to(viewer.zoom * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
    },
    { passive: false },
  );
  let pinch = null;
  const spread = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  frame.addEventListener("touchstart", ({ touches }) => {
    pinch = touches.length === 2 ? { spread: spread(touches), zoom: viewer.zoom } : null;
  });
  frame.addEventListener(
    "touchmove",
    (event) => {
      if (!pinch || event.touches.length !== 2) return;
      event.preventDefault();
      const [a, b] = event.touches;
      const zoom = (pinch.zoom * spread([a, b])) / pinch.spread;
      viewer.to(zoom, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
    },
    { passive: false },
  );
}

export function setUpViewer() {
  const frame = document.querySelector("[data-viewer]");
  if (!frame) return;
  const viewer = new Viewer(frame);
  const layer = frame.querySelector("[data-text-layer]");
  const ready = () => {
    if (layer) layText(layer);
    viewer.sharpen();
  };
  if (viewer.image.complete) ready();
  else viewer.image.addEventListener("load", ready, { once: true });
  watchKeys(viewer);
  watchPointer(viewer);
  const zooms = { in: () => viewer.to(viewer.zoom * STEP), out: () => viewer.to(viewer.zoom / STEP), fit: () => viewer.to(1) };
  for (const button of document.querySelectorAll("[data-zoom-to]")) {
    button.addEventListener("click", zooms[button.dataset.zoomTo]);
  }
}
