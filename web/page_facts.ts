/** What the build writes beside the page for it to read. */
export interface PageFacts {
  network: { name: string; sizeBytes: number };
  /** names of files beside the page */
  sample: {
    left: string;
    right: string;
    /** picture of what the network finds, for browsers without WebGPU */
    result: string;
    /** who took the photograph */
    credit: string;
  };
}

/** Name of the file with {@linkcode PageFacts}. */
export const pageFactsFile = "page.json";

/** Name of the network's file. */
export const networkFile = "network.safetensors";
