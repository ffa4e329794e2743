// Stays live: listens to the mock's events while the page is in view, and refreshes what is shown, one at a time.

import {state} from "./address.js";
import {listen} from "./api.js";
import {field} from "./dom.js";

const WITHOUT_EVENTS_MS = 3000;
const use = {refresh: async () => {}, complain: () => {}};

let stream = null, refreshing = null, isDue = false;

/** One refresh at a time; changes meanwhile lead to one more. */
function changed(revision) {
  if (revision === state.revision) return;
  state.revision = revision;
  if (refreshing) { isDue = true; return; }
  refreshing = use.refresh().finally(() => { refreshing = null; if (isDue) { isDue = false; changed(revision + .5); } });
}

async function stayLive() {
  if (stream) return;
  const mine = stream = new AbortController();
  while (stream === mine) {
    let wait_ms = WITHOUT_EVENTS_MS;
    try {
      wait_ms = await listen(changed, () => connection("live"), mine.signal);
    } catch (error) {
      if (stream === mine) { use.complain(error); connection("not connected"); }
    }
    if (stream === mine) await new Promise(resolve => setTimeout(resolve, wait_ms));
  }
}

function connection(text) {
  field("connection").textContent = text;
}

/** Listens while the page is in view and live. */
export function followLive() {
  const isOn = field("live").checked && !document.hidden;
  if (isOn) return void stayLive();
  if (stream) stream.abort();
  stream = null;
  connection(field("live").checked ? "paused: not in view" : "not live");
}

/** `refresh` shows what has changed, `complain` an error. */
export function keepLive(refresh, complain) {
  Object.assign(use, {refresh, complain});
}
