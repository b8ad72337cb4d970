import { activationInclude } from "../../activation.ts";
import { kernel } from "../../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import {
  rowsOfGroup,
  rowTerms,
  type SharedProduct,
  slabTerms,
} from "../../tiles/shared_product.ts";
import source from "../../wgsl/convolution/dense_shared.wgsl" with {
  type: "text",
};
import fours from "../../wgsl/lib/terms_fours.wgsl" with { type: "text" };
import pairs from "../../wgsl/lib/terms_pairs.wgsl" with { type: "text" };

/** The product of which {@linkcode sharedProduct} records the dispatch. */
export interface ProductOfRows {
  /** Who asks, for messages. */
  op: string;
  /** [all, terms] in 32 or 16 bits. */
  a: Tensor;
  /** [terms, columns], or [columns, terms] where it is transposed. */
  weights: TensorSlice;
  isTransposed: boolean;
  /** [parts, count, columns], or of one part [all, columns]. */
  result: Tensor;
  terms: number;
  columns: number;
  parts: number;
  /** Rows; the first of `a`, and of the result. */
  count: number;
  firstRow: number;
  firstResult: number;
}

/** result[p, n, o] = Σ_k a[n, k] · w[k, o] over the k of part p, by workgroups that share what they read. */
export function sharedProduct(
  recorder: Recorder,
  product: ProductOfRows,
  tile: SharedProduct,
): void {
  const { op, a, weights, isTransposed, result, terms, columns } = product;
  const { parts, count, firstRow, firstResult } = product;
  const { size: [rows, columns4], group, shared: [, across] } = tile;
  const { atOnce, stride } = rowTerms(tile);
  const compiled = kernel(recorder.gpu, "dense_shared", source, {
    TN: rows,
    TO: columns4,
    ACROSS: across / 4,
    SLAB4: slabTerms / 4,
    AT_ONCE: atOnce,
    ROW: stride,
    TRANSPOSED: isTransposed ? 1 : 0,
    GROUP: group,
  }, { ...activationInclude(op, { a }), terms: atOnce === 2 ? pairs : fours });
  recorder.dispatch(
    compiled,
    [a, weights, result],
    [Math.ceil(count / rowsOfGroup(tile)) * (columns / across), parts],
    unsigned(
      terms / 4,
      columns / 4,
      terms / 4 / parts,
      count,
      firstRow,
      firstResult,
    ),
  );
}
