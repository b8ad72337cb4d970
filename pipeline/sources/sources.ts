import type { SourceName } from "../config/source_names.ts";
import { photos } from "./photos.ts";
import { phototour } from "./phototour.ts";
import type { Source } from "./source.ts";

/** What each source makes patches of. */
export const sources: Record<SourceName, Source> = { photos, phototour };
