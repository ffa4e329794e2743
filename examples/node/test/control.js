// The control API of the mock at VOLCV_BASE_URL (see ../run).
import assert from "node:assert/strict";

export const MOCK = process.env.VOLCV_BASE_URL;
const HEADERS = { "Content-Type": "application/json", "X-Volcv-Mock-Token": process.env.VOLCV_MOCK_CONTROL_TOKEN ?? "" };

export async function control(method, path, body) {
  const reply = await fetch(`${MOCK}/_mock/${path}`, { method, headers: HEADERS, body: body && JSON.stringify(body) });
  assert.ok(reply.ok, `${method} ${path}: HTTP ${reply.status}`);
  return reply.json();
}
