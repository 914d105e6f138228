// Brings the outlined region to the middle of the window once the page's picture has its size.

export function showRegion() {
  const region = document.getElementById("region");
  if (!region) return;
  const show = () => region.scrollIntoView({ block: "center", inline: "nearest" });
  const image = document.querySelector("img[data-page]");
  if (image && !image.complete) image.addEventListener("load", show, { once: true });
  show();
}
