import {
  type KernelTuning,
  type MeasuredTile,
  tileText,
  type Tuning,
} from "../../gpu/mod.ts";
import type { Json } from "../files/json.ts";

/** What was measured, for programs. */
export function tuningJson(
  { kernels, timeMs, timestamps }: Tuning,
): Record<string, Json> {
  return {
    time_ms: timeMs,
    timed_by: timestamps ? "adapter" : "repetition",
    tiles: kernels.map(({ name, standard, chosen, tried, refused }) => ({
      kernel: name,
      standard: tileJson(standard),
      chosen: tileJson(chosen),
      ratio: chosen.timeMs / standard.timeMs,
      tried,
      refused: refused.map(tileText),
    })),
  };
}

/** What was measured, as a table with a line below. */
export function tuningLines(tuning: Tuning): string[] {
  const { kernels, timeMs, timestamps } = tuning;
  const gaining = kernels.filter(({ standard, chosen }) => chosen !== standard);
  const rows = [
    ["kernel and shape", "tried", "standard", "ms", "fastest", "ms", "ratio"],
    ...kernels.map(rowOf),
  ];
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  // Words to the left, numbers to the right.
  const isNumber = (column: number) => [1, 3, 5, 6].includes(column);
  const table = rows.map((row) =>
    row.map((cell, column) =>
      isNumber(column)
        ? cell.padStart(widths[column])
        : cell.padEnd(widths[column])
    ).join("  ")
  );
  const refused = kernels.flatMap(({ name, refused }) =>
    refused.map((tile) =>
      `${name}: ${tileText(tile)} gives other bits here and is left out`
    )
  );
  return [
    ...table,
    ...refused,
    `${gaining.length} of ${kernels.length} kernels gain 5 % or more; measured by ${
      timestamps ? "the adapter's own clock" : "repetition"
    } in ${(timeMs / 1000).toFixed(1)} s`,
  ];
}

function rowOf(
  { name, standard, chosen, tried }: KernelTuning,
): string[] {
  return [
    name,
    String(tried),
    tileText(standard.tile),
    standard.timeMs.toFixed(2),
    chosen === standard ? "" : tileText(chosen.tile),
    chosen === standard ? "" : chosen.timeMs.toFixed(2),
    (chosen.timeMs / standard.timeMs).toFixed(2),
  ];
}

function tileJson({ tile, timeMs }: MeasuredTile): Json {
  const { size, group, shared } = tile;
  return {
    size: [...size],
    group,
    ...(shared === undefined ? {} : { shared: [...shared] }),
    time_ms: timeMs,
  };
}
