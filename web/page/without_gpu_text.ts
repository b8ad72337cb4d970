/** Browsers with what the network needs of WebGPU, in workers, on ordinary machines. */
const browsers =
  "Chrome and Edge (from 127), Safari (from 26) and Firefox (from 141 on Windows, 145 on Macs with Apple silicon)";

/** @param fault what went wrong, where that is more than that there is no WebGPU */
export function withoutGpuText(fault?: string): string {
  const text =
    `This browser offers no WebGPU here, which the network runs on; ${browsers} have it.`;
  return fault === undefined ? text : `${text} What it says: ${fault}`;
}
