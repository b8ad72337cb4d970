import { element } from "./elements.ts";
import { withoutGpuText } from "./without_gpu_text.ts";

/**
 * Shows the sample result as a picture in the place of everything that needs a GPU.
 *
 * @param fault what went wrong, where that is more than that there is no WebGPU
 */
export function showWithoutGpu(sampleResult: string, fault?: string): void {
  element("no-gpu", HTMLParagraphElement).textContent = withoutGpuText(fault);
  element("sample-result", HTMLImageElement).src = sampleResult;
  element("without-gpu", HTMLElement).hidden = false;
  element("with-gpu", HTMLDivElement).hidden = true;
}
