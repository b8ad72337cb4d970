import type { Json } from "../files/json.ts";

/** What the networks ran on, as a sentence; empty when no stage used a GPU. Drivers and tiles are left to `results.json`. */
export function adapterText(adapter: Readonly<Record<string, Json>>): string {
  const facts = Object.entries(adapter)
    .filter(([, value]) => typeof value === "string" && value !== "")
    .map(([name, value]) => `${name} ${value}`);
  return facts.length === 0 ? "" : `Adapter: ${facts.join(", ")}.`;
}
