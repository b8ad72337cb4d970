/** Two identical trainings in two processes: do they leave the same bytes? */
import { fileURLToPath } from "node:url";
import { partOptions, report } from "../report.ts";

const { tiny } = partOptions();
const script = fileURLToPath(new URL("train_once.ts", import.meta.url));
const digests: string[] = [];
const exitCodes: number[] = [];
for (let run = 0; run < 2; run++) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      script,
      ...(tiny ? ["8", "2"] : ["256", "30"]),
    ],
  }).output();
  // A driver that crashes at the very end has still trained.
  const text = new TextDecoder().decode(stdout);
  if (text === "") throw new Error(new TextDecoder().decode(stderr));
  const trained = JSON.parse(text);
  digests.push(trained.sha256);
  exitCodes.push(code);
  report({ ...trained, sha256: digests, exitCodes });
}
const identical = digests[0] === digests[1];
report({ identical });
if (!identical) throw new Error("two identical trainings differ");
