import { runProcess } from "./command_line.ts";

/**
 * The words that start a program without any network, loopback included: in a namespace of its own, as root or as a user who may have
 * one. Undefined where neither is allowed.
 */
export async function withoutNetwork(): Promise<string[] | undefined> {
  for (const words of [["unshare", "-n"], ["unshare", "-rn"]]) {
    try {
      const [program, ...args] = [...words, "true"];
      if ((await runProcess(program, args)).code === 0) return words;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}
