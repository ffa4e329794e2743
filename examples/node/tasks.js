// Submits tasks and asks for their results with Volcengine's official Node SDK.
// A task_id has up to 20 digits: it stays text, because a JavaScript number loses digits above 2^53.
import openapi from "@volcengine/openapi";

import { NoPicture } from "./app.js";

const SUCCESS = 10000;
const WITHOUT_PICTURE = new Set(["not_found", "expired"]);

export const PAIRS = {
  sync2async: { submit: "CVSync2AsyncSubmitTask", result: "CVSync2AsyncGetResult", version: "2022-08-31", region: "cn-north-1" },
  plain: { submit: "CVSubmitTask", result: "CVGetResult", version: "2022-08-31", region: "cn-north-1" },
  product: { submit: "JimengT2IV31SubmitTask", result: "JimengT2IV31GetResult", version: "2024-06-06", region: "cn-beijing" },
};

export class Tasks {
  constructor(pair, { endpoint = process.env.VOLCV_BASE_URL ?? "https://visual.volcengineapi.com", pauseMs = 2000, timeoutMs = 30000 } = {}) {
    const { protocol, host } = new URL(endpoint);
    const service = new openapi.Service({
      serviceName: "cv", region: pair.region, protocol, host,
      accessKeyId: process.env.VOLC_ACCESSKEY, secretKey: process.env.VOLC_SECRETKEY,
    });
    const call = (action, version) => {
      const send = service.createJSONAPI(action, { Version: version });
      return async (body) => dataOf(await send(body, { timeout: timeoutMs }));
    };
    this.submit = async (body) => (await call(pair.submit, pair.version)(body)).task_id;
    this.result = call(pair.result, pair.version);
    this.cancel = call("CVCancelTask", "2024-06-06");
    this.pauseMs = pauseMs;
  }

  // The links of the pictures, once the task is done. Throws NoPicture.
  async pictures(reqKey, taskId, attempts = 60) {
    const asked = { req_key: reqKey, task_id: taskId, req_json: JSON.stringify({ return_url: true }) };
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const { status, image_urls: urls } = await this.result(asked);
      if (status === "done") return urls;
      if (WITHOUT_PICTURE.has(status)) throw new NoPicture(status, "submit again");
      await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    }
    throw new NoPicture("late", `not done after ${attempts} questions`);
  }
}

// The member data of an answer, flat or wrapped in ResponseMetadata and Result. Throws NoPicture for a refusal.
export function dataOf(answer) {
  const refused = answer.ResponseMetadata?.Error;
  if (refused) throw new NoPicture(refused.Code, refused.Message);
  const { code, message, data } = answer.Result ?? answer;
  if (code !== SUCCESS) throw new NoPicture(code ?? "unreadable", message);
  return data;
}
