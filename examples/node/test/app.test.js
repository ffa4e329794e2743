// The app against a running volcv-mock, whose address is in VOLCV_BASE_URL (see ../run).
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { NoPicture, Retoucher } from "../app.js";
import { control } from "./control.js";
import { greyPng } from "./png.js";

const picture = greyPng(64, () => 128);
const mask = greyPng(64, (x, y) => (x > 20 && x < 40 && y > 20 && y < 40 ? 255 : 0));

const retoucher = (options) => new Retoucher({ pausesMs: [5, 10, 20], ...options });
const refusedWith = (code) => (error) => error instanceof NoPicture && error.code === code;

beforeEach(() => control("POST", "reset"));

test("a signed request returns a picture", async () => {
  const result = await retoucher().remove(picture, mask);

  assert.equal(result.subarray(0, 3).toString("hex"), "ffd8ff");
  const { calls } = await control("GET", "calls");
  assert.equal(calls.at(-1).credential, "signature");
});

test("a review refusal is reported and never retried", async () => {
  await control("POST", "faults", { code: 50411 });

  await assert.rejects(retoucher().remove(picture, mask), refusedWith(50411));

  assert.equal((await control("GET", "calls")).calls.length, 1);
  assert.deepEqual((await control("GET", "verdict")).findings, []);
});

test("a concurrency refusal is retried", async () => {
  await control("POST", "faults", { code: 50430, times: 2 });

  await retoucher().remove(picture, mask);

  assert.deepEqual((await control("GET", "calls")).calls.map((call) => call.code).sort(), [10000, 50430, 50430]);
});

test("a ghost face is an error although the code reports success", async () => {
  await control("POST", "faults", { fault: "ghost_face" });

  await assert.rejects(retoucher().remove(picture, mask), refusedWith(201304));
});

test("a wrong secret is refused by the gateway, in another envelope", async () => {
  const secret = process.env.VOLC_SECRETKEY;
  process.env.VOLC_SECRETKEY = "d3Jvbmc=";
  try {
    await assert.rejects(retoucher().remove(picture, mask), refusedWith("SignatureDoesNotMatch"));
  } finally {
    process.env.VOLC_SECRETKEY = secret;
  }
});

test("a hanging request ends with the client timeout", async () => {
  await control("POST", "faults", { fault: "hang" });

  await assert.rejects(retoucher({ timeoutMs: 100 }).remove(picture, mask), /timeout/);
});
