import { lossOf } from "../../gpu/nn/losses.ts";
import { largestBatch } from "./largest_batch.ts";
import type { Config } from "./types.ts";
import type { SourceName } from "./source_names.ts";
import type { SectionName } from "./sections.ts";

/** A value that is fine by itself and impossible beside another. */
export interface RuleProblem {
  /** section and key of the value to change */
  path: [SectionName, string];
  wanted: string;
  remedy?: string;
}

/** A condition that several values have to meet together. */
export interface Rule {
  /** the sections it reads; it is skipped while one of them has other problems */
  sections: SectionName[];
  check(config: Config): RuleProblem | undefined;
}

/** Whether a source gives as many labels as `download.patch_sets` says, and not as many as a published set holds. */
const hasConfiguredLabels: Record<SourceName, boolean> = {
  photos: true,
  phototour: false,
};

/** Everything that no single value shows to be wrong. */
export const configRules: readonly Rule[] = [
  {
    sections: ["stage1"],
    check: ({ stage1 }) =>
      stage1.threshold > stage1.upper
        ? {
          path: ["stage1", "threshold"],
          wanted: `at most stage1.upper = ${stage1.upper}`,
        }
        : undefined,
  },
  {
    sections: ["stage1"],
    check: ({ stage1 }) =>
      stage1.tuples < stage1.batch_size
        ? {
          path: ["stage1", "tuples"],
          wanted:
            `at least stage1.batch_size = ${stage1.batch_size}, one step an epoch`,
        }
        : undefined,
  },
  {
    sections: ["stage1"],
    check: ({ stage1 }) =>
      lossOf(stage1.loss).pairedViews && stage1.Npos !== 2
        ? {
          path: ["stage1", "Npos"],
          wanted: `2, the views of each label that ${stage1.loss} takes`,
        }
        : undefined,
  },
  {
    sections: ["stage1"],
    check: ({ stage1 }) =>
      lossOf(stage1.loss).pairedViews && stage1.neg_num !== 1
        ? {
          path: ["stage1", "neg_num"],
          wanted: `1 with ${stage1.loss}, which mines once`,
        }
        : undefined,
  },
  {
    sections: ["stage2"],
    check: ({ stage2 }) => {
      const { batch_size, batch_step, final_batch_size } = stage2;
      const cycles = (batch_size - final_batch_size) / batch_step;
      if (Number.isInteger(cycles) && cycles >= 1) return undefined;
      const nearest = batch_size - batch_step * Math.max(1, Math.round(cycles));
      return {
        path: ["stage2", "final_batch_size"],
        wanted:
          `stage2.batch_size ${batch_size} less one or more times stage2.batch_step ${batch_step}`,
        ...(nearest >= 2 ? { remedy: `the nearest is ${nearest}` } : {}),
      };
    },
  },
  {
    sections: ["download", "stage1", "stage2"],
    check: (config) => {
      const { download } = config;
      if (!hasConfiguredLabels[download.source]) return undefined;
      const { labels, stage } = largestBatch(config);
      if (download.patch_sets >= labels) return undefined;
      return {
        path: ["download", "patch_sets"],
        wanted: `at least ${labels}, the labels in a batch of ${stage}`,
      };
    },
  },
  {
    sections: ["download"],
    check: ({ download }) =>
      download.min_sets_per_img > download.max_sets_per_img
        ? {
          path: ["download", "min_sets_per_img"],
          wanted:
            `at most download.max_sets_per_img = ${download.max_sets_per_img}`,
        }
        : undefined,
  },
];
