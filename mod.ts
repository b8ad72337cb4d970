/**
 * Self-TNet for Deno as a library: train and measure local patch descriptors from a config, and describe patches with what
 * was trained.
 *
 * @example
 * ```ts ignore
 * import { loadConfig, plan, reproduce } from "@self-tnet/self-tnet";
 *
 * const config = await loadConfig("configs/demo.toml");
 * for (const { stage, state } of (await plan(config)).stages) {
 *   console.log(stage, state);
 * }
 * await reproduce(config);
 * ```
 *
 * @module
 */
export {
  type ArchiveName,
  type Config,
  type ContentsConfig,
  type DescriptorName,
  type DownloadConfig,
  type EvaluateConfig,
  type ExpectConfig,
  type ExtractConfig,
  type GpuConfig,
  loadConfig,
  type MirrorsConfig,
  type NetworkName,
  type OptimizerName,
  type ScheduleName,
  type SourceName,
  type Stage1Config,
  type Stage1LossName,
  type Stage2Config,
  type TaskName,
} from "./pipeline/config.ts";
export type {
  Acceptance,
  ActionRecord,
  OutputFile,
  Provenance,
  StageFacts,
} from "./pipeline/store/action_record.ts";
export {
  accept,
  type AcceptOptions,
  type AcceptOutcome,
} from "./pipeline/accept.ts";
export {
  type DetectionOptions,
  detectKeypoints,
  FeatureError,
  type FeatureErrorFacts,
  type GreyPicture,
  type Keypoint,
  type KeypointFrame,
  type Matches,
  type NoModelReason,
} from "./features/mod.ts";
export {
  type DescribedImage,
  type DescribeImageOptions,
  type KeypointImage,
  type MatchingPart,
  matchingParts,
  type OnPart,
} from "./pipeline/descriptors/describe_image.ts";
export {
  type GeometryName,
  geometryNames,
} from "./pipeline/matching/geometry_names.ts";
export {
  type MatchedImages,
  matchImages,
  type MatchImagesOptions,
  type PairGeometry,
} from "./pipeline/matching/match_images.ts";
export {
  DataError,
  type DataErrorParts,
  type GreyImage,
  type Orientation,
  readGreyImage,
} from "./data/mod.ts";
export { GpuError, type GpuErrorFacts } from "./gpu/mod.ts";
export {
  type DescribeOptions,
  type Descriptor,
  type DescriptorOptions,
  loadDescriptor,
} from "./pipeline/descriptor.ts";
export {
  ConfigError,
  type ErrorParts,
  PipelineError,
} from "./pipeline/errors.ts";
export {
  consoleLog,
  type ConsoleLogOptions,
  type Log,
  type Progress,
  silentLog,
} from "./pipeline/log.ts";
export {
  type LockOutcome,
  lockResults,
} from "./pipeline/sharing/lock_results.ts";
export { writeCrate } from "./pipeline/sharing/write_crate.ts";
export { writeModelCard } from "./pipeline/sharing/write_model_card.ts";
export { formatPlan, formatReason } from "./pipeline/engine/plan_text.ts";
export type { Plan, StagePlan } from "./pipeline/engine/planner.ts";
export type { Reason } from "./pipeline/engine/reasons.ts";
export { RemoteCache } from "./pipeline/remote/cache.ts";
export {
  Credentials,
  type RemoteCacheOptions,
  remoteCacheOptions,
  type RemoteCacheRequest,
} from "./pipeline/remote/cache_options.ts";
export {
  type PlaceOptions,
  plan,
  planAll,
  type PlanOptions,
  reproduce,
  reproduceAll,
  type ReproduceOptions,
} from "./pipeline/reproduce.ts";
export type { RunOutcome, StageOutcome } from "./pipeline/engine/runner.ts";
export type { SourceCommit } from "./pipeline/code/source_commit.ts";
export type {
  SharedCache,
  SharedObject,
} from "./pipeline/store/shared_cache.ts";
export {
  RecordSigner,
  TrustedKeys,
} from "./pipeline/remote/record_signature.ts";
export type { Json } from "./pipeline/files/json.ts";
