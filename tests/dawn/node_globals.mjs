/** Loaded before a module that Node runs: gives it Dawn where Deno and browsers have their WebGPU. */
// @ts-ignore: it is installed where this file is copied to.
import { create, globals } from "webgpu";

Object.assign(globalThis, globals);
const gpu = create((process.env.DAWN_OPTIONS ?? "").split(" ").filter(Boolean));
// Node 20 has no navigator.
globalThis.navigator ??= {};
Object.defineProperty(globalThis.navigator, "gpu", { value: gpu });
