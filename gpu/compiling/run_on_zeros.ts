import type { Kernel } from "../kernel.ts";
import { slotBytes, type UniformValue, writeUniform } from "../recorder.ts";
import { uniformLimitBytes } from "../tensor.ts";

/** The space of each binding of a text, in order: "storage, read_write", "storage, read" or "uniform". */
const bindings = /@binding\(\d+\) var<([^>]+)>/g;

/**
 * Hands one workgroup of each kernel to a device, in one submit, over buffers of zeros. Errors are passed over: a kernel that
 * cannot run so compiles when it is used.
 *
 * `Params` are those of a real dispatch, because Mesa compiles another text where zeros end its loops.
 *
 * @returns what waits until they have run
 */
export function runOnZeros(
  device: GPUDevice,
  kernels: readonly Kernel[],
  params: ReadonlyMap<Kernel, readonly UniformValue[] | undefined>,
): () => Promise<void> {
  const buffers: GPUBuffer[] = [];
  const zeros = (size: number) => {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM |
      GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ label: "zeros", size, usage });
    buffers.push(buffer);
    return buffer;
  };
  const read = zeros(uniformLimitBytes);
  const slots = zeros(slotBytes * kernels.length);
  const written: GPUBuffer[] = [];
  device.pushErrorScope("validation");
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const [place, kernel] of kernels.entries()) {
    let outputs = 0;
    const bound: GPUBufferBinding[] = [...kernel.text.matchAll(bindings)]
      .map(([, space]) =>
        space.endsWith("read_write")
          ? { buffer: written[outputs++] ??= zeros(uniformLimitBytes) }
          : { buffer: read }
      );
    const values = params.get(kernel);
    if (values !== undefined) {
      const offset = place * slotBytes;
      bound[bound.length - 1] = { buffer: slots, offset, size: slotBytes };
      device.queue.writeBuffer(slots, offset, wordsOf(values));
    }
    const pipeline = kernel.pipelineOn(device);
    const group = device.createBindGroup({
      label: kernel.label,
      layout: pipeline.getBindGroupLayout(0),
      entries: bound.map((resource, binding) => ({ binding, resource })),
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(1);
  }
  pass.end();
  device.queue.submit([encoder.finish()]);
  const failure = device.popErrorScope();
  return async () => {
    await failure;
    await device.queue.onSubmittedWorkDone();
    for (const buffer of buffers) buffer.destroy();
  };
}

function wordsOf(values: readonly UniformValue[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(values.length);
  writeUniform(values, words, new Float32Array(words.buffer));
  return words;
}
