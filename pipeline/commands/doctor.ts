import type { Command } from "./command.ts";
import { placeFlags, placesOf } from "./results/place_flags.ts";

/** `doctor`: one line for each thing that training needs of the machine. */
export const doctor: Command = {
  name: "doctor",
  summary: "check Deno, GPU, disk and permissions; says what to do",
  positionals: [],
  flags: placeFlags,
  example: "",
  usesGpu: () => true,
  async run(call) {
    const { print } = call;
    const { storeDirectory, runsDirectory } = placesOf(call);
    const checks = await import("./doctor_checks.ts");
    const { defaultRunsDirectory } = await import(
      "../engine/open_planner.ts"
    );
    const { defaultStoreDirectory } = await import("../store/store.ts");
    const adapter = await checks.checkAdapter();
    const [{ ok: hasAdapter }] = adapter;
    const findings = [
      checks.checkDeno(),
      checks.checkDriver(hasAdapter),
      ...adapter,
      checks.checkDisk(),
      checks.checkWritable(runsDirectory ?? defaultRunsDirectory),
      checks.checkWritable(storeDirectory ?? defaultStoreDirectory),
      await checks.checkPhotographs(),
    ];
    for (const { ok, subject, found, remedy } of findings) {
      const line = `${ok ? "ok     " : "problem"}  ${subject}: ${found}`;
      print(remedy === undefined ? line : `${line}; ${remedy}`);
    }
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
};
