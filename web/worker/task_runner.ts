import { type Matches, NestedMatcher } from "../../features/mod.ts";
import { descriptorSize } from "../../gpu/mod.ts";
import { rootSift } from "../../pipeline/baselines/root_sift.ts";
import { cutSidePixels } from "../../pipeline/descriptors/describe_image.ts";
import { estimateGeometry } from "../../pipeline/matching/match_images.ts";
import type {
  ChosenFile,
  Fault,
  MethodName,
  MethodResult,
  PartTimes,
  PatchPlace,
  Reply,
  Side,
  Task,
} from "../messages.ts";
import { sides } from "../messages.ts";
import { type ColmapPhotograph, colmapZip } from "./colmap_files.ts";
import { type Describe, DescribedPhotograph } from "./described_photograph.ts";
import type { Machine, NetworkDescriber } from "./machine.ts";
import { readNetwork } from "./read_network.ts";

/** What is thrown when a newer task has come: nothing is wrong, and what was done is kept. */
class Superseded extends Error {}

/** What could not be done, and whose fault it is. */
class Failure extends Error {
  constructor(readonly fault: Fault, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

interface OpenNetwork {
  id: number;
  describer: NetworkDescriber;
  sha256: string;
}

interface Compared {
  matcher: NestedMatcher;
  rows: string;
  timeMs: number;
}

/** Does what a task says, and keeps what the next one may want again. */
export class TaskRunner {
  readonly #reply: (reply: Reply) => void;
  readonly #machine: Machine;
  #photographs = new Map<number, DescribedPhotograph>();
  #network: OpenNetwork | undefined;
  #compared = new Map<MethodName, Compared>();
  /** what the newest matches are of: the photographs may be described by another network meanwhile */
  #matched:
    | { left: ColmapPhotograph; right: ColmapPhotograph; matches: Matches }
    | undefined;
  #newest = 0;

  constructor(reply: (reply: Reply) => void, machine: Machine) {
    this.#reply = reply;
    this.#machine = machine;
  }

  /** Does a task, unless a newer one comes meanwhile. */
  async run(task: Task): Promise<void> {
    this.#newest = Math.max(this.#newest, task.number);
    try {
      await this.#run(task);
    } catch (error) {
      if (error instanceof Superseded) return;
      const fault = error instanceof Failure ? error.fault : "page";
      const message = error instanceof Error ? error.message : String(error);
      this.#reply({ kind: "failed", fault, task: task.number, message });
    }
  }

  /** Says that a newer task waits. */
  supersede(number: number): void {
    this.#newest = Math.max(this.#newest, number);
  }

  /** The patch of a keypoint, u8 [64, 64]; nothing when it is not there. */
  patch({ photograph, keypoint }: PatchPlace): Uint8Array | undefined {
    const found = this.#photographs.get(photograph);
    return found?.keypoints[keypoint] && found.patch(keypoint);
  }

  /** Replies with the newest matches as files for COLMAP. */
  exportColmap(): void {
    if (this.#matched === undefined) return;
    const { left, right, matches } = this.#matched;
    this.#reply({ kind: "colmap", bytes: colmapZip(left, right, matches) });
  }

  async #run(task: Task): Promise<void> {
    for (const side of sides) {
      const file = task[side];
      if (file !== undefined) await this.#find(side, file, task);
    }
    // Only now: a file that cannot be read leaves the photograph before it.
    const kept = sides.map((side) => task[side]?.id);
    for (const id of this.#photographs.keys()) {
      if (!kept.includes(id)) this.#photographs.delete(id);
    }
    if (task.left === undefined || task.right === undefined) return;
    const left = this.#photographs.get(task.left.id)!;
    const right = this.#photographs.get(task.right.id)!;
    const network = await this.#openNetwork(task);
    const describers: [MethodName, Describe, Fault][] = [
      ["network", (patches) => network.describer.describe(patches), "gpu"],
    ];
    if (task.settings.comparesRootSift) {
      const describe = (patches: Uint8Array) =>
        rootSift(patches, cutSidePixels);
      describers.push(["rootsift", describe, "page"]);
    }
    const methods: Partial<Record<MethodName, MethodResult>> = {};
    for (const [method, describe, fault] of describers) {
      for (
        const [side, photograph] of [["left", left], ["right", right]] as const
      ) {
        await this.#describe(task, side, photograph, method, describe, fault);
      }
      methods[method] = await this.#match(task, method, left, right);
    }
    const count = (photograph: DescribedPhotograph) =>
      Math.min(task.settings.keypoints, photograph.keypoints.length);
    this.#matched = {
      left: colmapPhotograph(left, task.left.name, task),
      right: colmapPhotograph(right, task.right.name, task),
      matches: methods.network!.matches,
    };
    this.#reply({
      kind: "matched",
      task,
      counts: { left: count(left), right: count(right) },
      methods,
      networkSha256: network.sha256,
    });
  }

  async #find(side: Side, { id, name, file }: ChosenFile, task: Task) {
    if (this.#photographs.has(id)) return;
    try {
      await this.#step(task, `Reading ${name}`);
      const picture = await this.#machine.readPhotograph(file, name);
      const { width, height } = picture;
      const bitmap = await this.#machine.pictureToLookAt(picture);
      this.#reply({ kind: "picture", id, width, height, bitmap });
      await this.#step(
        task,
        `Finding keypoints in ${name}, ${width}×${height}`,
      );
      const photograph = new DescribedPhotograph(picture);
      this.#photographs.set(id, photograph);
      const { keypoints } = photograph;
      this.#reply({ kind: "keypoints", id, keypoints });
    } catch (error) {
      throw error instanceof Superseded ? error : new Failure(side, error);
    }
  }

  async #openNetwork(task: Task): Promise<OpenNetwork> {
    const { network } = task;
    if (this.#network?.id === network.id) return this.#network;
    try {
      await this.#step(task, `Reading ${network.name}`);
      const { state, sha256 } = await readNetwork(network);
      this.#network?.describer.close();
      for (const photograph of this.#photographs.values()) {
        photograph.forget("network");
      }
      this.#compared.delete("network");
      const describer = this.#machine.openDescriber(
        state,
        (name) => this.#reply({ kind: "adapter", name }),
      );
      this.#network = { id: network.id, describer, sha256 };
      return this.#network;
    } catch (error) {
      throw error instanceof Superseded ? error : new Failure("network", error);
    }
  }

  async #describe(
    task: Task,
    side: Side,
    photograph: DescribedPhotograph,
    method: MethodName,
    describe: Describe,
    fault: Fault,
  ) {
    const { keypoints } = task.settings;
    if (photograph.hasDescribed(method, keypoints)) return;
    const what = method === "network" ? "Describing" : "RootSIFT of";
    const text = `${what} the ${side} photograph`;
    const total = Math.min(keypoints, photograph.keypoints.length);
    try {
      await this.#step(task, text);
      await photograph.describe(
        method,
        keypoints,
        describe,
        (count) => this.#step(task, `${text}: ${count} of ${total} keypoints`),
      );
    } catch (error) {
      throw error instanceof Superseded ? error : new Failure(fault, error);
    }
  }

  async #match(
    task: Task,
    method: MethodName,
    left: DescribedPhotograph,
    right: DescribedPhotograph,
  ): Promise<MethodResult> {
    const { settings } = task;
    const values = [left, right].map((side) => side.descriptors(method));
    const rows = `${task.left!.id} ${values[0].length} ${task.right!.id} ${
      values[1].length
    }`;
    let compared = this.#compared.get(method);
    if (compared?.rows !== rows) {
      await this.#step(task, "Matching");
      const startMs = performance.now();
      const matcher = new NestedMatcher(values[0], values[1], descriptorSize);
      compared = { matcher, rows, timeMs: performance.now() - startMs };
      this.#compared.set(method, compared);
    }
    const startMs = performance.now();
    const matches = compared.matcher.match(
      settings.keypoints,
      settings.keypoints,
      { ratio: settings.ratio },
    );
    const matchedMs = performance.now();
    const { inlierPixels } = settings;
    const geometry = estimateGeometry(
      left,
      right,
      matches,
      settings.geometry,
      { inlierPixels },
    );
    const times: PartTimes = {
      ...sums(left.times(method), right.times(method)),
      matching: compared.timeMs + matchedMs - startMs,
      geometry: performance.now() - matchedMs,
    };
    return { matches, geometry, times };
  }

  /** Says what comes next, lets messages in, and ends the task when one of them is a newer one. */
  async #step(task: Task, text: string): Promise<void> {
    this.#reply({ kind: "progress", text });
    await new Promise((resolve) => setTimeout(resolve));
    if (task.number < this.#newest) throw new Superseded();
  }
}

function colmapPhotograph(
  photograph: DescribedPhotograph,
  name: string,
  { settings }: Task,
): ColmapPhotograph {
  const { width, height, orientation } = photograph;
  const keypoints = photograph.keypoints.slice(0, settings.keypoints);
  const descriptors = photograph.descriptors("network")
    .subarray(0, keypoints.length * descriptorSize);
  return { name, width, height, orientation, keypoints, descriptors };
}

function sums(a: PartTimes, b: PartTimes): PartTimes {
  const total: PartTimes = { ...a };
  for (const [part, timeMs] of Object.entries(b)) {
    const name = part as keyof PartTimes;
    total[name] = (total[name] ?? 0) + timeMs;
  }
  return total;
}
