import * as v from "valibot";

/** What keypoints of a photograph are for. */
const keypointUse = v.picklist(["training", "test pairs", "test sequences"]);

/** What the stage download writes as `photographs/shown.json`: photographs at a size fit for a page, with their keypoints. */
export const shownPhotographs = v.array(v.object({
  name: v.string(),
  /** of the photograph, in pixels */
  width: v.number(),
  height: v.number(),
  /** the reduced picture, as a JPEG in base64 */
  drawn: v.object({ width: v.number(), height: v.number(), jpeg: v.string() }),
  keypoints: v.array(v.object({
    use: keypointUse,
    /** how many there are */
    count: v.number(),
    /** of the first of them x, y and half the side of the region, in pixels of the reduced picture from its top left corner */
    places: v.array(v.tuple([v.number(), v.number(), v.number()])),
  })),
}));

/** A photograph at a size fit for a page, with its keypoints. */
export type ShownPhotograph = v.InferOutput<typeof shownPhotographs>[number];

/** What keypoints of a photograph are for. */
export type KeypointUse = v.InferOutput<typeof keypointUse>;
