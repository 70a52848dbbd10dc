"use strict";
const deck = document.getElementById("deck");
const all = [...document.querySelectorAll(".slide")];
const keys = document.getElementById("keys");
const LARGEST = { text: 1.3, task: 1.2, reading: 1.15, title: 1.1, question: 1.15, answer: 1.3 }, SMALLEST = 0.6;
let now = 0, notes = false;

// Letters are as large as the slide allows.
function fit(slide) {
  const body = slide.querySelector(".body"), words = slide.querySelector(".words");
  const over = () => body.scrollHeight > body.clientHeight || words.scrollHeight > body.clientHeight
    || body.scrollWidth > body.clientWidth || words.scrollWidth > words.clientWidth;
  let size = LARGEST[slide.classList[1]] || 1;
  slide.style.setProperty("--fit", size);
  while (over() && size > SMALLEST) {
    size = Math.round((size - 0.05) * 100) / 100;
    slide.style.setProperty("--fit", size);
  }
}

// The slide fills the window, or what the notes leave of it.
function scale() {
  const note = document.querySelector(".note:not([hidden])");
  const room = innerHeight - (note ? note.offsetHeight : 0);
  const by = Math.min(innerWidth / 1280, room / 720);
  deck.style.top = `${room / 2}px`;
  deck.style.transform = `scale(${by}) translate(-50%, -50%)`;
}

function show(number) {
  now = Math.max(0, Math.min(all.length - 1, number));
  all.forEach((slide, i) => slide.classList.toggle("now", i === now));
  history.replaceState(null, "", "#" + (now + 1));
  document.querySelectorAll(".note").forEach(
    (note) => { note.hidden = !(notes && note.dataset.section === all[now].dataset.notes); });
  scale();
}

function overview(on) {
  document.body.classList.toggle("overview", on);
  if (on) { all[now].scrollIntoView({ block: "center" }); } else { scrollTo(0, 0); }
}

const moves = {
  ArrowRight: () => show(now + 1), ArrowDown: () => show(now + 1), PageDown: () => show(now + 1), " ": () => show(now + 1),
  ArrowLeft: () => show(now - 1), ArrowUp: () => show(now - 1), PageUp: () => show(now - 1), Backspace: () => show(now - 1),
  Home: () => show(0), End: () => show(all.length - 1),
  n: () => { notes = !notes; show(now); },
  o: () => overview(!document.body.classList.contains("overview")),
  Escape: () => overview(false), Enter: () => overview(false),
  f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  "?": () => { keys.hidden = !keys.hidden; },
};

addEventListener("keydown", (event) => {
  const onLink = event.target.closest && event.target.closest("a");
  if (event.ctrlKey || event.altKey || event.metaKey || !moves[event.key] || (onLink && event.key === "Enter")) { return; }
  event.preventDefault();
  if (event.key === " " && event.shiftKey) { show(now - 1); } else { moves[event.key](); }
});
deck.addEventListener("click", (event) => {
  if (event.target.closest("a") || String(getSelection())) { return; }
  if (document.body.classList.contains("overview")) {
    const picked = all.indexOf(event.target.closest(".slide"));
    overview(false);
    show(picked < 0 ? now : picked);
  } else {
    show(now + 1);
  }
});
addEventListener("resize", scale);
addEventListener("hashchange", () => show(Number(location.hash.slice(1)) - 1 || 0));

all.forEach(fit);
show(Number(location.hash.slice(1)) - 1 || 0);
