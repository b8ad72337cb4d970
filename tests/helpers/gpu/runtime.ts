import { it } from "@std/testing/bdd";

/** Tests of what only Deno has: these files also run in Node, see `tests/dawn/`. */
export const itOnDeno = "Deno" in globalThis ? it : it.skip;

/** Whether the runtime has arrays of halves; Node 22 has none. */
export const hasHalves = "Float16Array" in globalThis;

/** Tests that need arrays of halves. */
export const itHasHalves = hasHalves ? it : it.skip;
