// Retouches a picture with Volcengine's official Node SDK: returns a picture, or throws the reason why there is none.
// The SDK resolves with the body for any HTTP status, so `code` must be checked.
import openapi from "@volcengine/openapi";

const SUCCESS = 10000;
const MAY_PASS_LATER = new Set([50429, 50430, 50500, 50501]);
const PAUSES_MS = [1000, 2000, 4000];

export class NoPicture extends Error {
  constructor(code, message) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

export class Retoucher {
  constructor({ endpoint = process.env.VOLCV_BASE_URL ?? "https://visual.volcengineapi.com", pausesMs = PAUSES_MS, timeoutMs = 30000 } = {}) {
    const { protocol, host } = new URL(endpoint);
    const service = new openapi.Service({
      serviceName: "cv", region: "cn-north-1", protocol, host,
      accessKeyId: process.env.VOLC_ACCESSKEY, secretKey: process.env.VOLC_SECRETKEY,
    });
    const cvProcess = service.createJSONAPI("CVProcess", { Version: "2022-08-31" });
    this.ask = (body) => cvProcess(body, { timeout: timeoutMs });
    this.pausesMs = pausesMs;
  }

  // The JPEG with the masked part removed. Throws NoPicture.
  async remove(picture, mask, seed = 1) {
    const body = { req_key: "i2i_inpainting", binary_data_base64: [picture, mask].map((data) => data.toString("base64")), seed };
    for (const pauseMs of this.pausesMs) {
      const answer = await this.ask(body);
      if (!MAY_PASS_LATER.has(answer.code)) return pictureOf(answer);
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (1 + Math.random() / 2)));
    }
    return pictureOf(await this.ask(body));
  }
}

export function pictureOf(answer) {
  const gateway = answer.ResponseMetadata?.Error;
  if (gateway) throw new NoPicture(gateway.Code, gateway.Message);
  if (answer.code !== SUCCESS) throw new NoPicture(answer.code ?? "unreadable", answer.message);
  const status = answer.data?.algorithm_base_resp?.status_code;
  if (status) throw new NoPicture(status, "the model gave no picture: show a fallback");
  const [text] = answer.data?.binary_data_base64 ?? [];
  if (!text) throw new NoPicture("empty", "a success without a picture");
  return Buffer.from(text, "base64");
}
