// Zooms a page's preview into the cited region; without this the whole page is shown.

const MARGIN = 0.04; // of the page's width, kept around the region
const CLOSEST = 3; // beyond this the preview's pixels show

function zoom(preview) {
  const sheet = preview.querySelector(".sheet");
  const image = sheet.querySelector("img");
  const [x0, y0, x1, y1] = preview.dataset.zoom.split(",").map(Number);
  const place = () => {
    const width = preview.clientWidth;
    const height = preview.clientHeight;
    if (!image.naturalWidth || !width) return;
    const pageHeight = (width * image.naturalHeight) / image.naturalWidth;
    const scale = Math.max(
      1,
      Math.min(CLOSEST, width / ((x1 - x0 + 2 * MARGIN) * width), height / ((y1 - y0) * pageHeight + 2 * MARGIN * width)),
    );
    const between = (value, low) => Math.min(0, Math.max(low, value));
    const left = between(width / 2 - ((x0 + x1) / 2) * width * scale, width - width * scale);
    // A region taller than the preview is shown from its top.
    const tall = (y1 - y0) * pageHeight * scale > height;
    const middle = tall ? MARGIN * width - y0 * pageHeight * scale : height / 2 - ((y0 + y1) / 2) * pageHeight * scale;
    const top = between(middle, Math.min(0, height - pageHeight * scale));
    sheet.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
  };
  if (image.complete) place();
  image.addEventListener("load", place);
  new ResizeObserver(place).observe(preview);
}

export function zoomPreviews(root) {
  for (const preview of root.querySelectorAll("[data-zoom]")) zoom(preview);
}
