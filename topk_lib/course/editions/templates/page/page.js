"use strict";
for (const panel of document.querySelectorAll("figure.panel")) {
  const frames = JSON.parse(panel.querySelector("script").textContent);
  const slider = panel.querySelector("input"), setting = panel.querySelector(".setting");
  const image = panel.querySelector("img"), text = panel.querySelector("figcaption");
  const show = () => {
    const [label, webp, caption] = frames[slider.value];
    image.src = "data:image/webp;base64," + webp;
    image.alt = caption;
    setting.textContent = label;
    slider.setAttribute("aria-valuetext", label);
    text.replaceChildren(...caption.split("; ").flatMap((line, i, all) =>
      [line + (i < all.length - 1 ? "; " : ""), document.createElement("br")]));
  };
  slider.disabled = false;
  slider.addEventListener("input", show);
  show();
}
// A link to an answer opens it.
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.tagName === "DETAILS") { target.open = true; }
}
addEventListener("hashchange", unfold);
unfold();
if (matchMedia("(max-width: 62rem)").matches) { document.querySelector(".contents details").open = false; }
