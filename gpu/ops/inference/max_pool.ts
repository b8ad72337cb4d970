import { kernel } from "../../kernel.ts";
import type { Recorder } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";
import { groupThatDivides } from "../../tiles.ts";
import source from "../../wgsl/inference/max_pool.wgsl" with {
  type: "text",
};

/**
 * y[n,c,i,j] = the largest of x[n,c,2i…2i+1,2j…2j+1].
 *
 * x [N, C/4, 2·H, 2·W, 4]; y [N, C/4, H, W, 4].
 *
 * @throws {GpuError} when a shape does not fit
 */
export function maxPool(
  recorder: Recorder,
  { x, y }: { x: Tensor; y: Tensor },
  count: number,
): void {
  const [capacity, channels4, size] = y.shape;
  assertShape("maxPool", "x", x, [capacity, channels4, 2 * size, 2 * size, 4]);
  assertShape("maxPool", "y", y, [capacity, channels4, size, size, 4]);
  const threads = count * channels4 * size;
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "max_pool", source, {
    W: size,
    GROUP: group,
  });
  recorder.dispatch(compiled, [x, y], [threads / group]);
}
