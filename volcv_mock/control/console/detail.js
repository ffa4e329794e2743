// One call in full: pictures, why it was answered so, attempts, facts, and what to copy.

import {json} from "./api.js";
import {button, copy, element, field} from "./dom.js";
import * as copies from "./copies.js";
import {duration, facts, fired, hasArrived, httpStatus, isWarning, keyOf, kind, outcome, prompt, seconds} from "./format.js";
import {picturesOf} from "./pictures.js";
import {viewer} from "./viewer.js";

/** Shows a call; `about` is the mock's own description, `go` leads to another call, `close` closes, `useRule` edits a rule. */
export async function showDetail(call, {about, go, close, useRule}) {
  const box = field("detail"), isSame = box.dataset.key === keyOf(call);
  if (isSame && box.dataset.client === call.client) return;
  box.dataset.key = keyOf(call);
  box.dataset.client = call.client;
  const stage = isSame && box.querySelector(".pictures") || element("div", "pictures");
  const attempts = element("div", "attempts");
  const title = element("h2", "", element("span", kind(call), outcome(call)), " " + (call.req_key || call.action || "unknown operation"));
  title.id = "detail-title";
  const scroll = isSame ? box.scrollTop : 0;
  box.replaceChildren(element("div", "top", title, copyBar(call, useRule), button("close", close)),
    element("div", "soft", [call.time, httpStatus(call), duration(call), "#" + call.number, call.endpoint, "scope " + call.scope, call.key || "no key"].join(" \u00b7 "), ...trace(call, about)),
    answer(call), ...reasons(call), stage, attempts, element("h3", "", "Request"), request(call), element("h3", "", "Everything the journal has"), everything(call));
  box.hidden = false;
  box.scrollTop = scroll;
  await Promise.all([isSame && stage.children.length ? null : pictures(call, about, stage), waterfall(call, go, attempts)]);
}

/** A link to the trace that the client's call belongs to, where --trace-url says how. */
function trace(call, about) {
  if (!call.trace || !about || !about.trace_url) return [];
  const link = element("a", "", "trace " + call.trace.id);
  link.href = about.trace_url.replaceAll("{trace_id}", call.trace.id);
  link.target = "_blank";
  link.rel = "noreferrer";
  return [" \u00b7 ", link];
}

function copyBar(call, useRule) {
  const bar = element("div", "bar"), rule = copies.asRule(call);
  const forms = {"curl": copies.asCurl, "pytest": copies.asPytest, "JSON": each => JSON.stringify(each, null, 1), "link": () => location.href};
  for (const [name, make] of Object.entries(forms)) {
    const made = button("copy " + name, () => copy(make(call), made));
    bar.append(made);
  }
  if (rule) {
    const made = button("copy rule", () => copy(JSON.stringify(rule), made));
    bar.append(made, button("use as rule", () => useRule(rule)));
  }
  return bar;
}

function answer(call) {
  const decided = call.decided_code === null ? call.row : call.decided_code;
  if (hasArrived(call)) return element("p", "", (call.code === call.decided_code ? "" : "The reseller's error around " + decided + ": ") + call.message);
  return element("p", "note odd", "The client did not receive this answer (" + call.delivered.replaceAll("_", " ") + "). The mock had decided " + decided + ": " + call.message);
}

function reasons(call) {
  const tags = call.fired.map(each => element("span", "tag odd", fired(each)));
  const problems = call.problems.map(each => element("div", "problem",
    element("div", "", element("code", "bad", each.where), ": " + each.found), element("div", "", "wanted: " + each.wanted),
    element("div", "", "fix: " + each.fix), element("div", "soft", "rule " + each.rule + ", " + each.source)));
  const notes = call.notes.map(note => element("div", isWarning(note) ? "note odd" : "note", note));
  return [element("div", "bar", ...tags), ...problems, ...notes];
}

async function pictures(call, about, stage) {
  if (!call.thumbnails.length) return;
  const key = field("detail").dataset.key, wantsFull = !about || about.full_pictures.budget_bytes > 0;  // unknown yet: try
  const {images, isFull} = await picturesOf(call, wantsFull);
  if (field("detail").dataset.key !== key || !Object.keys(images).length) return;
  const more = wantsFull ? "The full pictures of this call are not kept any more: raise --keep-bodies." : "These are thumbnails. Start the mock with --keep-bodies 100000000 to see full pictures.";
  stage.replaceChildren(viewer(images, isFull ? "" : more));
}

/** The attempts at this request, each as long as its answer took. */
async function waterfall(call, go, box) {
  const key = field("detail").dataset.key;
  const found = await json("calls?limit=50&attempt=" + call.attempt, {scope: call.scope}).catch(() => ({calls: []}));
  const calls = found.calls;
  if (calls.length < 2 || field("detail").dataset.key !== key) return;
  const begin = calls[0].time_s, took = each => each.delay_s ?? each.planned_delay_s;
  const whole = Math.max(.001, ...calls.map(each => each.time_s - begin + took(each)));
  const chart = element("div", "waterfall");
  for (const each of calls) {
    const bar = element("i", "is-" + kind(each)), link = button(each.id === call.id ? "this call" : "#" + each.number, () => go(each.id));
    bar.style.left = 100 * (each.time_s - begin) / whole + "%";
    bar.style.width = 100 * took(each) / whole + "%";
    const lane = element("div", "lane", bar), waited = each.retry && each.retry.waited_s !== null ? "waited " + seconds(each.retry.waited_s) + ", " : "";
    chart.append(link, lane, element("span", "", element("span", kind(each), outcome(each)), element("span", "soft", " " + waited + "took " + seconds(took(each)))));
  }
  box.replaceChildren(element("h3", "", calls.length + " attempts at this request, in " + seconds(whole)), chart);
}

function request(call) {
  const list = element("dl"), text = prompt(call);
  if (text) list.append(element("dt", "", "prompt"), element("dd", "", text));
  for (const each of call.pictures) list.append(element("dt", "", each.role), element("dd", "", facts(each)));
  for (const [name, value] of Object.entries(call.parameters)) {
    if (value !== text) list.append(element("dt", "", name), element("dd", "", typeof value === "string" ? value : JSON.stringify(value)));
  }
  return list;
}

function everything(call) {
  const list = element("dl");
  for (const [name, value] of Object.entries(call)) {
    const isNothing = value === null || value === "" || (typeof value === "object" && !Object.keys(value).length);
    if (!isNothing) list.append(element("dt", "", name), element("dd", "", typeof value === "object" ? JSON.stringify(value, null, 1) : String(value)));
  }
  const more = element("details", "", element("summary", "", "Show all members"), list);
  return more;
}
