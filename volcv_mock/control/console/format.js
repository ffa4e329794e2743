// What a call was, in words. The only module that knows the members of a call beside copy.js and detail.js.

export const hasArrived = call => call.delivered === "whole" || call.delivered === "waiting";
export const decided = call => call.decided_code === null ? call.row : String(call.decided_code);
const received = call => call.code === null ? call.row : String(call.code);
export const keyOf = call => call.id + " " + call.time;  // ids repeat after a reset
const isRefusal = call => call.decided_status >= 400;

/** good: a success as it should be; odd: changed by a fault, or not received; bad: a refusal. */
export function kind(call) {
  if (!hasArrived(call)) return "odd";
  if (isRefusal(call)) return "bad";
  return call.algorithm_status || call.wire || call.fired.length ? "odd" : "good";
}

export function outcome(call) {
  if (!hasArrived(call)) return call.delivered.replaceAll("_", " ");
  return received(call) + (call.algorithm_status ? " (" + call.algorithm_status + ")" : "");
}

export function httpStatus(call) {
  return call.status === null ? "no status line" : "HTTP " + call.status;
}

export function duration(call) {
  if (call.client === "waiting") return "due after " + seconds(call.planned_delay_s);
  return seconds(call.delay_s) + (call.client === "read_all" ? "" : ", " + call.client.replaceAll("_", " "));
}

export function seconds(value) {
  if (value === null || value === undefined) return "";
  return value < 1 ? (1000 * value).toFixed(value < .01 ? 1 : 0) + " ms" : value.toFixed(value < 10 ? 2 : 1) + " s";
}

export function prompt(call) {
  const text = call.parameters.custom_prompt || call.parameters.prompt || "";
  return typeof text === "string" ? text : JSON.stringify(text);
}

export function fired(each) {
  return (each.rule_id || "by " + each.origin) + ": " + each.name;
}

export function facts(picture) {
  const area = picture.area === undefined || picture.area === null ? "" : ", " + (100 * picture.area).toFixed(1) + " % marked";
  return picture.role + " " + picture.width + "\u00d7" + picture.height + " " + picture.format + " " + picture.mode + area;
}

/** One line on why the call was answered so. */
export function why(call) {
  if (call.problems.length) return call.problems[0].where + ": " + call.problems[0].found;
  if (call.fired.length) return call.fired.map(fired).join(", ");
  if (call.notes.length) return call.notes[0];
  return isRefusal(call) || !hasArrived(call) ? call.message : "";
}

export const isWarning = note => /perhaps|nothing/.test(note);

export function bytes(number) {
  return number < 1e6 ? (number / 1e3).toFixed(1) + " kB" : (number / 1e6).toFixed(1) + " MB";
}
