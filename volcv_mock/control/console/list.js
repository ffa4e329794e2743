// The list of calls. Only the rows in view exist, so that 10 000 calls cost no more than 30; a row that is there keeps
// its element, and with it focus and selection.

import {element, field} from "./dom.js";
import {duration, facts, fired, httpStatus, keyOf, kind, outcome, prompt, why} from "./format.js";
import {thumbnail} from "./pictures.js";

const SPARE = 6, SETTLED_MS = 90;

export class CallList {
  /** `needMore` is called near the end, `hrefOf` gives the address of a call. */
  constructor(needMore, hrefOf) {
    this.calls = [];
    this.current = "";
    this.needMore = needMore;
    this.hrefOf = hrefOf;
    this.shown = new Map();
    this.box = field("list");
    this.box.addEventListener("scroll", () => this.schedule(), {passive: true});
    new ResizeObserver(() => { this.measure(); this.schedule(); }).observe(this.box);
    this.measure();
  }

  measure() {
    this.height = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row"));
    this.box.classList.toggle("is-narrow", this.box.clientWidth < 560 && innerWidth > 700);
  }

  /** Shows other calls. With `keeps`, the rows in view stay where they are although newer ones came above. */
  set(calls, keeps = true) {
    const first = this.calls[Math.floor(this.box.scrollTop / this.height)];
    const offset = this.box.scrollTop % this.height;
    const isAtTop = this.box.scrollTop < this.height / 2;
    this.calls = calls;
    field("rows").style.height = calls.length * this.height + "px";
    const at = keeps && first && !isAtTop ? calls.findIndex(each => keyOf(each) === keyOf(first)) : -1;
    if (at >= 0) this.box.scrollTop = at * this.height + offset;
    else if (!keeps) this.box.scrollTop = 0;
    this.draw();
  }

  schedule() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); });
  }

  draw() {
    const from = Math.max(0, Math.floor(this.box.scrollTop / this.height) - SPARE);
    const to = Math.min(this.calls.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.height) + SPARE);
    const wanted = new Map();
    for (let at = from; at < to; at += 1) wanted.set(keyOf(this.calls[at]), at);
    const focused = document.activeElement && document.activeElement.dataset && document.activeElement.dataset.key;
    for (const [key, row] of this.shown) {
      if (!wanted.has(key) && key !== focused) { row.remove(); this.shown.delete(key); }
    }
    let previous = null;
    for (const [key, at] of wanted) {
      const row = this.place(key, at);
      if (!row.isConnected || (row.previousElementSibling !== previous && key !== focused)) insertAfter(previous, row);
      previous = row;
    }
    if (to >= this.calls.length - 40) this.needMore();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.loadThumbnails(), SETTLED_MS);
  }

  place(key, at) {
    const call = this.calls[at];
    let row = this.shown.get(key);
    if (!row || row.call !== call) {
      const made = row || element("a", "row");
      fill(made, call, this.hrefOf(call));
      made.dataset.key = key;
      if (!row) this.shown.set(key, made);
      row = made;
    }
    row.style.transform = "translateY(" + at * this.height + "px)";
    row.setAttribute("aria-posinset", at + 1);
    row.setAttribute("aria-setsize", this.calls.length);
    if (call.id === this.current) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    return row;
  }

  loadThumbnails() {
    for (const row of this.shown.values()) {
      for (const box of row.querySelectorAll(".thumb:empty")) thumbnail(row.call, box.dataset.role, box);
    }
  }

  choose(id) {
    this.current = id;
    this.draw();
  }

  /** The call `step` rows away from the current one. */
  neighbour(step) {
    const at = this.calls.findIndex(each => each.id === this.current);
    return this.calls[at < 0 ? 0 : Math.min(this.calls.length - 1, Math.max(0, at + step))];
  }

  reveal(id) {
    const at = this.calls.findIndex(each => each.id === id), top = at * this.height;
    if (at < 0) return;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    if (top + this.height > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + this.height - this.box.clientHeight;
    this.draw();
  }
}

/** Rows stand in the order in which they are seen, for readers and for the Tab key. */
function insertAfter(previous, row) {
  if (previous) previous.after(row);
  else field("rows").prepend(row);
}

function fill(row, call, href) {
  const hadImages = row.call && sameThumbnails(row.call, call) ? row.querySelector(".thumbs") : null;
  row.call = call;
  row.className = "row is-" + kind(call);
  row.href = href;
  row.setAttribute("role", "listitem");
  row.setAttribute("aria-label", "call " + call.number + ", " + (call.req_key || call.action || "unknown operation") + ", " + outcome(call) + ", " + httpStatus(call));
  row.replaceChildren(
    element("div", "", element("div", "mono", call.time.slice(11, 23)), element("div", "soft small", "#" + call.number + " " + (call.scope === "default" ? call.endpoint : call.scope))),
    hadImages || thumbs(call),
    element("div", "outcome", element("div", "code " + kind(call), outcome(call)), element("div", "soft small", httpStatus(call) + ", " + duration(call))),
    element("div", "request", element("div", "", call.req_key || call.action || "unknown operation"), element("div", "soft small", prompt(call) || call.pictures.map(facts).join("; "))),
    element("div", "why", element("div", "small " + (call.problems.length ? "bad" : "odd"), why(call)), element("div", "soft small", call.retry ? "retry of " + call.retry.of.slice(0, 8) + " (" + (call.retry.code ?? "no code") + ")" : "")),
  );
  row.title = call.fired.map(fired).join(", ");
}

function thumbs(call) {
  const boxes = ["picture", "mask", "result"].filter(role => call.thumbnails.includes(role)).map(role => {
    const box = element("div", "thumb");
    box.dataset.role = role;
    return box;
  });
  return element("div", "thumbs", ...boxes);
}

const sameThumbnails = (one, other) => keyOf(one) === keyOf(other) && one.thumbnails.join() === other.thumbnails.join();
