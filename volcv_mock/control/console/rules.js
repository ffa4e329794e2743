// The tab that acts: rules, the next call's failure, latency, clock, reset. Each act shows the curl line that does the same.

import {access, curl, json, request} from "./api.js";
import {announce, button, copy, element, field, labelled, option} from "./dom.js";

const TEXTS = ["req_key", "prompt_contains", "api_key", "action", "step"], MATCH_NUMBERS = ["call_number"];
const NUMBERS = ["skip", "times", "probability", "delay_s", "duration_s"];
const COUNTERS = ["id", "scope", "fired", "skipped", "remaining"];

export class Rules {
  /** `scopeOf` gives the chosen scope, `changed` is called after each act. */
  constructor(scopeOf, changed) {
    this.scopeOf = scopeOf;
    this.changed = changed;
    this.edited = null;
  }

  /** The scope of an act: that of the page, or the default one while the page shows all. */
  get scope() {
    return this.scopeOf() === "*" ? "default" : this.scopeOf();
  }

  build(about) {
    this.about = about;
    this.listing = element("div");
    this.target = element("strong");
    this.result = element("p", "note");
    this.result.hidden = true;
    this.result.setAttribute("role", "status");
    field("panel-rules").replaceChildren(element("h2", "", "Rules and state"),
      element("p", "soft", "Acts apply to the scope ", this.target, "; choose another one at the top."), this.result, this.listing,
      element("div", "acts", this.failNext(), this.form(), this.latency(), this.clock(), this.cleaning()));
    this.refreshTarget();
  }

  refreshTarget() {
    this.target.textContent = this.scope;
    for (const each of this.updates || []) each();
  }

  /** A button with the curl line of what it sends; `spec` gives path and options at that moment. */
  act(text, spec) {
    const line = element("code"), copying = button("copy", () => copy(line.textContent, copying));
    const go = button(text, () => this.send(...spec()), "acts-on-the-mock");
    const update = () => {
      try { const [path, options] = spec(); line.textContent = curl(path, {...options, scope: this.scope}); go.disabled = access.isOff; }
      catch (error) { line.textContent = error.message; go.disabled = true; }
    };
    this.updates = [...(this.updates || []), update];
    update();
    return {go, update, curl: element("div", "curl", line, copying)};
  }

  async send(path, options) {
    try {
      await request(path, {...options, scope: this.scope});
      this.say("Done: " + (options.method || "GET") + " " + path + ".");
      await this.changed();
    } catch (error) {
      this.say("Refused: " + error.message);
    }
  }

  say(text) {
    this.result.hidden = false;
    this.result.textContent = text;
    this.result.className = text.startsWith("Refused") ? "note odd" : "note";
    announce(text);
  }

  failNext() {
    const what = element("select"), of = element("select", "", option("", "any req_key"), ...this.about.req_keys.map(each => option(each)));
    what.append(group("codes", this.about.codes.filter(each => each.code !== this.about.success).map(each => option("code " + (each.code ?? each.id), (each.code ?? each.id) + " " + each.message))),
      group("faults", this.about.faults.map(each => option("fault " + each.name, each.name + ": " + each.summary))));
    what.ariaLabel = "Code or fault";
    what.id = "fail-what";
    of.ariaLabel = "req_key";
    const spec = () => {
      const [act, word] = what.value.split(" "), match = of.value ? {match: {req_key: of.value}} : {};
      return ["faults", {method: "POST", body: {[act]: /^\d+$/.test(word) ? Number(word) : word, times: 1, ...match}}];
    };
    const made = this.act("Fail the next call", spec);
    made.go.id = "fail-next";
    for (const each of [what, of]) each.addEventListener("input", made.update);
    return card("Fail the next call with \u2026", element("div", "grid", what, of), element("div", "bar", made.go), made.curl);
  }

  form() {
    this.inputs = {};
    const grid = element("div", "grid"), kinds = element("select", "", ...["code", "fault", "delay_s", "sequence"].map(each => option(each)));
    const value = element("input");
    Object.assign(value, {placeholder: "50411", id: "rule-value"});
    value.setAttribute("list", "codes");
    kinds.ariaLabel = "what";
    value.ariaLabel = "value";
    this.inputs = {kind: kinds, value};
    grid.append(labelled("what", kinds, ""), labelled("value", value, ""));
    for (const name of [...TEXTS, ...MATCH_NUMBERS, ...NUMBERS.filter(each => each !== "delay_s")]) {
      this.inputs[name] = element("input");
      this.inputs[name].ariaLabel = name;
      if (name === "req_key") this.inputs[name].setAttribute("list", "req-keys");
      grid.append(labelled(name, this.inputs[name], ""));
    }
    this.text = element("textarea");
    Object.assign(this.text, {spellcheck: false, ariaLabel: "The rule as JSON", id: "rule-json"});
    grid.addEventListener("input", () => { this.text.value = JSON.stringify(this.fromFields(), null, 1); add.update(); });
    const add = this.act("Add rule", () => ["faults", {method: "POST", body: JSON.parse(this.text.value || "{}")}]);
    add.go.id = "add-rule";
    this.save = button("Save", () => this.saveEdited(), "acts-on-the-mock");
    this.save.hidden = true;
    this.text.addEventListener("input", add.update);
    this.updateForm = add.update;
    this.text.value = JSON.stringify({code: 50411}, null, 1);
    value.value = "50411";
    add.update();
    return card("Add or edit a rule", grid, this.text, element("p", "soft", "A sequence is a list such as 50429, html_502, pass."), element("div", "bar", add.go, this.save), add.curl);
  }

  fromFields() {
    const {kind, value} = this.inputs, rule = {[kind.value]: kind.value === "sequence" ? value.value.split(",").map(each => step(each.trim())) : plain(value.value)};
    const match = {};
    for (const name of [...TEXTS, ...MATCH_NUMBERS]) if (this.inputs[name].value) match[name] = MATCH_NUMBERS.includes(name) ? plain(this.inputs[name].value) : this.inputs[name].value;
    for (const name of NUMBERS) if (this.inputs[name] && this.inputs[name].value) rule[name] = plain(this.inputs[name].value);
    return Object.keys(match).length ? {...rule, match} : rule;
  }

  /** Puts a rule into the form. With an id, Save replaces the rule of that id. */
  edit(rule, id = "", scope = "") {
    const spec = Object.fromEntries(Object.entries(rule).filter(([name]) => !COUNTERS.includes(name)));
    this.edited = id ? {id, scope} : null;
    this.save.hidden = !id;
    this.save.textContent = id ? "Save " + id : "Save";
    const {kind, value} = this.inputs;
    kind.value = ["sequence", "code", "fault", "delay_s"].find(each => spec[each] !== undefined) || "code";
    value.value = kind.value === "sequence" ? spec.sequence.map(each => each.code ?? each.fault ?? (each.pass ? "pass" : JSON.stringify(each))).join(", ") : spec[kind.value] ?? "";
    for (const name of [...TEXTS, ...MATCH_NUMBERS]) this.inputs[name].value = (spec.match || {})[name] ?? "";
    for (const name of NUMBERS) if (this.inputs[name]) this.inputs[name].value = spec[name] ?? "";
    this.text.value = JSON.stringify(spec, null, 1);
    this.updateForm();
    this.text.scrollIntoView({block: "center"});
    this.text.focus();
  }

  /** Adds the changed rule, then removes the old one: a refused change loses nothing. */
  async saveEdited() {
    const {id, scope} = this.edited;
    try {
      await request("faults", {method: "POST", scope, body: JSON.parse(this.text.value)});
      await request("faults/" + encodeURIComponent(id), {method: "DELETE", scope});
      this.say("Saved. The rule is now the last one of its scope.");
      this.edited = null;
      this.save.hidden = true;
      await this.changed();
    } catch (error) {
      this.say("Refused: " + error.message);
    }
  }

  latency() {
    const value = element("input"), known = element("datalist", "", ...["off", "realistic", "0.1x", "2.5s", "1s..3s"].map(each => option(each)));
    known.id = "latencies";
    Object.assign(value, {value: "realistic", ariaLabel: "latency"});
    value.setAttribute("list", "latencies");
    const made = this.act("Set latency", () => ["latency", {method: "PUT", body: {latency: value.value}}]);
    value.addEventListener("input", made.update);
    return card("Latency", element("div", "bar", value, known, made.go), made.curl);
  }

  clock() {
    const seconds = element("input"), freeze = this.act("Freeze", () => ["clock", {method: "PUT", body: {is_frozen: true}}]);
    Object.assign(seconds, {value: "60", size: 6, inputMode: "decimal", ariaLabel: "seconds"});
    const resume = this.act("Resume", () => ["clock", {method: "PUT", body: {is_frozen: false}}]);
    const advance = this.act("Advance", () => ["clock/advance", {method: "POST", body: {seconds: plain(seconds.value)}}]);
    seconds.addEventListener("input", advance.update);
    return card("Clock", element("div", "bar", freeze.go, resume.go), freeze.curl, resume.curl, element("div", "bar", advance.go, seconds, "seconds"), advance.curl);
  }

  cleaning() {
    const reset = this.act("Reset the scope", () => ["reset", {method: "POST"}]), clear = this.act("Clear the calls", () => ["calls", {method: "DELETE"}]);
    const rules = this.act("Remove all rules", () => ["faults", {method: "DELETE"}]);
    return card("Start again", element("p", "soft", "Reset: rules and latency of the settings, no calls, real time, counters at zero."), ...[reset, clear, rules].flatMap(each => [element("div", "bar", each.go), each.curl]));
  }

  /** The rules in force, each with everything it is. */
  list(rules) {
    const cards = rules.map(each => {
      const spec = Object.fromEntries(Object.entries(each).filter(([name]) => !COUNTERS.includes(name)));
      const left = each.remaining === null ? "" : ", " + each.remaining + " left";
      const remove = button("remove", () => request("faults/" + encodeURIComponent(each.id), {method: "DELETE", scope: each.scope}).then(() => this.changed(), error => this.say("Refused: " + error.message)), "acts-on-the-mock");
      remove.title = curl("faults/" + encodeURIComponent(each.id), {method: "DELETE", scope: each.scope});
      return element("div", "card rule", element("strong", "", each.id), element("span", "soft", "scope " + each.scope), element("code", "", JSON.stringify(spec)),
        element("span", each.fired ? "odd" : "soft", "fired " + each.fired + ", skipped " + each.skipped + left), button("edit", () => this.edit(each, each.id, each.scope), "acts-on-the-mock"), remove);
    });
    const signature = JSON.stringify(rules);
    if (this.signature !== signature) this.listing.replaceChildren(element("h3", "", rules.length + (rules.length === 1 ? " rule" : " rules")), ...cards);
    this.signature = signature;
  }
}

const card = (title, ...content) => element("section", "card", element("h3", "", title), ...content);

function group(label, options) {
  const made = element("optgroup", "", ...options);
  made.label = label;
  return made;
}

const plain = text => text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;

function step(word) {
  if (word === "pass") return {pass: true};
  if (word.startsWith("{")) return JSON.parse(word);
  return /^\d+$/.test(word) ? {code: Number(word)} : {fault: word};
}
