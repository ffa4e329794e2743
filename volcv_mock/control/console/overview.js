// Above the views: the scopes with their calls, how many there are of each kind, and what is in force.

import {chooseScope, scope, state} from "./address.js";
import {json} from "./api.js";
import {element, field, option} from "./dom.js";

export async function showScopes() {
  const {scopes} = await json("scopes"), chosen = scope(), all = scopes.reduce((sum, each) => sum + each.calls, 0);
  const options = [option("*", "all scopes (" + all + ")"), ...scopes.map(each => option(each.name, each.name + " (" + each.calls + ")"))];
  const signature = options.map(each => each.text).join("\n");
  if (signature !== state.scopes) { field("scope").replaceChildren(...options); state.scopes = signature; }
  chooseScope(chosen);
  badge("calls", all, "");
  return chosen === "*" ? all : (scopes.find(each => each.name === chosen) || {calls: 0}).calls;
}

function badge(tab, number, className) {
  const node = field("tab-" + tab), name = node.dataset.name ||= node.textContent;
  node.replaceChildren(name, number ? element("span", "badge " + className, String(number)) : "");
}

const each = found => Object.entries(found.scopes || {"": found}).map(([name, value]) => [name && name !== "default" ? " (" + name + ")" : "", value]);

/** What is in force: mode, rules, latency, clock. Gives the rules. */
export async function showState() {
  const options = {scope: scope()};
  const [inForce, latency, clock, beside] = await Promise.all(["faults", "latency", "clock", "differences"].map(path => json(path, options)));
  const tags = [];
  if (beside.mode !== "mock") tags.push(element("span", "tag", "mode " + beside.mode + (beside.upstream ? ", upstream " + beside.upstream : "") + (beside.compared ? "; " + beside.differing + " of " + beside.compared + " calls differ" : "")));
  for (const rule of inForce.faults.slice(0, 8)) {
    const what = [rule.code, rule.fault, rule.sequence && "a sequence of " + rule.sequence.length, rule.delay_s === undefined ? "" : "delay " + rule.delay_s + " s"].filter(Boolean).join(", ");
    tags.push(element("span", "tag odd", rule.id + (rule.scope === "default" ? "" : " (" + rule.scope + ")") + ": " + what + "; fired " + rule.fired + (rule.remaining === null ? "" : ", " + rule.remaining + " left")));
  }
  if (inForce.faults.length > 8) tags.push(element("span", "tag", "and " + (inForce.faults.length - 8) + " more rules"));
  for (const [name, value] of each(latency)) {
    const set = Object.entries(value.latency).filter(([, text]) => text !== "off").map(pair => pair.join(" ")).join(", ");
    if (set) tags.push(element("span", "tag", "latency" + name + ": " + set));
  }
  for (const [name, value] of each(clock)) {
    const moved = value.is_frozen ? "frozen at " + value.now : Math.abs(value.offset_s) > 1 ? "moved to " + value.now.slice(0, 19) : "";
    if (moved) tags.push(element("span", "tag", "clock" + name + ": " + moved));
  }
  field("tags").replaceChildren(...tags.slice(0, 24));
  badge("rules", inForce.faults.length, "odd");
  badge("differences", beside.differing, "odd");
  return inForce.faults;
}
