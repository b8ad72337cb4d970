/**
 * Computes one stage and stores what it wrote.
 *
 * @module
 */
import { join } from "@std/path";
import type { ActionRecord, OutputFile } from "../store/action_record.ts";
import type { Config } from "../config.ts";
import { errorCode, fileError, withFileErrors } from "../files/file_errors.ts";
import { sha256Json } from "../files/hash.ts";
import { hostName } from "../store/lock.ts";
import type { Log } from "../log.ts";
import { formatReason } from "./plan_text.ts";
import type { PrepareGpu } from "./run_options.ts";
import { selectOutputs, type StageDecision } from "./planner.ts";
import { SourceGuard } from "./source_guard.ts";
import type { SourceCommit } from "../code/source_commit.ts";
import type { Json } from "../files/json.ts";
import { declares } from "./declared_outputs.ts";
import { PipelineError } from "../errors.ts";
import type { Stage, StageContext } from "../stage.ts";
import { isOutputPath } from "../store/record_check.ts";
import type { Store } from "../store/store.ts";

/** One stage to compute. */
export interface Execution {
  config: Config;
  store: Store;
  log: Log;
  signal: AbortSignal;
  wait: boolean;
  prepareGpu: PrepareGpu;
  decision: StageDecision;
  /** the commit that the program is at; null outside a repository */
  source: SourceCommit | null;
  /** data set → digest of its contents, from the config's lock file */
  pinnedContents: Readonly<Record<string, string>>;
  /** results of the stages before it */
  records: ReadonlyMap<string, ActionRecord>;
}

/** Failures that a stage meets through no fault of its own; any other file error in a stage is a bug of the stage. */
const surroundings = new Set([
  "ENOSPC",
  "EDQUOT",
  "EFBIG",
  "EROFS",
  "EIO",
  "EMFILE",
]);

/**
 * Gives the stage verified inputs and an empty output folder, runs it, moves what it wrote into the store and writes the
 * record last. Whatever goes wrong before that, no output of it is ever seen; its scratch folder stays for the next try.
 *
 * @returns the record, or the input objects that turned out to be damaged (then nothing ran)
 */
export async function executeStage(
  execution: Execution,
): Promise<
  | { record: ActionRecord; damaged?: undefined }
  | { record?: undefined; damaged: OutputFile[] }
> {
  const { store, config, signal, decision } = execution;
  const { stage, facts, plan, code } = decision;
  const { key } = plan;
  if (key === null) {
    throw new Error(`stage ${stage.name} is blocked: its inputs are not there`);
  }
  const folders = await store.openWork(key);
  let done = false;
  try {
    const guard = await SourceGuard.open(decision, config, store);
    const damaged = await linkInputs(execution, folders.inputs, guard);
    if (damaged.length > 0) return { damaged };

    let adapter: { [name: string]: Json } | null = null;
    let timing: { [name: string]: Json } | undefined;
    const context: StageContext = {
      config,
      key,
      refuseChangedSources: () => guard.refuseChanges(),
      input: (name) => {
        if (!stage.inputs(config).some((input) => input.stage === name)) {
          throw new Error(`stage ${stage.name} does not declare input ${name}`);
        }
        return join(folders.inputs, name);
      },
      outputDirectory: folders.output,
      scratchDirectory: folders.scratch,
      downloadsDirectory: store.downloadsDirectory,
      pinnedContents: execution.pinnedContents,
      log: execution.log,
      signal,
      prepareGpu: async (gpu) => {
        const { tilesDirectory } = store;
        const { log } = execution;
        adapter = await execution.prepareGpu(gpu, {
          tilesDirectory,
          log,
          signal,
        });
      },
      recordTiming: (recorded) => timing = recorded,
    };
    const startedAt = new Date().toISOString();
    const startMs = performance.now();
    try {
      await stage.run(context);
    } catch (error) {
      const code = errorCode(error);
      throw code !== undefined && surroundings.has(code)
        ? fileError(error, `run ${stage.name}`, store.root)
        : error;
    }
    signal.throwIfAborted();
    await guard.refuseChanges();
    const wallTimeSeconds = (performance.now() - startMs) / 1000;

    const outputs: OutputFile[] = [];
    // Whoever collects garbage meanwhile must not take an object that no record names yet.
    using _share = await store.share(execution);
    for (const path of listFiles(folders.output)) {
      refuseUnstorable(path, stage, config);
      const stored = await store.objects.take(join(folders.output, path));
      outputs.push({ path, ...stored });
    }
    await store.objects.sync();
    const record: ActionRecord = {
      key,
      facts,
      outputs,
      provenance: {
        config: config.name,
        reasons: plan.reasons.map(formatReason),
        startedAt,
        wallTimeSeconds,
        host: hostName(),
        deno: Deno.version.deno,
        codeDigest: sha256Json({
          files: code.files,
          packages: code.packages,
        }),
        source: execution.source,
        adapter,
        ...(timing === undefined ? {} : { timing }),
      },
    };
    await store.writeRecord(record);
    done = true;
    return { record };
  } finally {
    await store.closeWork(key, done);
  }
}

/**
 * Puts the selected outputs of earlier stages, each verified, below `folder/<stage>/`. Only they are there, so that a
 * stage cannot read what its key does not know.
 */
async function linkInputs(
  execution: Execution,
  folder: string,
  guard: SourceGuard,
): Promise<OutputFile[]> {
  const { store, config, decision, records } = execution;
  using _share = await store.share(execution);
  const damaged: OutputFile[] = [];
  const linked = new Set<string>();
  for (const { stage, paths } of decision.stage.inputs(config)) {
    await Deno.mkdir(join(folder, stage), { recursive: true });
    for (const output of selectOutputs(records.get(stage)!.outputs, paths)) {
      const { digest, sizeBytes, path } = output;
      if (linked.has(`${stage}/${path}`)) continue;
      linked.add(`${stage}/${path}`);
      const state = await store.objects.verify(digest, sizeBytes);
      if (state !== "present") {
        damaged.push(output);
        continue;
      }
      const target = join(folder, stage, path);
      await withFileErrors(
        `prepare the inputs of ${decision.stage.name}`,
        target,
        () => store.objects.linkTo(digest, target),
      );
      guard.watchInput(target);
      // Whoever wrote to it after it was verified did so before or after this moment: the guard sees the latter.
      if (await store.objects.verify(digest, sizeBytes) !== "present") {
        damaged.push(output);
      }
    }
  }
  return damaged;
}

/** Names of outputs come from names of photographs, and so from users. */
function refuseUnstorable(path: string, stage: Stage, config: Config): void {
  if (!isOutputPath(path)) {
    throw new PipelineError({
      attempt: `store the results of ${stage.name}`,
      where: path,
      found: "a name that cannot be stored",
      wanted:
        "at most 255 bytes, without control and formatting characters and backslashes",
      remedy: "rename the file that it comes from",
    });
  }
  if (!declares(stage, config, path)) {
    throw new Error(`stage ${stage.name} does not declare output ${path}`);
  }
}

/** Every file below a folder, `/`-separated, sorted by code units. */
function listFiles(root: string, prefix = ""): string[] {
  const paths: string[] = [];
  for (const entry of Deno.readDirSync(join(root, prefix))) {
    const path = prefix + entry.name;
    if (entry.isDirectory) paths.push(...listFiles(root, `${path}/`));
    else if (entry.isFile) paths.push(path);
    else {
      throw new Error(`output ${path} is neither a file nor a directory`);
    }
  }
  return paths.sort();
}
