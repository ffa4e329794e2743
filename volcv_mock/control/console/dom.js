// Elements. Text of clients and upstreams is inserted as text only, never as markup.

export const field = name => document.getElementById(name);

/** An element with a class, attributes and children; texts become text nodes, empty ones are left out. */
export function element(tag, className = "", ...content) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...content.filter(each => each !== "" && each !== null && each !== undefined));
  return node;
}

/** A button that calls `act` when it is pressed. */
export function button(text, act, className = "") {
  const node = element("button", className, text);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

/** An option of a select or a datalist. */
export function option(value, text = value) {
  const node = element("option", "", text);
  node.value = value;
  return node;
}

/** A control with its label. */
export function labelled(text, control, className = "field") {
  return element("label", className, text + " ", control);
}

/** Copies text; the button says so for a moment. */
export async function copy(text, node) {
  const before = node.textContent;
  try {
    await navigator.clipboard.writeText(text);
    node.textContent = "copied";
  } catch (error) {
    node.textContent = "not permitted";
  }
  announce(node.textContent);
  setTimeout(() => { node.textContent = before; }, 1200);
}

/** A message for screen readers. */
export function announce(text) {
  field("announce").textContent = text;
}

/** Hands a file to the browser. */
export function download(name, text, type) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], {type}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
