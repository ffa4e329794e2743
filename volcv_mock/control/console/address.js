// What the page shows, as its address has it: tab, call, scope and filters.

import {field, option} from "./dom.js";

export const FILTERS = ["text", "is", "status", "code", "req_key", "since", "until", "trace"], TABS = ["calls", "verdict", "differences", "readings", "rules"];
export const state = {tab: "calls", call: "", calls: [], hasMore: false, isLoading: false, total: 0, revision: -1, about: null, generation: 0, readings: false};
export const scope = () => field("scope").value || "*";

export function addressOf(changes = {}) {
  const query = new URLSearchParams(), values = {tab: state.tab, call: state.call, ...changes};
  if (scope() !== "*") query.set("scope", scope());
  for (const name of FILTERS) if (field(name).value.trim()) query.set(name, field(name).value.trim());
  if (values.tab !== "calls") query.set("tab", values.tab);
  if (values.call) query.set("call", values.call);
  if (!field("live").checked) query.set("live", "off");
  const text = query.toString();
  return location.pathname + (text ? "?" + text : "");
}

export const remember = isStep => history[isStep ? "pushState" : "replaceState"](null, "", addressOf());

export function readAddress() {
  const query = new URLSearchParams(location.search);
  for (const name of FILTERS) field(name).value = query.get(name) || "";
  chooseScope(query.get("scope") || "*");
  state.tab = TABS.includes(query.get("tab")) ? query.get("tab") : "calls";
  state.call = query.get("call") || "";
  field("live").checked = query.get("live") !== "off";
}

export function chooseScope(name) {
  if (![...field("scope").options].some(each => each.value === name)) field("scope").append(option(name));
  field("scope").value = name;
}

export function query(parameters) {
  const found = new URLSearchParams(parameters);
  for (const name of FILTERS) {
    const value = field(name).value.trim();
    if (value && !found.has(name)) found.set(name, (name === "since" || name === "until") ? value + "Z" : value);
  }
  return "calls?" + found;
}
