// A call as something to paste elsewhere: curl, a pytest test, a rule, JSON. Keys are masked, pictures are named as files.

import {base} from "./api.js";
import {decided, hasArrived} from "./format.js";

const KEY = "sk-***";
const NO_ANSWER = ["reset", "empty", "hang", "truncate", "bad_length"];

/** The address the call went to, on this mock. */
export function address(call, origin = base) {
  const query = new URLSearchParams();
  if (call.action) query.set("Action", call.action);
  if (call.version) query.set("Version", call.version);
  return origin + (call.endpoint === "proxy" ? "volcv/v1" : "") + (call.action || call.version ? "?" + query : "");
}

/** The body as it was sent; `pictureAt` gives what stands for each picture. */
export function bodyOf(call, pictureAt) {
  const body = call.req_key ? {req_key: call.req_key} : {};
  if (call.image_urls.length) body.image_urls = call.image_urls;
  else if (call.pictures.length) body.binary_data_base64 = call.pictures.map(pictureAt);
  const {req_key: sent, ...parameters} = call.parameters;  // a refused call has the body as sent
  return {...body, ...parameters};
}

/** A curl command; the pictures are read from files beside it. */
export function asCurl(call) {
  const marks = [];
  const body = bodyOf(call, each => { marks.push(each.role); return "@@" + (marks.length - 1) + "@@"; });
  const escaped = JSON.stringify(body, null, 1).replace(/[\\$`]/g, "\\$&");
  const text = escaped.replace(/@@(\d+)@@/g, (all, at) => "$(base64 < " + marks[at] + ".png | tr -d '\\n')");
  const headers = ["-H 'Content-Type: application/json'"];
  if (call.credential !== "none") headers.push("-H 'Authorization: Bearer " + KEY + "'");
  if (call.scope !== "default") headers.push("-H 'X-Volcv-Mock-Scope: " + call.scope + "'");
  return ["curl -X POST '" + address(call) + "'", ...headers, "-d @- <<EOF"].join(" \\\n  ") + "\n" + text + "\nEOF";
}

/** The rule that makes the mock answer so again; null for a plain success. */
export function asRule(call) {
  const match = call.req_key ? {match: {req_key: call.req_key}} : {};
  const injected = call.fired.map(each => each.name).find(name => /^[\w.]+$/.test(name));
  const act = injected ? named(injected) : call.decided_status >= 400 ? {code: call.decided_code ?? call.row} : null;
  return act && {...act, ...match, times: 1};
}

function named(word) {
  return /^\d+$/.test(word) ? {code: Number(word)} : {fault: word};
}

/** A pytest test with the fixture `volcv` that gets the same answer. */
export function asPytest(call) {
  const rule = asRule(call), act = rule && (call.fired.length || !call.problems.length) ? injection(rule) : "";
  const parameters = Object.entries(call.parameters).filter(([name]) => name !== "req_key" && /^[a-z_][a-z0-9_]*$/i.test(name));
  const given = ["volcv.body(" + [python(call.req_key || "i2i_inpainting"), ...parameters.map(([name, value]) => name + "=" + python(value))].join(", ") + ")"];
  const post = "httpx.post(" + python(address(call, "https://api.example.com/")) + ",\n                       json=body, headers={\"Authorization\": \"Bearer sk-test\"}, timeout=30)";
  const isLost = NO_ANSWER.includes(call.wire);
  const lines = ["import httpx", isLost ? "import pytest" : "", "", "", "def test_" + nameOf(call) + "(volcv):", act, "    body = " + given];
  if (isLost) lines.push("    with pytest.raises(httpx.HTTPError):", "        " + post);
  else lines.push("    answer = " + post, "    assert answer.status_code == " + call.decided_status, ...(hasArrived(call) ? ["    assert answer.json()[\"code\"] == " + python(call.decided_code)] : []));
  if (call.problems.length && !call.fired.length) lines.splice(6, 0, "    # refused for: " + oneLine(call.problems[0].where + ": " + call.problems[0].found) + " (give the body what was wrong)");
  return lines.filter((line, at) => line || at === 2 || at === 3).join("\n") + "\n";
}

function injection(rule) {
  const match = rule.match ? ", req_key=" + python(rule.match.req_key) : "";
  const call = rule.code === undefined ? "fault(" + python(rule.fault) : "fail(" + python(rule.code);
  return "    volcv." + call + match + ", times=1)";
}

function nameOf(call) {
  return (call.req_key || "call").toLowerCase().replace(/\W+/g, "_") + "_" + (hasArrived(call) ? decided(call) : call.delivered).toLowerCase().replace(/\W+/g, "_");
}

const oneLine = text => text.replace(/\s+/g, " ").slice(0, 100);

/** A JSON value as Python writes it. */
export function python(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return "[" + value.map(python).join(", ") + "]";
  if (typeof value === "object") return "{" + Object.entries(value).map(([name, each]) => JSON.stringify(name) + ": " + python(each)).join(", ") + "}";
  return JSON.stringify(value);
}
