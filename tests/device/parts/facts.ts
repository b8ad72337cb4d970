/** What the adapter, its driver and the machine say of themselves. */
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { openGpu } from "../../../gpu/device.ts";
import { driverFacts } from "../../../pipeline/adapter/driver_facts.ts";
import { readSourceCommit } from "../../../pipeline/code/source_commit.ts";
import { report } from "../report.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const adapter = await navigator.gpu.requestAdapter({
  powerPreference: "high-performance",
});
if (adapter === null) throw new Error("no WebGPU adapter; ./run doctor");
const { vendor, architecture, device, description, isFallbackAdapter } =
  adapter.info;
report({
  adapter: { vendor, architecture, device, description, isFallbackAdapter },
});
report({ features: [...adapter.features].sort() });
report({ limits: numbers(adapter.limits) });
report({
  drivers: driverFacts(),
  cores: navigator.hardwareConcurrency,
  memoryGib: Deno.systemMemoryInfo().total / 2 ** 30,
  deno: Deno.version,
  source: readSourceCommit(root) ?? bundle(),
  nvidia: nvidia(),
});
using gpu = await openGpu({ timestamps: true });
report({
  deviceClass: gpu.adapter.deviceClass,
  deviceFeatures: [...gpu.device.features].sort(),
  deviceLimits: numbers(gpu.device.limits),
});

/** All limits; they are getters of the prototype. */
function numbers(limits: GPUSupportedLimits): Record<string, number> {
  const all: Record<string, number> = {};
  for (const name in limits) {
    const value = limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") all[name] = value;
  }
  return all;
}

/** Where the files came from when they are no git checkout. */
function bundle(): unknown {
  try {
    return JSON.parse(
      Deno.readTextFileSync(join(root, ".deno", "bundle.json")),
    );
  } catch {
    return null; // a plain copy
  }
}

function nvidia(): string | null {
  try {
    const { stdout } = new Deno.Command("nvidia-smi", {
      args: [
        "--query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.mem,power.limit,pcie.link.gen.max,pcie.link.width.max",
        "--format=csv,noheader",
      ],
    }).outputSync();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return null; // no NVIDIA card
  }
}
