/** The worker of the page: does the newest task, and shows patches between its steps. */
import type { Reply, Request, Task } from "../messages.ts";
import { GpuError, openGpu } from "../../gpu/mod.ts";
import { pictureToLookAt, readPhotograph } from "./read_photograph.ts";
import { TaskRunner } from "./task_runner.ts";
import { adapterName, TrainedDescriber } from "./trained_describer.ts";

/** A worker's side of the channel, of which the types of a page know another. */
const channel = globalThis as unknown as {
  postMessage(reply: Reply, transferred: Transferable[]): void;
};
const post = (reply: Reply) =>
  channel.postMessage(reply, reply.kind === "picture" ? [reply.bitmap] : []);
const runner = new TaskRunner(post, {
  readPhotograph,
  pictureToLookAt,
  openDescriber: (state, onAdapter) => new TrainedDescriber(state, onAdapter),
});

let waiting: Task | undefined;
let isBusy = false;

async function work(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  while (waiting !== undefined) {
    const task = waiting;
    waiting = undefined;
    await runner.run(task);
  }
  isBusy = false;
}

globalThis.onmessage = ({ data }: MessageEvent<Request>) => {
  if (data.kind === "task") {
    waiting = data.task;
    runner.supersede(data.task.number);
    work();
    return;
  }
  if (data.kind === "colmap") {
    runner.exportColmap();
    return;
  }
  const [left, right] = [runner.patch(data.left), runner.patch(data.right)];
  if (left === undefined || right === undefined) return;
  post({ kind: "patches", question: data.question, left, right });
};

/** Says at once whether there is anything to run on. */
async function greet(): Promise<void> {
  try {
    using gpu = await openGpu();
    post({ kind: "adapter", name: adapterName(gpu) });
  } catch (error) {
    // A browser that lacks a part of WebGPU fails in a way of its own.
    post(
      error instanceof GpuError
        ? { kind: "no gpu" }
        : { kind: "no gpu", fault: String(error) },
    );
  }
}

greet();
