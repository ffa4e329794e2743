// Pictures of calls: thumbnails for rows, kept by digest and bounded; full pictures for the viewer where the mock has them.

import {element} from "./dom.js";
import {request} from "./api.js";

const MOST = 400;
const known = new Map();  // name of a thumbnail: address of its blob

/** Puts the thumbnail of a role into a box. */
export async function thumbnail(call, role, box) {
  const image = element("img");
  image.alt = role;
  box.append(image);
  try {
    image.src = await address(call, role);
  } catch (error) {
    image.remove();
    box.append("\u2013");
  }
}

async function address(call, role) {
  const name = nameOf(call, role);
  if (!known.has(name)) {
    known.set(name, blobOf("calls/" + encodeURIComponent(call.id) + "/picture?of=" + role));
    known.get(name).catch(() => known.delete(name));
    if (known.size > MOST) forgetOldest();
  }
  return known.get(name);
}

async function forgetOldest() {
  const [name, address] = known.entries().next().value;
  known.delete(name);
  address.then(each => setTimeout(() => URL.revokeObjectURL(each), 10000), () => {});
}

/** Equal pictures have equal digests; a mask is shown as large as its picture. */
function nameOf(call, role) {
  const sent = call.pictures.find(each => each.role === role);
  const digest = role === "result" ? call.result && call.result.digest : sent && sent.digest;
  return digest ? role + digest + (role === "mask" ? JSON.stringify(sent.box) : "") : call.id + call.time + role;
}

async function blobOf(path) {
  return URL.createObjectURL(await (await request(path)).blob());
}

/** The decoded pictures of a call by role, as large as the mock has them; `isFull` tells which those are. */
export async function picturesOf(call, wantsFull) {
  const found = await Promise.all(call.thumbnails.map(role => load(call, role, wantsFull)));
  const images = Object.fromEntries(found.filter(Boolean).map(each => [each.role, each.image]));
  return {images, isFull: found.some(each => each && each.isFull)};
}

async function load(call, role, wantsFull) {
  const id = "calls/" + encodeURIComponent(call.id);
  for (const [isFull, path] of [[true, id + "/full-picture?of=" + role], [false, id + "/picture?of=" + role]]) {
    if (isFull && !wantsFull) continue;
    try {
      return {role, isFull, image: await createImageBitmap(await (await request(path)).blob())};
    } catch (error) {
      if (error.status === 401) throw error;  // any other: the next smaller one
    }
  }
  return null;
}
