/** What stages and training may use of this layer. */
export { isByProduct, someOf } from "./by_products.ts";
export { DataError, type DataErrorParts } from "./errors.ts";
export { RandomStream, uniform } from "./random.ts";
export { PackedPatches } from "./patches/packed_patches.ts";
export { PackedPatchesWriter } from "./patches/packed_patches_writer.ts";
export {
  parseSafetensors,
  readSafetensors,
  type Safetensors,
  serializeSafetensors,
  writeSafetensors,
} from "./tensors/safetensors.ts";
export { float32Tensor } from "./tensors/float32_tensor.ts";
export type { Dtype, TensorData } from "./tensors/tensor_data.ts";
export { readDescriptorCsv, writeDescriptorCsv } from "./csv/descriptor_csv.ts";
export { DescriptorReader } from "./csv/descriptor_reader.ts";
export { DescriptorWriter } from "./csv/descriptor_writer.ts";
export type { DescriptorTable } from "./csv/descriptor_text.ts";
export {
  type PairTask,
  type PatchReferences,
  type QueryTask,
  readPairTask,
  readQueryTask,
  readSplits,
  type Split,
} from "./published/hpatches_tasks.ts";
export type { GreyImage, ImageSize, Orientation } from "./images/grey_image.ts";
export { readGreyImage, readImageSize } from "./images/image_file.ts";
export {
  type ImageTree,
  type ListedImage,
  listImages,
} from "./images/image_tree.ts";
export {
  type DescribedPhotograph,
  type ExchangedGeometry,
  type ExchangedPhotograph,
  keypointFields,
  type MatchedPair,
} from "./exchange/described_photograph.ts";
export {
  colmapDescriptorNames,
  type ColmapDescriptors,
  type FormatName,
  formatNames,
  type PairFormatName,
  pairFormatNames,
} from "./exchange/format_names.ts";
export {
  type ExchangeOptions,
  type FeatureWriter,
  featureWriters,
  type PairWriter,
  pairWriters,
} from "./exchange/formats.ts";
export { hlocName } from "./exchange/hloc_files.ts";
export type {
  HomographyTruth,
  ImagePair,
  ImagePairSet,
  PairTruth,
  PoseTruth,
} from "./image_pairs/image_pairs.ts";
export {
  largestSequences,
  withoutLargestSequences,
} from "./image_pairs/largest_sequences.ts";
export { readImagePairs } from "./image_pairs/read_image_pairs.ts";
export { encodePng } from "./images/png.ts";
export { patchTypes } from "./patches/hpatches_layout.ts";
export {
  listPassedOver,
  listSequences,
  readSequencePatches,
} from "./published/hpatches.ts";
export { StripReader } from "./published/strip_reader.ts";
export { packPhotoTour, publishedPatchCounts } from "./published/phototour.ts";
export { readPatchImages } from "./published/phototour_images.ts";
export { type PatchPairs, readPairs } from "./published/phototour_pairs.ts";
export {
  bundledPhotographs,
  listPhotographs,
  readPhotographSizes,
} from "./photographs/photographs.ts";
export { mostKeypoints } from "./photographs/keypoint_room.ts";
export { labelsOfPairs } from "./photographs/photo_pairs.ts";
export { requireBounds } from "./photographs/photo_training.ts";
export type { Manifest, OnPartProgress } from "./patches/manifest.ts";
export { photoSplits } from "./photographs/photo_tasks.ts";
export { type PhotoOptions, writePhotoDataset } from "./photographs/photos.ts";
export { listMirrorFiles, mirrorName } from "./published/fetch_archive.ts";
export { archiveOf, findLocalSet } from "./published/local_sets.ts";
export {
  listReleaseFiles,
  type ReleaseOptions,
  wantedSets,
  writeReleaseDataset,
} from "./published/local_release.ts";
export { PublishedSets, requireSets } from "./published/published_sets.ts";
export {
  type Checkpoint,
  parseCheckpoint,
  readCheckpoint,
} from "./tensors/checkpoint.ts";
export {
  eventFileStart,
  type EventHistogram,
  eventRecord,
  type TrainingEvent,
} from "./tensors/event_file.ts";
export {
  elementTypes as onnxElementTypes,
  type OnnxAttribute,
  type OnnxConstant,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
  serializeOnnx,
} from "./tensors/onnx_model.ts";
export { writeWholeFile } from "./whole_file.ts";
