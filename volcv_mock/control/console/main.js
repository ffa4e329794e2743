// The console: the calls that are found, the one that is open, the tabs, and the events of the page.

import {FILTERS, TABS, addressOf, query, readAddress, remember, scope, state} from "./address.js";
import {access, base, json, request, root} from "./api.js";
import {announce, download, element, field, option} from "./dom.js";
import {showDetail} from "./detail.js";
import {bytes, keyOf} from "./format.js";
import {CallList} from "./list.js";
import {followLive, keepLive} from "./live.js";
import {showScopes, showState} from "./overview.js";
import {showDifferences, showReadings, showVerdict} from "./panels.js";
import {Rules} from "./rules.js";

const FIRST = 100, PAGE = 1000, MOST = 50000, TYPING_MS = 250;

// -- the calls --------------------------------------------------------------------------------------------------------

const list = new CallList(() => loadOlder(), call => addressOf({call: call.id, tab: "calls"}));

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

// -- tabs -----------------------------------------------------------------------------------------------

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

// -- live -------------------------------------------------------------------------------------------------------------

async function refresh() {
  try {
    const total = await showScopes(), hasShrunk = total < state.total;
    state.total = total;
    await (hasShrunk || !state.calls.length ? reload(true) : update());
    await Promise.all([showState().then(inForce => rules.list(inForce)), refreshTab()]);
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

/** The first page of calls comes first; what only other tabs need follows. */
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

keepLive(refresh, complain);
wire();
readAddress();
markFilters();
selectTab(state.tab, false);
begin();
document.documentElement.dataset.root = root;
