/** Two identical trainings in two processes: do they leave the same bytes? */
import { fileURLToPath } from "node:url";
import { partOptions, report } from "../report.ts";

const { tiny } = partOptions();
const script = fileURLToPath(new URL("train_once.ts", import.meta.url));
const digests: string[] = [];
for (let run = 0; run < 2; run++) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      script,
      ...(tiny ? ["8", "2"] : ["256", "30"]),
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const trained = JSON.parse(new TextDecoder().decode(stdout));
  digests.push(trained.sha256);
  report({ ...trained, sha256: digests });
}
const identical = digests[0] === digests[1];
report({ identical });
if (!identical) throw new Error("two identical trainings differ");
