// The tabs beside the calls: verdict, differences, readings and assumptions.

import {json} from "./api.js";
import {button, element, field} from "./dom.js";

const links = (ids, go) => element("div", "bar", element("span", "soft", "calls:"), ...ids.slice(0, 20).map(id => button(id.slice(0, 8), () => go(id))), ids.length > 20 ? "and " + (ids.length - 20) + " more" : "");

function table(names, rows) {
  const head = element("tr", "", ...names.map(name => element("th", "", name)));
  const body = rows.map(row => element("tr", "", ...row.map(cell => element("td", "", cell))));
  return element("div", "scroll", element("table", "", element("thead", "", head), element("tbody", "", ...body)));
}

/** The findings about the client, each with its calls. */
export async function showVerdict(scope, go) {
  const found = await json("verdict", {scope}), box = field("panel-verdict");
  const findings = found.findings.map(each => element("div", "card " + (each.severity === "error" ? "bad-edge" : "odd-edge"),
    element("h3", "", element("span", each.severity === "error" ? "bad" : "odd", each.severity), " " + each.name.replaceAll("_", " ")),
    element("div", "", each.seen), element("div", "", "Fix: " + each.fix), links(each.calls, go)));
  const open = found.not_observable.map(each => element("div", "card", element("h3", "", each.question), element("div", "", "To settle it: " + each.settle), links(each.calls, go)));
  box.replaceChildren(element("h2", "", "Verdict on " + found.calls + " calls"),
    element("p", found.is_resilient ? "good" : "bad", found.findings.length ? (found.is_resilient ? "No error; warnings below." : "The client makes errors.") : "No findings."),
    ...findings, open.length ? element("h3", "", "Not observable on the wire") : "", ...open);
  return found.findings;
}

/** Where mock and upstream differed. */
export async function showDifferences(scope, go) {
  const found = await json("differences", {scope}), box = field("panel-differences");
  const rows = found.calls.toReversed().flatMap(call => call.differences.map(each => [button(call.call.slice(0, 8), () => go(call.call)), call.req_key, element("code", "", each.what), shown(each.mock), shown(each.upstream)]));
  const none = found.mode === "diff" ? "No call differs." : "The mock runs in the mode " + found.mode + ". In the mode diff, in front of an upstream, this page lists where the two answer differently.";
  box.replaceChildren(element("h2", "", "Differences between mock and upstream"),
    element("p", "", "Mode " + found.mode + (found.upstream ? ", upstream " + found.upstream : "") + ". " + found.differing + " of " + found.compared + " compared calls differ."),
    rows.length ? table(["call", "req_key", "what", "mock", "upstream"], rows) : element("p", "soft", none));
  return found;
}

const shown = value => element("code", "", typeof value === "string" ? value : JSON.stringify(value));

/** The open points of the documents, and what the mock assumes. */
export async function showReadings() {
  const [found, assumed] = await Promise.all([json("readings"), json("assumptions")]);
  const filter = element("input");
  Object.assign(filter, {type: "search", placeholder: "Find a reading or an assumption", size: 36, ariaLabel: "Find a reading or an assumption"});
  const readings = table(["reading", "what is open", "played", "alternatives", "grade"], found.readings.map(each => [element("code", "", each.id), each.title,
    element("strong", "", each.played), element("dl", "", ...Object.entries(each.alternatives).flatMap(([name, text]) => [element("dt", "", name), element("dd", "", text)])), each.grade]));
  const assumptions = table(["assumption", "value", "where"], assumed.assumptions.map(each => [each.what, element("code", "", each.value), each.where]));
  filter.addEventListener("input", () => {
    const text = filter.value.toLowerCase();
    for (const row of field("panel-readings").querySelectorAll("tbody tr")) row.hidden = !row.textContent.toLowerCase().includes(text);
  });
  field("panel-readings").replaceChildren(element("div", "bar", filter), element("h2", "", "Readings: " + found.readings.length + " points on which the documents contradict each other or say nothing"),
    element("p", "soft", "Another alternative is played with --reading ID=ALTERNATIVE."), readings,
    element("h2", "", "Assumptions: " + assumed.assumptions.length + " values that no document states"), assumptions);
}
