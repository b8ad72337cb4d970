import { writeFileAtomically } from "../files/write_file.ts";
import type { Command } from "./command.ts";

/** `summary`: the results of several runs in one page, for a terminal, a pull request or a workflow's summary. */
export const summary: Command = {
  name: "summary",
  summary: "join runs' results.json into one Markdown page",
  positionals: ["results.json…"],
  flags: [
    {
      name: "badge",
      value: "FILE",
      summary: "write a badge, as JSON for shields.io's endpoint",
    },
    {
      name: "check-expectations",
      summary: "exit with 1 unless every published figure is reached",
    },
  ],
  example: "runs/lib/results.json runs/nd/results.json",
  async run({ positionals, value, has, print }) {
    const { allReached, readRun, summaryBadge, summaryTables } = await import(
      "../report/summary.ts"
    );
    const { markdownTable } = await import("../report/render_tables.ts");
    const runs = [];
    for (const path of positionals) runs.push(readRun(path));
    print(summaryTables(runs).map(markdownTable).join("\n\n"));
    const badge = value("badge");
    if (badge !== "") {
      const text = `${JSON.stringify(summaryBadge(runs))}\n`;
      await writeFileAtomically("write a result", badge, text);
    }
    return has("check-expectations") && !allReached(runs) ? 1 : 0;
  },
};
