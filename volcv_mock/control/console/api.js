// The control API: requests with the scope and the token in headers, curl lines for them, and the event stream.

const JSON_TYPE = "application/json";
export const root = location.pathname.replace(/\/?$/, "/");
export const base = location.origin + root.replace(/_mock\/$/, "");
export const access = {token: "", isOff: false, onChange: () => {}};

/** The response of a request to the control API. Throws an Error with the mock's own message. */
export async function request(path, {method = "GET", scope = "*", body, signal} = {}) {
  const headers = {"X-Volcv-Mock-Scope": scope};
  if (access.token) headers["X-Volcv-Mock-Token"] = access.token;
  if (body !== undefined) headers["Content-Type"] = JSON_TYPE;
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(root + path, {method, headers, body: sent, signal, cache: "no-store"});
  const isRefused = response.status === 401 || response.status === 403;
  if (isRefused !== access.isOff) {
    access.isOff = isRefused;
    access.onChange(response.status);
  }
  if (response.ok) return response;
  const failure = await response.json().catch(() => ({}));
  const error = new Error(failure.error ? failure.error.message : "HTTP " + response.status);
  error.status = response.status;
  throw error;
}

export async function json(path, options) {
  return (await request(path, options)).json();
}

export function quoted(text) {
  return "'" + String(text).replaceAll("'", "'\\''") + "'";
}

/** The curl line of a control request. The token is named, never shown. */
export function curl(path, {method = "GET", scope = "*", body} = {}) {
  const parts = ["curl", method === "GET" ? "" : "-X " + method, quoted(location.origin + root + path)];
  if (scope !== "default") parts.push("-H", quoted("X-Volcv-Mock-Scope: " + scope));
  if (access.token) parts.push("-H", '"X-Volcv-Mock-Token: $VOLCV_MOCK_CONTROL_TOKEN"');
  if (body !== undefined) parts.push("-H", quoted("Content-Type: " + JSON_TYPE), "-d", quoted(JSON.stringify(body)));
  return parts.filter(Boolean).join(" ");
}

/** Reads events until the stream ends: calls `changed` for each new revision. Gives how long to wait before the next. */
export async function listen(changed, opened, signal) {
  const response = await request("events", {signal});
  opened();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "", retry_ms = 1000;
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return retry_ms;
    held += value;
    const events = held.split("\n\n");
    held = events.pop();
    for (const event of events) {
      const retry = /^retry: (\d+)$/m.exec(event), data = /^data: (.*)$/m.exec(event);
      if (retry) retry_ms = Number(retry[1]);
      if (data) changed(JSON.parse(data[1]).revision);
    }
  }
}
