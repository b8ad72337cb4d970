import { scaling } from "../../features/geometry/homography.ts";
import { drawNoisyRegion } from "./geometric_noise.ts";
import type { DrawView } from "./photo_patches.ts";
import { drawPhotometricChange } from "./photometric.ts";

/** How far the views of a label may differ from its first one. */
interface ViewNoise {
  /** Level of geometric noise, drawn uniformly in between. */
  geometric: { least: number; most: number };
  /** Strength of photometric change, drawn uniformly in between. */
  photometric: { least: number; most: number };
}

/** Views whose regions have the geometric noise of HPatches' kind. */
function regionViews(noise: ViewNoise): DrawView {
  return (region, picture, stream) => {
    const level = stream.uniform(noise.geometric.least, noise.geometric.most);
    const noisy = drawNoisyRegion(scaling(1), region, level, picture, stream);
    const strength = stream.uniform(
      noise.photometric.least,
      noise.photometric.most,
    );
    const change = drawPhotometricChange(strength, stream);
    return { region: noisy, change, quality: 0 };
  };
}

/** Views to train on: from nearly true to a little beyond HPatches' "tough". */
export const trainingRegionView: DrawView = regionViews({
  geometric: { least: 0.3, most: 3.3 },
  photometric: { least: 0.3, most: 2 },
});

/** Views to test on: as far apart as HPatches' "easy" to "hard". */
export const testRegionView: DrawView = regionViews({
  geometric: { least: 0.5, most: 2.2 },
  photometric: { least: 0.3, most: 1.5 },
});
