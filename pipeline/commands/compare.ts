import { PipelineError } from "../errors.ts";
import type { ComparedMethod } from "../report/comparison.ts";
import type { Command } from "./command.ts";

/** `compare`: differences of two methods with intervals. */
export const compare: Command = {
  name: "compare",
  summary: "differences of two results.json, with intervals over sequences",
  positionals: ["A", "B"],
  flags: [{
    name: "all",
    summary: "every figure, not only the means and the matching",
  }],
  example: "runs/demo/results.json#rootsift runs/demo/results.json#trained",
  async run(call) {
    const { compareMethods, comparisonTable } = await import(
      "../report/comparison.ts"
    );
    const { plainTable } = await import("../report/render_tables.ts");
    const { readMethod } = await import("../report/results_file.ts");
    const a = readMethod(call.positionals[0]);
    const b = readMethod(call.positionals[1]);
    const comparisons = compareMethods(a, b)
      .filter(({ figures }) => figures.length > 0);
    if (comparisons.length === 0) {
      throw new PipelineError({
        attempt: "compare the results",
        where: call.positionals[1],
        found: listed(b),
        wanted: `a split and task in common with ${listed(a)}`,
      });
    }
    for (const [at, comparison] of comparisons.entries()) {
      const table = comparisonTable(
        comparison,
        a.label,
        b.label,
        call.has("all"),
      );
      call.print(`${at > 0 ? "\n" : ""}${plainTable(table)}`);
      for (const line of comparison.leftOut) call.print(`  ${line}`);
      if (comparison.withoutInterval !== undefined) {
        call.print(`  ${comparison.withoutInterval}`);
      }
    }
    for (const [one, other] of [[a, b], [b, a]]) {
      const alone = Object.keys(one.splits).filter((split) =>
        !(split in other.splits)
      );
      if (alone.length > 0) {
        call.print(
          `without split ${alone.join(", ")}: only ${one.label} has it`,
        );
      }
    }
    return 0;
  },
};

function listed({ splits, pairs }: ComparedMethod): string {
  return [
    ...Object.entries(splits).map(([split, measures]) =>
      `split ${split} with ${Object.keys(measures).join(", ")}`
    ),
    ...Object.keys(pairs).map((set) => `image pairs ${set}`),
  ].join("; ") || "no split";
}
