// The console: which view is shown, what is found, what is live. The address has all of it, so that it can be shared.

import {access, base, json, listen, request, root} from "./api.js";
import {announce, download, element, field, option} from "./dom.js";
import {showDetail} from "./detail.js";
import {bytes, keyOf} from "./format.js";
import {CallList} from "./list.js";
import {showDifferences, showReadings, showVerdict} from "./panels.js";
import {Rules} from "./rules.js";

const FILTERS = ["text", "is", "status", "code", "req_key", "since", "until", "trace"], TABS = ["calls", "verdict", "differences", "readings", "rules"];
const FIRST = 100, PAGE = 1000, MOST = 50000, TYPING_MS = 250, WITHOUT_EVENTS_MS = 3000;
const state = {tab: "calls", call: "", calls: [], hasMore: false, isLoading: false, total: 0, revision: -1, about: null, generation: 0, readings: false};
const scope = () => field("scope").value || "*";

// -- the address ------------------------------------------------------------------------------------------------------

function addressOf(changes = {}) {
  const query = new URLSearchParams(), values = {tab: state.tab, call: state.call, ...changes};
  if (scope() !== "*") query.set("scope", scope());
  for (const name of FILTERS) if (field(name).value.trim()) query.set(name, field(name).value.trim());
  if (values.tab !== "calls") query.set("tab", values.tab);
  if (values.call) query.set("call", values.call);
  if (!field("live").checked) query.set("live", "off");
  const text = query.toString();
  return location.pathname + (text ? "?" + text : "");
}

const remember = isStep => history[isStep ? "pushState" : "replaceState"](null, "", addressOf());

function readAddress() {
  const query = new URLSearchParams(location.search);
  for (const name of FILTERS) field(name).value = query.get(name) || "";
  chooseScope(query.get("scope") || "*");
  state.tab = TABS.includes(query.get("tab")) ? query.get("tab") : "calls";
  state.call = query.get("call") || "";
  field("live").checked = query.get("live") !== "off";
}

function chooseScope(name) {
  if (![...field("scope").options].some(each => each.value === name)) field("scope").append(option(name));
  field("scope").value = name;
}

// -- the calls --------------------------------------------------------------------------------------------------------

const list = new CallList(() => loadOlder(), call => addressOf({call: call.id, tab: "calls"}));

function query(parameters) {
  const found = new URLSearchParams(parameters);
  for (const name of FILTERS) {
    const value = field(name).value.trim();
    if (value && !found.has(name)) found.set(name, (name === "since" || name === "until") ? value + "Z" : value);
  }
  return "calls?" + found;
}

/** The newest page, in place of what is shown. */
async function reload(keeps = false) {
  const generation = state.generation += 1;
  const found = await json(query({limit: FIRST}), {scope: scope()});
  if (generation !== state.generation) return;
  state.calls = found.calls.reverse();
  state.hasMore = found.more;
  show(found, keeps);
}

async function loadOlder() {
  if (!state.hasMore || state.isLoading || state.calls.length >= MOST) return;
  const generation = state.generation, last = state.calls.at(-1);
  state.isLoading = true;
  try {
    const found = await json(query({limit: PAGE, before: last.id}), {scope: scope()});
    if (generation !== state.generation || state.calls.at(-1) !== last) return;
    state.calls = [...state.calls, ...found.calls.reverse()];
    state.hasMore = found.more;
    show(found, true);
  } catch (error) {
    complain(error);
  } finally {
    state.isLoading = false;
  }
}

/** What came since the last call that is known to be over: new calls, and those that ended meanwhile. */
async function update() {
  const open = state.calls.slice(0, PAGE).findLastIndex(each => each.client === "waiting"), anchor = state.calls[open + 1];
  if (!anchor || field("since").value) return reload(true);
  const generation = state.generation, found = await json(query({limit: PAGE, since: anchor.id}), {scope: scope()});
  if (generation !== state.generation) return undefined;
  const known = new Map(state.calls.map(each => [each.id, each])), fresh = found.calls.reverse();
  if (found.more || fresh.some(each => known.has(each.id) && known.get(each.id).time !== each.time)) return reload(true);
  const names = new Set(fresh.map(keyOf)), added = fresh.filter(each => !known.has(each.id)).length;
  if (added && list.box.scrollTop > list.height) tellNewer(added);
  state.calls = [...fresh, ...state.calls.filter(each => !names.has(keyOf(each)))].sort((one, other) => other.time_s - one.time_s || 0);
  return show(found, true);
}

function tellNewer(added) {
  state.newer = (state.newer || 0) + added;
  field("newer").hidden = false;
  field("newer").textContent = state.newer + (state.newer === 1 ? " newer call" : " newer calls");
}

function show(found, keeps) {
  list.current = state.call || list.current;
  list.set(state.calls, keeps);
  const number = state.calls.length, isFiltered = FILTERS.some(name => field(name).value.trim());
  field("count").textContent = (state.hasMore ? "newest " : "") + number + (number === 1 ? " call" : " calls") + (isFiltered ? " found" : "") + "; journal "
    + bytes(found.journal.held_bytes) + " of " + bytes(found.journal.budget_bytes) + (found.journal.evicted ? ", " + found.journal.evicted + " older calls evicted" : "");
  field("empty").hidden = number > 0;
  if (!number) showEmpty(isFiltered);
  const open = state.calls.find(each => each.id === state.call);
  if (open) showDetail(open, callbacks());
}

function showEmpty(isFiltered) {
  if (isFiltered) return field("empty").replaceChildren(element("h2", "", "No call matches"), element("p", "", "Clear the filters above, or choose another scope."));
  const line = "curl -X POST '" + base + "volcv/v1?Action=CVProcess&Version=2022-08-31' \\\n  -H 'Authorization: Bearer sk-anything' -H 'Content-Type: application/json' \\\n  -d '{\"req_key\": \"jimeng_t2i_v40\", \"prompt\": \"a red kite\"}'";
  return field("empty").replaceChildren(element("h2", "", "No calls yet"), element("p", "", "Send a request to ", element("code", "", base + "volcv/v1"), ", or a signed one to ", element("code", "", base), ". It appears here at once."), element("pre", "card", line));
}

// -- one call ---------------------------------------------------------------------------------------------------------

const callbacks = () => ({about: state.about, go: open, close, useRule: rule => { selectTab("rules"); rules.edit(rule); }});

async function open(id, isStep = true) {
  const isOpen = !field("detail").hidden && state.call === id && state.tab === "calls";
  state.call = id;
  if (state.tab !== "calls") selectTab("calls", false);
  if (!isOpen && isStep) remember(true);
  list.choose(id);
  try {
    const call = state.calls.find(each => each.id === id) || await json("calls/" + encodeURIComponent(id));
    if (state.call !== id) return;
    const wasHidden = field("detail").hidden;
    field("split").classList.add("is-open");
    await Promise.all([showDetail(call, callbacks()), wasHidden ? requestAnimationFrame(() => { list.measure(); list.reveal(id); }) : list.reveal(id)]);
    document.title = "call " + call.number + " - volcv-mock";
  } catch (error) {
    complain(error);
  }
}

function close() {
  const id = state.call;
  state.call = "";
  Object.assign(field("detail").dataset, {key: "", client: ""});
  field("detail").hidden = true;
  field("split").classList.remove("is-open");
  document.title = "volcv-mock console";
  list.choose(id);
  remember(true);
  const row = [...list.shown.values()].find(each => each.call.id === id);
  (row || list.box).focus();
}

// -- tabs, tags, scopes -----------------------------------------------------------------------------------------------

const rules = new Rules(scope, async () => { state.revision = -1; await refresh(); });

function selectTab(name, isStep = true) {
  state.tab = name;
  for (const each of TABS) {
    field("panel-" + each).hidden = each !== name;
    field("tab-" + each).setAttribute("aria-selected", each === name);
    field("tab-" + each).tabIndex = each === name ? 0 : -1;
  }
  if (isStep) remember(true);
  refreshTab().catch(complain);
}

async function refreshTab() {
  if (state.tab === "verdict") await showVerdict(scope(), open);
  if (state.tab === "differences") await showDifferences(scope(), open);
  if (state.tab === "readings" && !state.readings) { await showReadings(); state.readings = true; }
}

async function showScopes() {
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

/** What is in force: rules, mode, latency, clock. */
async function showState() {
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
  rules.list(inForce.faults);
}

// -- live -------------------------------------------------------------------------------------------------------------

async function refresh() {
  try {
    const total = await showScopes(), hasShrunk = total < state.total;
    state.total = total;
    await (hasShrunk || !state.calls.length ? reload(true) : update());
    await Promise.all([showState(), refreshTab()]);
    field("problem").hidden = true;
  } catch (error) {
    complain(error);
  }
}

function complain(error) {
  if (error.name === "AbortError") return;
  field("problem").hidden = false;
  field("problem").textContent = error.message === "Failed to fetch" ? "The mock cannot be reached." : error.message;
}

let stream = null, refreshing = null, isDue = false;

/** One refresh at a time; changes meanwhile lead to one more. */
function changed(revision) {
  if (revision === state.revision) return;
  state.revision = revision;
  if (refreshing) { isDue = true; return; }
  refreshing = refresh().finally(() => { refreshing = null; if (isDue) { isDue = false; changed(revision + .5); } });
}

async function stayLive() {
  if (stream) return;
  const mine = stream = new AbortController();
  while (stream === mine) {
    let wait_ms = WITHOUT_EVENTS_MS;
    try {
      wait_ms = await listen(changed, () => connection("live"), mine.signal);
    } catch (error) {
      if (stream === mine) { complain(error); connection("not connected"); }
    }
    if (stream === mine) await new Promise(resolve => setTimeout(resolve, wait_ms));
  }
}

function connection(text) {
  field("connection").textContent = text;
}

/** Listens while the page is in view and live. */
function followLive() {
  const isOn = field("live").checked && !document.hidden;
  if (isOn) return void stayLive();
  if (stream) stream.abort();
  stream = null;
  connection(field("live").checked ? "paused: not in view" : "not live");
}

// -- events of the page -----------------------------------------------------------------------------------------------

let typing = 0;

function filter() {
  clearTimeout(typing);
  typing = setTimeout(async () => {
    remember(false);
    markFilters();
    await reload().then(() => announce(field("count").textContent), complain);
  }, TYPING_MS);
}

function markFilters() {
  for (const name of FILTERS) field(name).classList.toggle("is-set", Boolean(field(name).value.trim()));
}

function key(event) {
  const isTyping = event.target.matches("input:not([type=checkbox]):not([type=range]), textarea, select");
  if (event.key === "Escape") { if (isTyping) event.target.blur(); else if (state.call) close(); return; }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") { event.preventDefault(); selectTab("calls"); field("text").focus(); return; }
  if (state.tab !== "calls" || !["j", "k", "Enter"].includes(event.key)) return;
  if (event.key === "Enter") { if (event.target === list.box || event.target === document.body) { const call = list.neighbour(0); if (call) open(call.id); } return; }
  const call = list.neighbour(!state.call && !list.current ? 0 : event.key === "j" ? 1 : -1);
  if (!call) return;
  if (state.call) open(call.id);
  else { list.choose(call.id); list.reveal(call.id); [...list.shown.values()].find(row => row.call.id === call.id).focus({preventScroll: true}); }
}

function wire() {
  field("filters").addEventListener("input", filter);
  field("filters").addEventListener("submit", event => event.preventDefault());
  field("filters").addEventListener("reset", () => setTimeout(filter));
  field("scope").addEventListener("change", () => { remember(true); state.total = 0; reload().then(refresh, complain); rules.refreshTarget(); });
  field("token").addEventListener("change", () => { access.token = field("token").value; begin(); });
  field("live").addEventListener("change", () => { remember(false); followLive(); });
  field("newer").addEventListener("click", () => { list.box.scrollTop = 0; });
  list.box.addEventListener("scroll", () => { if (list.box.scrollTop < list.height) { state.newer = 0; field("newer").hidden = true; } }, {passive: true});
  field("rows").addEventListener("click", event => {
    const row = event.target.closest(".row");
    if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); open(row.call.id); }
  });
  field("har").addEventListener("click", () => request(query({limit: 1000}).replace("calls?", "calls.har?"), {scope: scope()}).then(async response => download("volcv-mock.har", await response.text(), "application/json"), complain));
  for (const name of TABS) field("tab-" + name).addEventListener("click", () => selectTab(name));
  field("tabs").addEventListener("keydown", event => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    const name = TABS[(TABS.indexOf(state.tab) + step + TABS.length) % TABS.length];
    selectTab(name);
    field("tab-" + name).focus();
  });
  document.addEventListener("keydown", key);
  document.addEventListener("visibilitychange", followLive);
  addEventListener("popstate", () => { readAddress(); markFilters(); selectTab(state.tab, false); reload().catch(complain); if (state.call) open(state.call, false); else if (!field("detail").hidden) { field("detail").hidden = true; field("split").classList.remove("is-open"); list.choose(""); } });
  access.onChange = status => {
    field("token-label").hidden = status !== 401 && !field("token").value;
    document.body.dataset.control = access.isOff ? "off" : "on";
    for (const node of document.querySelectorAll(".acts-on-the-mock")) node.disabled = access.isOff;
  };
}

/** Other processes of one mock send no events here: with a common state the page also looks by itself.
 * The first page of calls comes first; what only other tabs need follows. */
async function begin() {
  try {
    const [about] = await Promise.all([json("about"), reload()]);
    state.about = about;
    field("codes").replaceChildren(...about.codes.map(each => option(String(each.code ?? each.id), each.message)));
    field("req-keys").replaceChildren(...about.req_keys.map(each => option(each)));
    rules.build(about);
    await refresh();
    if (state.call) await open(state.call, false);
  } catch (error) {
    complain(error);
  }
  followLive();
}

wire();
readAddress();
markFilters();
selectTab(state.tab, false);
begin();
document.documentElement.dataset.root = root;
