/** What stages and training may use of this layer. */
export { DataError, type DataErrorParts } from "./errors.ts";
export { RandomStream, uniform } from "./random.ts";
export { PackedPatches } from "./packed_patches.ts";
export { PackedPatchesWriter } from "./packed_patches_writer.ts";
export { BatchLoader, type LoadingTimes } from "./batch_loader.ts";
export { BatchSampler, type PatchBatch } from "./batch_sampler.ts";
export {
  parseSafetensors,
  readSafetensors,
  type Safetensors,
  serializeSafetensors,
  writeSafetensors,
} from "./safetensors.ts";
export type { Dtype, TensorData } from "./tensor_data.ts";
export { readDescriptorCsv, writeDescriptorCsv } from "./descriptor_csv.ts";
export { DescriptorReader } from "./descriptor_reader.ts";
export type { DescriptorTable } from "./descriptor_text.ts";
export {
  type PairTask,
  type PatchReferences,
  type QueryTask,
  readPairTask,
  readQueryTask,
  readSplits,
  type Split,
} from "./hpatches_tasks.ts";
export type { GreyImage } from "./grey_image.ts";
export { encodePng } from "./png.ts";
export { listSequences, patchTypes, readSequencePatches } from "./hpatches.ts";
export { publishedPatchCounts } from "./phototour.ts";
export { type PatchPairs, readPairs } from "./phototour_pairs.ts";
export { bundledPhotographs, listPhotographs } from "./photographs.ts";
export {
  type Manifest,
  type PhotoOptions,
  writePhotoDataset,
} from "./photos.ts";
export { mirrorName } from "./fetch_archive.ts";
export { archiveOf, findLocalSet } from "./local_sets.ts";
export {
  listReleaseFiles,
  type ReleaseOptions,
  wantedSets,
  writeReleaseDataset,
} from "./local_release.ts";
export { PublishedSets } from "./published_sets.ts";
export {
  type Checkpoint,
  parseCheckpoint,
  readCheckpoint,
} from "./checkpoint.ts";
export {
  eventFileStart,
  type EventHistogram,
  eventRecord,
  type TrainingEvent,
} from "./event_file.ts";
export {
  type OnnxAttribute,
  type OnnxConstant,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
  serializeOnnx,
} from "./onnx_model.ts";
export { writeWholeFile } from "./whole_file.ts";
