import type { Figures } from "./report.ts";

/** What became of one part. */
export interface PartResult {
  part: string;
  /** `cut`: at its time limit, with what it had said by then */
  outcome: "done" | "cut" | "failed" | "skipped";
  seconds: number;
  figures: Figures;
  /** of its process, where it was none of 0 and the ones for a time limit: some drivers crash at the very end */
  exitCode?: number;
  /** the last lines of stderr where it did not end well */
  stderr?: string[];
}

/** Everything in one Markdown table: a row for each figure that a reader looks for first. */
export function summaryText(results: readonly PartResult[]): string {
  const rows = results.flatMap((result) => {
    const { part, outcome, seconds, figures, exitCode } = result;
    // What a part did not come to has no row.
    const own = (rowsOf[part]?.(figures) ?? []).filter((row) =>
      !row.join().includes("undefined") && !/^[^\d]*–[^\d]*$/.test(row[1])
    );
    const why = figures.skipped ??
      (exitCode === undefined ? undefined : `exit code ${exitCode}`);
    const reason = why === undefined ? outcome : `${outcome}: ${why}`;
    return [
      [part, `${reason} (${seconds.toFixed(1)} s)`, ""],
      ...own.map(([name, value]) => ["", name, value]),
    ];
  });
  return [
    "| part | figure | value |",
    "| --- | --- | ---: |",
    ...rows.map((cells) =>
      `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
    ),
    "",
  ].join("\n");
}

type Row = [name: string, value: string];

/** A figure or a record of them, of whatever shape a part reported. */
// deno-lint-ignore no-explicit-any
type Any = any;

const number = (value: unknown, digits = 2): string =>
  typeof value === "number" ? value.toFixed(digits) : "–";

/** Times of one pass or step as the parts `speed` and `torch` report them. */
function timeRow(name: string, times: Any): Row {
  if (times?.refused !== undefined) return [name, times.refused];
  const host = times?.host?.medianMs ?? times?.hostMs;
  const done = times?.done?.medianMs ?? times?.doneMs;
  return [
    name,
    `${number(times?.patchesPerSecond, 0)} patches/s; host ${
      number(host)
    } ms, done after ${number(done)} ms, in a row ${
      number(times?.repeatedMs)
    } ms`,
  ];
}

/** What is shown of each part; a part that was cut may lack any of it. */
const rowsOf: Readonly<Record<string, (figures: Any) => Row[]>> = {
  facts: ({ adapter, deviceClass, drivers, nvidia, cores, deno, source }) => [
    ["adapter", `${adapter?.description} (${deviceClass ?? "not opened"})`],
    ["driver", nvidia ?? (drivers ?? []).join("; ")],
    ["machine", `${cores} cores, Deno ${deno?.deno}`],
    ["commit", `${source?.commit ?? source?.source?.commit ?? "unknown"}`],
  ],
  "known-answer": ({ values, wrong }) =>
    Object.entries<number>(wrong ?? {}).map(([name, count]) => [
      `wrong ${name}`,
      `${count} of up to ${values}`,
    ]),
  suite: ({ files, run, passed, failed, failures }) => [
    ["test files", `${run ?? 0} of ${files}`],
    ["tests", `${passed ?? 0} passed, ${failed ?? 0} failed`],
    ...(failures ?? []).map(({ file }: { file: string }): Row => [
      "failed",
      file,
    ]),
  ],
  twins: ({ identical, classes, steps, sha256 }) => [
    [
      `${steps} steps of ${classes} × 3, twice`,
      identical === undefined
        ? "only once"
        : identical
        ? `the same bytes, ${sha256[0].slice(0, 12)}…`
        : "DIFFERENT bytes",
    ],
  ],
  tiles: ({ tiles, untried, timed_by }) => [
    [
      `kernels that gain, by ${timed_by}`,
      `${
        (tiles ?? []).filter(({ ratio }: { ratio: number }) => ratio < 1).length
      } of ${(tiles ?? []).length}, ${untried} untried`,
    ],
    ...(tiles ?? []).filter(({ ratio }: { ratio: number }) => ratio < 1).map((
      { kernel, ratio, chosen }: Any,
    ): Row => [
      kernel,
      `${number(ratio)} of the standard's time with ${
        chosen.size.join("×")
      }, ${chosen.group} threads`,
    ]),
    ...(tiles ?? []).flatMap(({ kernel, refused }: Any) =>
      refused.map((tile: string): Row => [kernel, `OTHER BITS with ${tile}`])
    ),
  ],
  kernels: ({ ceilings, ...profiles }) => [
    [
      "ceilings",
      `${number(ceilings?.gflops, 0)} GFLOP/s, ${
        number(ceilings?.gbPerSecond, 0)
      } GB/s`,
    ],
    ...Object.entries<Any>(profiles).flatMap(([name, profile]): Row[] =>
      typeof profile === "string" ? [[name, profile]] : [
        [
          `${name}: kernels`,
          `${number(profile.kernelsMs)} of ${number(profile.stepMs)} ms a step`,
        ],
        ...profile.kernels.slice(0, 12).map((row: Any): Row => [
          `${name}: ${row.kernel} ${row.work}`,
          `${number(row.timeMs)} ms, ${
            number(100 * row.shareOfStep, 0)
          } % of kernels, ${number(row.gflops, 0)} GFLOP/s, ${
            number(row.gbPerSecond, 0)
          } GB/s, ${
            number(100 * row.roofline, 0)
          } % of the roofline, predicted ${number(row.predictedMs)} ms`,
        ]),
      ]
    ),
  ],
  speed: ({ describing, ...others }) => [
    ...Object.entries<Any>(others).flatMap(([name, times]) =>
      times.forward === undefined ? [timeRow(name, times)] : [
        timeRow(`${name}: forward`, times.forward),
        timeRow(`${name}: forward + backward`, times.forwardBackward),
      ]
    ),
    ...(describing === undefined ? [] : [
      [
        `describing ${describing.count} patches`,
        `${number(describing.patchesPerSecond, 0)} patches/s`,
      ] as Row,
    ]),
  ],
  dispatch: ({ dispatches, record, submit, done, ...others }) => [
    [
      `${dispatches} empty dispatches`,
      `recorded in ${number(record?.medianMs)} ms, submitted in ${
        number(submit?.medianMs)
      }, done after ${number(done?.medianMs)}`,
    ],
    [
      "an empty dispatch among many",
      `${number(others.dispatchMicroseconds)} µs`,
    ],
    [
      "a dispatch and its read-back",
      `${number(others.dispatchAndReadBack?.medianMs)} ms`,
    ],
    ...Object.entries<Any>(others).filter(([name]) => name.startsWith("block"))
      .map(([name, { upload, readBack }]): Row => [
        name,
        `up ${number(upload.medianMs)} ms, back ${number(readBack.medianMs)}`,
      ]),
  ],
  "start-up": ({ classes, coldMs, warmMs, oneAfterTheOtherMs }) => [
    [
      `first step of ${classes} × 3`,
      `${number(coldMs)} ms with an empty cache of shaders, ${
        number(warmMs)
      } ms with a filled one, ${
        number(oneAfterTheOtherMs)
      } ms compiling one after the other`,
    ],
  ],
  torch: ({ torch, card, skipped: _, ...settings }) =>
    torch === undefined ? [] : [
      ["PyTorch", `${torch} on ${card ?? "the processor"}`],
      ...Object.entries<Any>(settings).filter(([name]) => name.includes(", "))
        .flatMap(([name, figures]): Row[] =>
          typeof figures === "string" ? [[name, figures]] : Object.entries(
            figures,
          ).filter(([pass]) => pass !== "peakMib").map(([pass, times]) =>
            timeRow(`${name}: ${pass}`, times)
          )
        ),
    ],
  evaluation: ({ size, writeSeconds, wallSeconds, cpuSeconds, peakMib }) => [
    [
      `${size?.sequences} sequences × 16 × ${size?.patches} patches`,
      `${number(wallSeconds, 1)} s, ${number(cpuSeconds, 1)} s of processor, ${
        number(peakMib, 0)
      } MiB (written in ${number(writeSeconds, 1)} s)`,
    ],
  ],
  demo: ({ config, seconds, models }) => [
    [`configs/${config}.toml`, `${number(seconds, 1)} s`],
    ["stage1, SHA-256", `${models?.stage1 ?? "–"}`],
    ["stage2, SHA-256", `${models?.stage2 ?? "–"}`],
  ],
  training: ({ classes, steps, seconds, interrupted }) => [
    [
      `${steps} steps of ${classes} × 3`,
      `${number(seconds, 1)} s${interrupted ? ", interrupted" : ""}`,
    ],
  ],
};
