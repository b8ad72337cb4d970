import type * as v from "valibot";
import type { SectionName, sections } from "./sections.ts";

/** The values of a `[section]`.
 * @internal
 */
export type SectionConfig<Name extends SectionName> = v.InferOutput<
  typeof sections[Name]["schema"]
>;

/** Everything that steers a run. Property names are the TOML keys, which docs/config.md explains. */
export type Config =
  & {
    /** name of the folder under `runs/`; default: the config file's stem */
    name: string;
    /** path of the file it was read from; has no effect on any result */
    file: string;
    /** every random choice is a function of it */
    seed: number;
  }
  & { [Name in SectionName]: SectionConfig<Name> };

/** `[download]`: where the patches come from. */
export type DownloadConfig = SectionConfig<"download">;

/** `[stage1]`: preliminary training with example difficulty balancing. */
export type Stage1Config = SectionConfig<"stage1">;

/** `[stage2]`: annealing training, one cycle for each step of the batch ladder. */
export type Stage2Config = SectionConfig<"stage2">;

/** `[extract]`: descriptors of the test patches. */
export type ExtractConfig = SectionConfig<"extract">;

/** `[evaluate]`: measures on the descriptors. */
export type EvaluateConfig = SectionConfig<"evaluate">;

/** `[expect]`: what was published for such a run; compared with its results, and no stage depends on it. */
export type ExpectConfig = SectionConfig<"expect">;

/** `[mirrors]`: where the published archives are fetched from. The program reaches no other host. */
export type MirrorsConfig = SectionConfig<"mirrors">;

/** `[contents]`: contents digest of each published archive, told in `manifest.json`; "" = whatever is in it. */
export type ContentsConfig = SectionConfig<"contents">;

/** Name that `[mirrors]` and `[contents]` know a published archive by. */
export type ArchiveName = keyof ContentsConfig;

/** `[gpu]`: how the device is used. */
export type GpuConfig = SectionConfig<"gpu">;
