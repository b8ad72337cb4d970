import { fileURLToPath } from "node:url";
import type { PeerFigures } from "./layers.ts";

/** One peer's figures, or why there are none. */
export interface Peer {
  name: string;
  figures?: PeerFigures;
  absent?: string;
}

/** The first of these with PyTorch is taken; Debian's python3-torch belongs to the second. */
const pythons = ["python3", "/usr/bin/python3"];

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * The same network at the same batch in jax-js and TensorFlow.js on this adapter, and in PyTorch on the CPU.
 *
 * Each in a process of its own, with packages that nothing else of this project installs.
 */
export async function measurePeers(patches: number): Promise<Peer[]> {
  return [
    await attempt("PyTorch, CPU", () => measurePyTorch(patches)),
    await attempt("jax-js, WebGPU", () => measurePackage("jax-js", patches)),
    await attempt(
      "TensorFlow.js, WebGPU",
      () => measurePackage("tfjs", patches),
    ),
  ];
}

async function attempt(
  name: string,
  measure: () => Promise<PeerFigures>,
): Promise<Peer> {
  try {
    return { name, figures: await measure() };
  } catch (error) {
    return { name, absent: error instanceof Error ? error.message : "" };
  }
}

async function measurePackage(
  peer: string,
  patches: number,
): Promise<PeerFigures> {
  const config = pathOf("deno.json");
  const script = pathOf("measure.ts");
  const permissions = ["--no-prompt", "--allow-read", "--allow-env"];
  const args = ["run", ...permissions, "--config", config, script];
  return await output(Deno.execPath(), [...args, peer, String(patches)]);
}

async function measurePyTorch(patches: number): Promise<PeerFigures> {
  const threads = String(navigator.hardwareConcurrency);
  const args = [pathOf("pytorch.py"), String(patches), threads];
  const failures: string[] = [];
  for (const python of pythons) {
    try {
      return await output(python, args);
    } catch (error) {
      failures.push(
        `${python}: ${error instanceof Error ? error.message : ""}`,
      );
    }
  }
  throw new Error(failures.join("; "));
}

/** The JSON that a program prints last; what it complained of, when it fails. */
async function output(program: string, args: string[]): Promise<PeerFigures> {
  const command = new Deno.Command(program, { args });
  const { success, stdout, stderr } = await command.output();
  const lastLine = (bytes: Uint8Array) =>
    new TextDecoder().decode(bytes).trim().split("\n").at(-1) ?? "";
  if (!success) throw new Error(lastLine(stderr));
  return JSON.parse(lastLine(stdout));
}
