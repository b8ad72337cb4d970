import { element } from "./elements.ts";

/** Browsers with WebGPU in workers on ordinary machines. */
const browsers =
  "Chrome and Edge (from 113), Safari (from 26) and Firefox (from 141 on Windows, 145 on Macs with Apple silicon)";

/** Shows the sample result as a picture in the place of everything that needs a GPU. */
export function showWithoutGpu(sampleResult: string): void {
  element("no-gpu", HTMLParagraphElement).textContent =
    `This browser offers no WebGPU here, which the network runs on; ${browsers} have it.`;
  element("sample-result", HTMLImageElement).src = sampleResult;
  element("without-gpu", HTMLElement).hidden = false;
  element("with-gpu", HTMLDivElement).hidden = true;
}
