// Submit, result and cancel through every pair of Actions, against a running volcv-mock (see ../run).
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { NoPicture, Retoucher } from "../app.js";
import { PAIRS, Tasks } from "../tasks.js";
import { control } from "./control.js";
import { greyPng } from "./png.js";

const picture = greyPng(64, () => 128).toString("base64");
const mask = greyPng(64, (x, y) => (x > 20 && x < 40 && y > 20 && y < 40 ? 255 : 0)).toString("base64");
const BODIES = {
  i2i_inpainting: { binary_data_base64: [picture, mask] },
  i2i_inpainting_edit: { binary_data_base64: [picture, mask], custom_prompt: "a red kite" },
  img2img_inpainting_edit_zi2i: { binary_data_base64: [picture, mask], custom_prompt: "a red kite" },
  i2i_outpainting: { binary_data_base64: [picture], custom_prompt: "", top: 0.2, bottom: 0.2, left: 0.2, right: 0.2 },
  "byteedit_v2.0": { binary_data_base64: [picture], prompt: "evening" },
  jimeng_t2i_v31: { prompt: "a red kite", width: 512, height: 512 },
  "seededit_v3.0": { binary_data_base64: [picture], prompt: "evening" },
};

const tasks = (pair) => new Tasks(PAIRS[pair], { pauseMs: 5 });
const refusedWith = (code) => (error) => error instanceof NoPicture && String(error.code) === String(code);

beforeEach(() => control("POST", "reset"));

for (const pair of Object.keys(PAIRS)) {
  for (const [reqKey, members] of Object.entries(BODIES)) {
    test(`${pair}: a task of ${reqKey} gives links to pictures`, async () => {
      const client = tasks(pair);
      const taskId = await client.submit({ req_key: reqKey, ...members });

      const [link] = await client.pictures(reqKey, taskId);

      assert.match(taskId, /^[0-9]{19,20}$/);
      assert.match((await fetch(link)).headers.get("content-type"), /^image\/(jpeg|png)$/);
    });
  }

  test(`${pair}: polling sees the task wait and then be done`, async () => {
    await control("POST", "faults", { fault: "stays_in_queue", match: { step: "submit" } });
    const client = tasks(pair);
    const taskId = await client.submit({ req_key: "i2i_inpainting", ...BODIES.i2i_inpainting });
    const asked = { req_key: "i2i_inpainting", task_id: taskId };

    const waiting = await client.result(asked);
    await control("POST", `tasks/${taskId}/finish`);

    assert.equal(waiting.status, "in_queue");
    assert.equal((await client.result(asked)).status, "done");
  });

  test(`${pair}: a refused submit and a failed task are told by their code`, async () => {
    const client = tasks(pair);
    await control("POST", "faults", { code: 50413, times: 1 });
    await assert.rejects(client.submit({ req_key: "jimeng_t2i_v31", ...BODIES.jimeng_t2i_v31 }), refusedWith(50413));

    await control("POST", "faults", { code: 50511, times: 1 });
    const taskId = await client.submit({ req_key: "jimeng_t2i_v31", ...BODIES.jimeng_t2i_v31 });
    await assert.rejects(client.pictures("jimeng_t2i_v31", taskId), refusedWith(50511));
  });

  test(`${pair}: an unknown task is not polled for ever`, async () => {
    await assert.rejects(tasks(pair).pictures("i2i_inpainting", "18446744073709551615"), refusedWith("not_found"));
  });
}

test("a cancelled task has no picture", async () => {
  await control("POST", "faults", { fault: "stays_in_queue" });
  const client = tasks("plain");
  const taskId = await client.submit({ req_key: "i2i_inpainting", ...BODIES.i2i_inpainting });

  await client.cancel({ req_key: "i2i_inpainting", task_id: taskId });

  await assert.rejects(client.pictures("i2i_inpainting", taskId), NoPicture);
});

test("every body is served synchronously too", async () => {
  const retoucher = new Retoucher();
  for (const [reqKey, members] of Object.entries(BODIES)) {
    const answer = await retoucher.ask({ req_key: reqKey, ...members });

    assert.equal(answer.code, 10000, `${reqKey}: ${answer.message}`);
    assert.equal(answer.data.binary_data_base64.length, 1);
  }
});
