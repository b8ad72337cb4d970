/** Kernels that can be cut in several ways on any device, and what one thread of each computes. */
export interface DirectSizes {
  /** Rows × columns of pixels. */
  conv3x3: readonly [rows: number, columns: number];
  /** Rows × columns of ∂y, above which it computes 2×2 pixels each. */
  conv3x3_transposed: readonly [rows: number, columns: number];
  /** Rows of taps: 1 or 3. */
  conv3x3_weight_gradient: readonly [tapRows: number];
  /** Samples and blocks of four outputs. */
  dense: readonly [samples: number, outputs4: number];
  /** Samples and blocks of four inputs. */
  dense_input_gradient: readonly [samples: number, inputs4: number];
  /** Blocks of four inputs and of four outputs. */
  dense_weight_gradient: readonly [inputs4: number, outputs4: number];
}

/** Kernels of Winograd's method that can be cut in several ways, and what one thread of each computes. */
export interface WinogradSizes {
  /** Winograd tiles and blocks of four channels. */
  winograd_product: readonly [tiles: number, outputs4: number];
  /** Blocks of four inputs and of four outputs. */
  winograd_weight_product: readonly [inputs4: number, outputs4: number];
}

/** Convolutions with what follows them, which one kernel computes or two. */
export interface EndSizes {
  /** Forward: rows × columns of pixels that a thread of one kernel computes. */
  conv3x3_frn_tlu: readonly [rows: number, columns: number];
  /** An input gradient, and FRN and TLU below it. */
  conv3x3_frn_tlu_backward: readonly [rows: number, columns: number];
}

/** All of them. */
export type TileSizes = DirectSizes & WinogradSizes & EndSizes;

/** The name of a kernel that can be cut in several ways. */
export type TiledKernel = keyof TileSizes;

/** Those that are one kernel each, whatever the tile. */
export type CutKernel = Exclude<TiledKernel, keyof EndSizes>;

/** Whether a kernel is one of {@linkcode EndSizes}. */
export function isEnd(kernel: TiledKernel): kernel is keyof EndSizes {
  return kernel === "conv3x3_frn_tlu" || kernel === "conv3x3_frn_tlu_backward";
}

/** How a device cuts its gradients of stride 1 where they go by Winograd's method. */
export interface WinogradTiles extends WinogradSizes {
  /** Samples that pass through the scratch at once: 0.3 MiB each for inputs and for outputs, which caches should hold. */
  samples: number;
}
