/** A small pipeline on real files in a temporary folder: numbers → total → report. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Config } from "../../../../pipeline/config.ts";
import { type Log, silentLog } from "../../../../pipeline/log.ts";
import { type Plan, Planner } from "../../../../pipeline/engine/planner.ts";
import { RunDirectory } from "../../../../pipeline/engine/run_directory.ts";
import {
  type RunOutcome,
  runPipelines,
} from "../../../../pipeline/engine/runner.ts";
import type { SharedCache } from "../../../../pipeline/store/shared_cache.ts";
import type { Json } from "../../../../pipeline/files/json.ts";
import type { Stage, StageContext } from "../../../../pipeline/stage.ts";
import { Store } from "../../../../pipeline/store/store.ts";

/** What the small stages are configured with. */
export interface SmallSettings {
  name: string;
  numbers: { count: number; label: string };
  total: { enabled: boolean; scale: number };
  report: { title: string };
}

export const defaults: SmallSettings = {
  name: "small",
  numbers: { count: 4, label: "first" },
  total: { enabled: true, scale: 2 },
  report: { title: "Total" },
};

/** A temporary folder with a store, run folders and one source file per stage. */
export class Workspace implements Disposable {
  readonly root = Deno.makeTempDirSync({ prefix: "pipeline-" });
  readonly storeDirectory = join(this.root, ".cache");
  readonly runsDirectory = join(this.root, "runs");
  settings: SmallSettings = structuredClone(defaults);
  /** where the config is said to stand */
  configFile = "small.toml";
  /** names of the stages that ran, in order, over the whole test */
  readonly ran: string[] = [];
  /** called at the start of every stage's run */
  beforeRun: (stage: string, context: StageContext) => void | Promise<void> =
    () => {};

  constructor() {
    Deno.mkdirSync(join(this.root, "code"));
    this.write("deno.json", '{ "imports": { "fflate": "npm:fflate@0.8.3" } }');
    for (const stage of ["numbers", "total", "report"]) {
      this.write(`code/${stage}.ts`, `export const stage = "${stage}";\n`);
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }

  path(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string): void {
    Deno.writeTextFileSync(this.path(path), text);
  }

  read(path: string): string {
    return Deno.readTextFileSync(this.path(path));
  }

  /** `numbers` writes values.txt and label.txt; `total` reads values.txt alone; `report` reads both. */
  stages(): Stage[] {
    const settings = this.settings;
    const stage = (
      name: "numbers" | "total" | "report",
      parameters: Record<string, Json>,
      inputs: ReturnType<Stage["inputs"]>,
      compute: (context: StageContext) => Record<string, string>,
    ): Stage => ({
      name,
      summary: `computes ${name}`,
      module: pathToFileURL(this.path(`code/${name}.ts`)),
      enabled: () => name !== "total" || settings.total.enabled,
      inputs: () => inputs,
      parameters: () => parameters,
      run: async (context) => {
        this.ran.push(name);
        await this.beforeRun(name, context);
        for (const [path, text] of Object.entries(compute(context))) {
          Deno.writeTextFileSync(join(context.outputDirectory, path), text);
        }
      },
    });
    const read = (context: StageContext, from: string, path: string) =>
      Deno.readTextFileSync(join(context.input(from), path));
    const source = settings.total.enabled ? "total" : "numbers";
    return [
      stage("numbers", { ...settings.numbers }, [], () => ({
        "values.txt": Array.from(
          { length: settings.numbers.count },
          (_, index) => `${index + 1}\n`,
        ).join(""),
        "label.txt": settings.numbers.label,
      })),
      stage(
        "total",
        { scale: settings.total.scale },
        [{ stage: "numbers", paths: ["values.txt"] }],
        (context) => ({
          "total.txt": String(
            settings.total.scale *
              read(context, "numbers", "values.txt").trim().split("\n")
                .map(Number).reduce((sum, value) => sum + value, 0),
          ),
        }),
      ),
      stage(
        "report",
        { title: settings.report.title },
        [
          { stage: "numbers", paths: ["label.txt"] },
          ...(source === "total"
            ? [{ stage: "total", paths: ["total.txt"] }]
            : []),
        ],
        (context) => ({
          "report.txt": `${settings.report.title} ${
            read(context, "numbers", "label.txt")
          } ${source === "total" ? read(context, "total", "total.txt") : "-"}`,
        }),
      ),
    ];
  }

  get config(): Config {
    return {
      file: this.path(this.configFile),
      ...this.settings,
    } as unknown as Config;
  }

  store(): Store {
    return new Store(this.storeDirectory);
  }

  plan(stages: readonly Stage[] = this.stages()): Promise<Plan> {
    const store = this.store();
    const path = join(this.runsDirectory, this.settings.name);
    const runDirectory = new RunDirectory(
      path,
      store.runStatePath(path),
      store.objects,
    );
    return new Planner(stages, this.config, store, runDirectory).plan();
  }

  async run(
    options: {
      stages?: readonly Stage[];
      log?: Log;
      signal?: AbortSignal;
      wait?: boolean;
      shared?: SharedCache;
      frozen?: boolean;
      partial?: boolean;
    } = {},
  ): Promise<RunOutcome> {
    this.ran.length = 0;
    const [outcome] = await runPipelines([this.config], {
      stages: options.stages ?? this.stages(),
      store: this.store(),
      runsDirectory: this.runsDirectory,
      log: options.log ?? silentLog,
      signal: options.signal ?? new AbortController().signal,
      wait: options.wait ?? true,
      frozen: options.frozen ?? false,
      partial: options.partial ?? false,
      command: "test",
      prepareGpu: ({ adapter }) =>
        Promise.resolve({ description: adapter.description }),
      ...(options.shared === undefined ? {} : { shared: options.shared }),
    });
    return outcome;
  }

  /** The store's objects that hold this text. */
  objectsWith(text: string): string[] {
    return Object.entries(this.tree(".cache/objects"))
      .filter(([, content]) => content === text)
      .map(([path]) => this.path(`.cache/objects/${path}`));
  }

  /** Every file below a folder with its bytes as text; for comparing whole trees. */
  tree(folder: string, prefix = ""): Record<string, string> {
    const files: Record<string, string> = {};
    for (const entry of Deno.readDirSync(join(this.root, folder, prefix))) {
      const path = prefix + entry.name;
      if (entry.isDirectory) {
        Object.assign(files, this.tree(folder, `${path}/`));
      } else files[path] = Deno.readTextFileSync(join(this.root, folder, path));
    }
    return files;
  }
}
