import { verdict } from "../../pipeline/matching/verdict.ts";
import {
  type Fault,
  type MethodName,
  type PatchPlace,
  type Reply,
  type Side,
  sides,
} from "../messages.ts";
import { networkFile, type PageFacts } from "../page_facts.ts";
import { showChoices } from "./choice_names.ts";
import { Choices } from "./choices.ts";
import { element, elementsWith } from "./elements.ts";
import { exportFile, exportNames, saveFile } from "./export_files.ts";
import { listenToFiles, type Purpose } from "./file_choice.ts";
import { loadFile } from "../load_file.ts";
import { Newest } from "./newest.ts";
import { hideNotice, showNotice } from "./notice.ts";
import { PairStage } from "./pair_stage.ts";
import { methodTitles, showResults, timeText } from "./results_table.ts";
import type { Scene, ShownPhotograph } from "./scene.ts";
import { SettingsPanel } from "./settings_panel.ts";
import { showWithoutGpu } from "./without_gpu.ts";
import { WorkerChannel } from "./worker_channel.ts";

type Matched = Extract<Reply, { kind: "matched" }>;

/** The page: sends what was chosen to the worker, and shows what comes back. */
export class App {
  readonly #facts: PageFacts;
  readonly #choices: Choices;
  readonly #worker: WorkerChannel;
  readonly #stage: PairStage;
  readonly #panel: SettingsPanel;
  readonly #photographs = new Map<number, ShownPhotograph>();
  readonly #photographChoice = new Newest();
  #matched: Matched | undefined;
  #tasks = 0;
  #questions = 0;
  /** when the newest files were chosen; unset once they were matched */
  #chosenMs: number | undefined;

  constructor(facts: PageFacts) {
    this.#facts = facts;
    this.#choices = new Choices({
      name: facts.network.name,
      url: new URL(networkFile, document.baseURI).href,
    }, showChoices);
    this.#worker = new WorkerChannel(
      (reply) => this.#take(reply),
      (message) => this.#fail("page", message),
    );
    this.#stage = new PairStage((left, right) => this.#ask(left, right));
    this.#panel = new SettingsPanel(() => this.#start(), () => this.#show());
    listenToFiles({
      onFile: (purpose, file) => this.#choose(purpose, file),
      has: (side) => this.#choices.file(side) !== undefined,
    });
    for (const { element: button, value } of elementsWith("action")) {
      button.addEventListener("click", () => {
        if (value === "sample") this.#takeSample();
        else this.#choose("network");
      });
    }
    for (const { element: button, value } of elementsWith("export")) {
      button.addEventListener("click", () => this.#export(value));
    }
    this.#status("Choose two photographs.");
  }

  /** Asks for the patches of two keypoints. */
  #ask(left: PatchPlace, right: PatchPlace): void {
    const question = ++this.#questions;
    this.#worker.send({ kind: "patches", question, left, right });
  }

  async #takeSample(): Promise<void> {
    const { left, right } = this.#facts.sample;
    const isNewest = this.#photographChoice.begin();
    this.#chosenMs = performance.now();
    try {
      const [a, b] = await Promise.all(
        [left, right].map(async (name) => await (await loadFile(name)).blob()),
      );
      if (!isNewest()) return;
      this.#choices.putPhotograph("left", left, a);
      this.#choices.putPhotograph("right", right, b);
      this.#stage.fit();
      this.#start();
    } catch (error) {
      if (isNewest()) this.#fail("page", (error as Error).message);
    }
  }

  /** Takes a file; without one, the network that comes with the page. */
  #choose(purpose: Purpose, file?: File): void {
    this.#chosenMs = performance.now();
    if (file === undefined) this.#choices.putPublishedNetwork();
    else if (purpose === "network") this.#choices.putNetwork(file.name, file);
    else {
      this.#photographChoice.begin();
      this.#choices.putPhotograph(purpose, file.name, file);
      this.#stage.fit();
    }
    // The photographs stay, the matches of another network do not.
    if (purpose === "network") this.#show();
    this.#start();
  }

  /** Does what is wanted now; what was said of the wish before it no longer counts. */
  #start(): void {
    hideNotice();
    this.#allowExports();
    this.#send();
  }

  /** Sends everything that was chosen as the newest task. */
  #send(): void {
    const [left, right] = sides.map((side) => this.#choices.file(side));
    if (left === undefined && right === undefined) return;
    this.#worker.send({
      kind: "task",
      task: {
        number: ++this.#tasks,
        ...(left === undefined ? {} : { left }),
        ...(right === undefined ? {} : { right }),
        network: this.#choices.network,
        settings: this.#panel.settings,
      },
    });
  }

  #take(reply: Reply): void {
    switch (reply.kind) {
      case "adapter":
        element("adapter", HTMLParagraphElement).textContent =
          `GPU: ${reply.name}`;
        return;
      case "no gpu":
        showWithoutGpu(this.#facts.sample.result, reply.fault);
        return;
      case "progress":
        this.#status(`${reply.text}…`);
        return;
      case "picture": {
        const { kind: _, ...picture } = reply;
        const name = this.#choices.withId(reply.id)?.name ?? "";
        this.#photographs.set(reply.id, { ...picture, name, keypoints: [] });
        return this.#show();
      }
      case "keypoints": {
        const photograph = this.#photographs.get(reply.id);
        if (photograph !== undefined) photograph.keypoints = reply.keypoints;
        this.#choices.confirm(reply.id);
        this.#tellMissing();
        return this.#show();
      }
      case "matched":
        this.#matched = reply;
        this.#choices.confirm(reply.task.network.id);
        if (this.#current !== undefined) this.#tellResult(reply);
        return this.#show();
      case "patches":
        if (reply.question === this.#questions) this.#stage.showPatches(reply);
        return;
      case "colmap":
        saveFile({ file: new Blob([reply.bytes]), name: "colmap.zip" });
        return;
      case "failed":
        if (reply.task === this.#tasks) this.#fail(reply.fault, reply.message);
    }
  }

  /** Says what went wrong, and goes on without the choice that did. */
  #fail(fault: Fault, message: string): void {
    showNotice(message);
    this.#chosenMs = undefined;
    const isOther = this.#choices.takeBack(fault);
    this.#status("");
    this.#tellMissing();
    this.#show();
    // What nothing can be put in the place of would only fail again.
    if (isOther) this.#send();
  }

  #tellMissing(): void {
    const [missing] = this.#choices.missing;
    if (missing !== undefined) {
      this.#status(`Choose the ${missing} photograph.`);
    }
  }

  /** The newest matches, when they are of the photographs and by the network that are chosen now. */
  get #current(): Matched | undefined {
    const matched = this.#matched;
    const isCurrent = matched !== undefined &&
      matched.task.network.id === this.#choices.network.id &&
      sides.every((side) =>
        matched.task[side]?.id === this.#choices.file(side)?.id
      );
    return isCurrent ? matched : undefined;
  }

  /** What is drawn for every method, as far as it is there. */
  #scene(): Omit<Scene, "result"> | undefined {
    const [left, right] = sides.map((side) =>
      this.#photographs.get(this.#choices.file(side)?.id ?? -1)
    );
    if (left === undefined || right === undefined) return undefined;
    const { keypoints: most } = this.#panel.settings;
    const counts: Record<Side, number> = this.#current?.counts ?? {
      left: Math.min(most, left.keypoints.length),
      right: Math.min(most, right.keypoints.length),
    };
    return { left, right, counts, ...this.#panel.showing };
  }

  #show(): void {
    this.#forgetPhotographs();
    const scene = this.#scene();
    element("empty", HTMLDivElement).hidden = scene !== undefined;
    this.#allowExports();
    const { methods = {}, counts } = this.#current ?? {};
    const scenes: Partial<Record<MethodName, Scene>> = {};
    for (const name of Object.keys(methodTitles) as MethodName[]) {
      const result = methods[name];
      if (scene !== undefined && (result !== undefined || name === "network")) {
        scenes[name] = { ...scene, result };
      }
      element(`${name}-verdict`, HTMLSpanElement).textContent =
        scene === undefined || result === undefined
          ? ""
          : `matches: ${verdict(scene.left, scene.right, result)}`;
    }
    this.#stage.show(scenes);
    showResults(methods, counts);
  }

  #allowExports(): void {
    for (const { element: button } of elementsWith("export")) {
      button.disabled = this.#current === undefined;
    }
  }

  /** Frees the pictures of photographs that were exchanged for others. */
  #forgetPhotographs(): void {
    for (const [id, { bitmap }] of this.#photographs) {
      if (this.#choices.withId(id) !== undefined) continue;
      bitmap.close();
      this.#photographs.delete(id);
    }
  }

  #tellResult({ methods }: Matched): void {
    const { matches, geometry } = methods.network!;
    const count = matches.left.length;
    const text = geometry.kind === "none"
      ? `${count} matches`
      : `${geometry.inliers.length} of ${count} matches agree`;
    const took = this.#chosenMs === undefined
      ? ""
      : `, ${timeText(performance.now() - this.#chosenMs)} after choosing`;
    this.#chosenMs = undefined;
    this.#status(`${text}${took}.`);
  }

  async #export(wanted: string): Promise<void> {
    if (wanted === "colmap") return this.#worker.send({ kind: "colmap" });
    const name = exportNames.find((name) => name === wanted);
    const [scene, matched] = [this.#scene(), this.#current];
    const result = matched?.methods.network;
    if (name === undefined || scene === undefined || result === undefined) {
      return;
    }
    const network = {
      file: matched!.task.network.name,
      sha256: matched!.networkSha256,
    };
    const exported = { scene: { ...scene, result }, result, network };
    try {
      saveFile(await exportFile(name, exported));
    } catch (error) {
      // A browser may have too little memory for a picture.
      showNotice(
        `Cannot export the matches as ${name}: ${(error as Error).message}`,
      );
    }
  }

  #status(text: string): void {
    element("status", HTMLParagraphElement).textContent = text;
  }
}
