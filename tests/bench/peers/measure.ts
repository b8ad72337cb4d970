/** Prints one peer's figures as JSON: `measure.ts jax-js|tfjs PATCHES`. A process of its own, with packages of its own. */
import { measureJaxJs } from "./jax_js.ts";
import { measureTfjs } from "./tfjs.ts";

const [peer, patches] = Deno.args;
const measure = peer === "jax-js" ? measureJaxJs : measureTfjs;
console.log(JSON.stringify(await measure(Number(patches))));
Deno.exit();
