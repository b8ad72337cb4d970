import { join } from "@std/path";
import { DataError } from "../errors.ts";
import type { OnRegions } from "./album.ts";
import {
  drawNoisyRegion,
  noiseLevels,
  regionIsInside,
  regionOf,
} from "./geometric_noise.ts";
import { compose } from "../../features/geometry/homography.ts";
import type { Keypoint } from "./keypoint_discs.ts";
import { drawKeypoints } from "./keypoints.ts";
import { PatchCutter } from "./photo_patches.ts";
import { type KeypointOptions, mapsOf } from "./label_places.ts";
import type { OnProgress } from "./photo_training.ts";
import { type PhotographFile, readPhotograph } from "./photographs.ts";
import { type Plane, planeOf } from "../../features/images/plane.ts";
import { RandomStream } from "../random.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";
import { PatchStrip } from "./patch_strip.ts";
import {
  drawViewpoint,
  renderIllumination,
  renderViewpoint,
  type TargetImage,
  targetImages,
} from "./target_images.ts";

/** What decides the sequences. */
export interface SequenceOptions extends KeypointOptions {
  /** Patches wanted in each sequence. */
  patchesPerSequence: number;
}

/** A sequence that was written. */
export interface WrittenSequence {
  name: string;
  /** Photograph it was made of; sequences of one photograph show different places of the same picture. */
  photograph: number;
  /** Standard deviation of each reference patch in grey values, [patches]. */
  contrasts: Float32Array;
}

const fewestPatches = 10;

/**
 * Writes each photograph as two sequences of the HPatches release layout: `v_<name>` (five viewpoints under growing homographies)
 * and `i_<name>` (five lights of growing strangeness), each `ref.png`, `e1.png` … `t5.png`: strips 65 pixels wide, 65·N high, 8-bit grey.
 * Patches are regions of half side 5 sigma, upright in the reference. In the targets the region with geometric noise of level easy, hard or
 * tough is projected through the true homography, so what viewpoint leaves is its loss of detail. The keypoints of the two
 * sequences of a photograph are different ones.
 * Source: the HPatches paper's extraction protocol.
 * @param onRegions is told the regions of both sequences of a photograph
 * @throws {DataError} when a photograph has room for fewer than ten patches a sequence
 */
export async function writeSequences(
  directory: string,
  photographs: readonly PhotographFile[],
  options: SequenceOptions,
  onProgress: OnProgress = () => {},
  onRegions: OnRegions = () => {},
): Promise<WrittenSequence[]> {
  const written: WrittenSequence[] = [];
  const total = photographs.length * 2 * (targetImages + 1);
  let done = 0;
  for (let number = 0; number < photographs.length; number++) {
    const file = photographs[number];
    const plane = planeOf(await readPhotograph(file));
    const photograph = new SamplingStack(plane);
    const places = drawPlaces(plane, photograph, number, file, options);
    onRegions(number, plane, places.map(regionOf));
    for (const kind of ["i", "v"] as const) {
      const name = `${kind}_${file.name}`;
      const keypoints = places.filter((_, i) =>
        i % 2 === (kind === "v" ? 0 : 1)
      );
      await Deno.mkdir(join(directory, name), { recursive: true });
      const contrasts = await writeReference(
        join(directory, name),
        photograph,
        keypoints,
      );
      onProgress(++done, total);
      for (let image = 1; image <= targetImages; image++) {
        const stream = new RandomStream(
          options.seed,
          `${kind} target`,
          number,
          image,
        );
        const target = kind === "v"
          ? renderViewpoint(
            photograph,
            viewpoint(plane, number, image, options),
            image,
            stream,
          )
          : renderIllumination(plane, image, stream);
        await writeTarget(
          join(directory, name),
          target,
          keypoints,
          image,
          (patch) =>
            new RandomStream(
              options.seed,
              `${kind} patch`,
              number,
              image,
              patch,
            ),
        );
        onProgress(++done, total);
      }
      written.push({ name, photograph: number, contrasts });
    }
  }
  return written;
}

function viewpoint(
  plane: Plane,
  photograph: number,
  image: number,
  options: SequenceOptions,
) {
  const stream = new RandomStream(options.seed, "viewpoint", photograph, image);
  return drawViewpoint(plane.width, plane.height, image, stream);
}

/** Keypoints for both sequences, alternately: places with contrast that every viewpoint shows whole. */
function drawPlaces(
  plane: Plane,
  photograph: SamplingStack,
  number: number,
  file: PhotographFile,
  options: SequenceOptions,
): Keypoint[] {
  const viewpoints = Array.from(
    { length: targetImages },
    (_, i) => viewpoint(plane, number, i + 1, options),
  );
  const cutter = new PatchCutter(photograph, options.seed, "sequence");
  const places = drawKeypoints(
    mapsOf(plane, options),
    2 * options.patchesPerSequence,
    options.seed,
    "sequence keypoints",
    number,
    (keypoint) =>
      viewpoints.every((view) =>
        regionIsInside(
          compose(view, regionOf(keypoint)),
          plane.width,
          plane.height,
        )
      ) && cutter.hasContrast(regionOf(keypoint)),
  );
  if (
    places.length < 2 * Math.min(fewestPatches, options.patchesPerSequence)
  ) {
    throw new DataError({
      attempt: "cut test sequences",
      where: file.path,
      found: `room for ${places.length} keypoints`,
      wanted: `at least ${
        2 * Math.min(fewestPatches, options.patchesPerSequence)
      }`,
      remedy: "hold out other images, or change sigmas_v or weight_function",
    });
  }
  return places;
}

async function writeReference(
  folder: string,
  photograph: SamplingStack,
  keypoints: readonly Keypoint[],
): Promise<Float32Array> {
  const strip = new PatchStrip(keypoints.length);
  for (const keypoint of keypoints) strip.add(photograph, regionOf(keypoint));
  await strip.write(join(folder, "ref.png"));
  return strip.contrasts();
}

async function writeTarget(
  folder: string,
  target: TargetImage,
  keypoints: readonly Keypoint[],
  image: number,
  streamOf: (patch: number) => RandomStream,
) {
  const { picture, fromPhotograph } = target;
  for (const kind of ["easy", "hard", "tough"] as const) {
    const strip = new PatchStrip(keypoints.length);
    keypoints.forEach((keypoint, patch) => {
      const level = noiseLevels[kind];
      // One stream a patch and image: tough is the same error as easy, grown, as far as the picture's border allows.
      const region = regionOf(keypoint);
      strip.add(
        picture,
        drawNoisyRegion(
          fromPhotograph,
          region,
          level,
          picture,
          streamOf(patch),
        ),
      );
    });
    await strip.write(join(folder, `${kind[0]}${image}.png`));
  }
}
