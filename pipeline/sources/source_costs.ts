import type { SourceName } from "../config/source_names.ts";
import { photosCost } from "./photos_cost.ts";
import { phototourCost } from "./phototour_cost.ts";
import type { SourceCost } from "./source_cost.ts";

/** What each source costs. */
export const sourceCosts: Record<SourceName, SourceCost> = {
  photos: photosCost,
  phototour: phototourCost,
};
