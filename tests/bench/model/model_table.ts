import type { ModelledStep } from "./model_step.ts";

/** A modelled step as text: a sentence, then a Markdown table of its kernels, with what was measured where it was. */
export function modelTable(
  title: string,
  step: ModelledStep,
  submits: number,
): string {
  const { device, kernels, predictedMs } = step;
  const measured = kernels.every(({ measuredMs }) => measuredMs !== undefined);
  const columns = [
    "kernel and its work",
    "dispatches",
    "workgroups × threads",
    "registers",
    "workgroup memory, KiB",
    "subgroups at once",
    "GFLOP",
    "GB",
    "held by",
    "predicted ms",
    ...(measured ? ["measured ms", "predicted / measured"] : []),
  ];
  const rows = kernels.map((row) => [
    `${row.kernel} ${row.work}`.trim(),
    String(row.dispatches),
    `${grouped(row.workgroups)} × ${row.groupThreads}`,
    String(row.registers),
    (row.workgroupBytes / 1024).toFixed(0),
    String(row.subgroups),
    (row.flops / 1e9).toFixed(2),
    (row.bytes / 1e9).toFixed(2),
    row.bound,
    row.predictedMs.toFixed(2),
    ...(measured
      ? [
        row.measuredMs!.toFixed(2),
        (row.predictedMs / row.measuredMs!).toFixed(2),
      ]
      : []),
  ]);
  const measuredMs = kernels.reduce(
    (sum, { measuredMs = 0 }) => sum + measuredMs,
    0,
  );
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    `${title}, ${
      grouped(step.patches)
    } patches, by calculation: ${device.name}`,
    `  ${grouped(step.dispatches)} dispatches in ${submits} submits, ${
      (step.flops / 1e9).toFixed(0)
    } GFLOP, at least ${(step.bytes / 1e9).toFixed(1)} GB`,
    `  predicted ${predictedMs.toFixed(1)} ms: ${
      grouped(Math.round(step.patchesPerSecond))
    } patches/s, ${(100 * step.shareOfPeak).toFixed(1)} % of ${
      (device.fp32Gflops / 1e3).toFixed(3)
    } TFLOP/s in FP32`,
    ...(measured
      ? [
        `  measured ${
          measuredMs.toFixed(1)
        } ms of kernels: predicted / measured ${
          (predictedMs / measuredMs).toFixed(2)
        }`,
      ]
      : []),
    "",
    line(columns),
    line(columns.map((name) => name.startsWith("kernel") ? "---" : "---:")),
    ...rows.map(line),
  ].join("\n");
}

/** What is predicted of several devices, as a Markdown table. */
export function summaryTable(
  rows: readonly { step: ModelledStep; forward: ModelledStep }[],
): string {
  const [{ step, forward }] = rows;
  const headings = (patches: number) => [
    `${grouped(patches)} patches, ms`,
    "patches/s",
    "% of peak",
  ];
  const figures = (
    { predictedMs, patchesPerSecond, shareOfPeak }: ModelledStep,
  ) => [
    predictedMs.toFixed(1),
    grouped(Number(patchesPerSecond.toPrecision(3))),
    (100 * shareOfPeak).toFixed(1),
  ];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const columns = [
    "calculated for",
    "FP32 TFLOP/s",
    "dispatches of a step",
    ...headings(step.patches).map((name) => `step: ${name}`),
    ...headings(forward.patches).map((name) => `describing: ${name}`),
  ];
  return [
    line(columns),
    line(columns.map((_, at) => at === 0 ? "---" : "---:")),
    ...rows.map(({ step, forward }) =>
      line([
        step.device.name,
        (step.device.fp32Gflops / 1e3).toFixed(1),
        grouped(step.dispatches),
        ...figures(step),
        ...figures(forward),
      ])
    ),
  ].join("\n");
}

/** A whole number with commas. */
function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
