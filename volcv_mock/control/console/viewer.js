// The picture viewer: source, mask over it, result, before and after with a slider, difference. The wheel zooms.

import {button, element} from "./dom.js";

const MOST_COMPARED = 1000;  // pixels a side of a difference: it is counted pixel by pixel
const VIEWS = {
  source: ["Source", has => has.picture], mask: ["Mask", has => has.picture && has.mask], result: ["Result", has => has.result],
  compare: ["Before | after", has => has.picture && has.result], difference: ["Difference", has => has.picture && has.result],
  mock: ["Mock", has => has.mock], beside: ["Mock | upstream", has => has.mock && has.result],
};

/** The viewer of these images by role. `remark` is shown below it. */
export function viewer(images, remark) {
  const canvas = element("canvas"), stage = element("div", "stage", canvas), says = element("span", "soft");
  const slider = element("input", "slider");
  Object.assign(slider, {type: "range", min: 0, max: 1000, value: 500, ariaLabel: "Boundary between before and after"});
  const names = Object.keys(VIEWS).filter(name => VIEWS[name][1](images));
  const state = {view: names.includes("compare") ? "compare" : names[0], images, canvas, slider, says, stage};
  const choices = names.map(name => button(VIEWS[name][0], () => show(name)));
  const show = name => {
    state.view = name;
    choices.forEach((each, at) => each.setAttribute("aria-pressed", names[at] === name));
    const slides = name === "compare" || name === "beside";
    slider.hidden = !slides;
    stage.classList.toggle("is-compare", slides);
    draw(state);
  };
  slider.addEventListener("input", () => draw(state));
  movable(state);
  if (names.length) show(state.view);
  const zoom = button("1:1", () => state.reset());
  zoom.title = "Undo the zoom";
  return element("div", "viewer", element("div", "bar", ...choices, slider, zoom), stage, element("div", "soft", says, " ", remark));
}

function draw(state) {
  const {images, canvas, view} = state, after = images.result || images.picture || images.mask || images.mock;
  const first = {source: images.picture, mask: images.picture, mock: images.mock}[view] || after;
  const scale = view === "difference" ? Math.min(1, MOST_COMPARED / Math.max(first.width, first.height)) : 1;
  const width = Math.max(1, Math.round(first.width * scale)), height = Math.max(1, Math.round(first.height * scale));
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", {willReadFrequently: view === "difference"});
  context.drawImage(first, 0, 0, width, height);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", VIEWS[view][0] + " of the call, " + first.width + " by " + first.height + " pixels");
  state.says.textContent = first.width + "\u00d7" + first.height + ".";
  if (view === "mask") overlay(context, images.mask, width, height);
  if (view === "compare") split(state, context, images.picture, width, height);
  if (view === "beside") split(state, context, images.mock, width, height);
  if (view === "difference") state.says.textContent = difference(context, images, width, height);
}

/** The marked area in red over the picture. */
function overlay(context, mask, width, height) {
  const pixels = pixelsOf(mask, width, height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const isMarked = pixels.data[at] >= 128;
    pixels.data.set([230, 40, 70, isMarked ? 140 : 0], at);
  }
  const layer = new OffscreenCanvas(width, height);
  layer.getContext("2d").putImageData(pixels, 0, 0);
  context.drawImage(layer, 0, 0);
}

/** `before` left of the boundary. */
function split(state, context, before, width, height) {
  const x = Math.round(width * state.slider.value / 1000);
  if (x > 0) context.drawImage(before, 0, 0, before.width * x / width, before.height, 0, 0, x, height);
  context.fillStyle = "#fff";
  context.fillRect(x - Math.max(1, width / 300), 0, Math.max(2, width / 150), height);
  context.fillStyle = "#1f55b0";
  context.fillRect(x - Math.max(.5, width / 600), 0, Math.max(1, width / 300), height);
}

/** Each pixel as bright as it differs; gives what differs in words. */
function difference(context, images, width, height) {
  const after = context.getImageData(0, 0, width, height), before = pixelsOf(images.picture, width, height);
  const mask = images.mask ? pixelsOf(images.mask, width, height) : null;
  let inside = 0, outside = 0, marked = 0;
  for (let at = 0; at < after.data.length; at += 4) {
    const most = Math.max(Math.abs(after.data[at] - before.data[at]), Math.abs(after.data[at + 1] - before.data[at + 1]), Math.abs(after.data[at + 2] - before.data[at + 2]));
    const isMarked = mask && mask.data[at] >= 128, differs = most > 24;
    marked += isMarked ? 1 : 0;
    if (differs && isMarked) inside += 1;
    else if (differs) outside += 1;
    const level = Math.min(255, most * 3);
    after.data.set([level, isMarked ? level : level * .55, isMarked ? level * .4 : level, 255], at);
  }
  context.putImageData(after, 0, 0);
  const all = width * height, share = (part, whole) => whole ? (100 * part / whole).toFixed(1) + " %" : "nothing";
  if (!mask) return share(outside, all) + " of the pixels differ.";
  return share(inside, marked) + " of the marked area differs, " + share(outside, all - marked) + " of the rest.";
}

function pixelsOf(image, width, height) {
  const layer = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
  layer.drawImage(image, 0, 0, width, height);
  return layer.getImageData(0, 0, width, height);
}

/** Zoom by the wheel, move by dragging; over a comparison, dragging moves the boundary. */
function movable(state) {
  const {stage, canvas} = state, place = {zoom: 1, x: 0, y: 0};
  const apply = () => { canvas.style.transform = "translate(" + place.x + "px," + place.y + "px) scale(" + place.zoom + ")"; };
  state.reset = () => { Object.assign(place, {zoom: 1, x: 0, y: 0}); apply(); };
  stage.addEventListener("wheel", event => {
    event.preventDefault();
    const box = stage.getBoundingClientRect(), zoom = Math.min(20, Math.max(1, place.zoom * Math.exp(-event.deltaY / 400)));
    const x = event.clientX - box.left - box.width / 2, y = event.clientY - box.top - box.height / 2;
    place.x = zoom === 1 ? 0 : x - (x - place.x) * zoom / place.zoom;
    place.y = zoom === 1 ? 0 : y - (y - place.y) * zoom / place.zoom;
    place.zoom = zoom;
    apply();
  }, {passive: false});
  stage.addEventListener("pointermove", event => {
    if (!event.buttons) return;
    if (stage.classList.contains("is-compare")) return slide(state, event);
    place.x += event.movementX;
    place.y += event.movementY;
    apply();
  });
  stage.addEventListener("pointerdown", event => {
    stage.setPointerCapture(event.pointerId);
    if (stage.classList.contains("is-compare")) slide(state, event);
  });
}

function slide(state, event) {
  const box = state.canvas.getBoundingClientRect();
  state.slider.value = Math.round(1000 * (event.clientX - box.left) / box.width);
  draw(state);
}
