import type { Gpu } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import type { RowTexture } from "./rows/row_texture.ts";
import type { Tensor } from "./tensor.ts";

/** A tensor bound from element `offset` on (a multiple of 256 bytes) for `size` elements. */
export interface TensorSlice {
  tensor: Tensor;
  offset: number;
  size: number;
}

/** All of a tensor as a slice. */
export function whole(tensor: Tensor): TensorSlice {
  return { tensor, offset: 0, size: tensor.size };
}

/** What a kernel reads or writes at one of its bindings. */
export type Bound = Tensor | TensorSlice | RowTexture;

/** One bind group, what it binds, and the one that was asked for after it the last time. */
interface Remembered {
  kernel: Kernel;
  bounds: readonly Bound[];
  slot: number;
  group: GPUBindGroup;
  next?: Remembered;
}

/**
 * The bind groups of a recorder, each made once. A step asks for the same ones in the same order as the step before, so the
 * one that followed the last time is tried first, which writes no name.
 */
export class BindGroups {
  readonly #gpu: Gpu;
  readonly #uniforms: GPUBuffer;
  readonly #slotBytes: number;
  readonly #byName = new Map<string, Remembered>();
  #last: Remembered | undefined;

  /** @param uniforms holds slots of `slotBytes` each */
  constructor(gpu: Gpu, uniforms: GPUBuffer, slotBytes: number) {
    this.#gpu = gpu;
    this.#uniforms = uniforms;
    this.#slotBytes = slotBytes;
  }

  /** Bindings 0 … n−1 are `bounds`; binding n is a slot of the uniforms, unless it is −1. */
  find(kernel: Kernel, bounds: readonly Bound[], slot: number): GPUBindGroup {
    const last = this.#last;
    let found = last?.next;
    if (found === undefined || !isOf(found, kernel, bounds, slot)) {
      const name = nameOf(kernel, bounds, slot);
      found = this.#byName.get(name);
      if (found === undefined) {
        const group = this.#create(kernel, bounds, slot);
        found = { kernel, bounds: [...bounds], slot, group };
        this.#byName.set(name, found);
      }
      if (last !== undefined) last.next = found;
    }
    this.#last = found;
    return found.group;
  }

  /** Forgets all of them. */
  clear(): void {
    this.#byName.clear();
    this.#last = undefined;
  }

  #create(
    kernel: Kernel,
    bounds: readonly Bound[],
    slot: number,
  ): GPUBindGroup {
    const entries: GPUBindGroupEntry[] = bounds.map((bound, binding) => ({
      binding,
      resource: resourceOf(bound),
    }));
    if (slot >= 0) {
      const size = this.#slotBytes;
      const resource = { buffer: this.#uniforms, offset: slot * size, size };
      entries.push({ binding: bounds.length, resource });
    }
    return this.#gpu.device.createBindGroup({
      label: kernel.label,
      layout: kernel.pipeline.getBindGroupLayout(0),
      entries,
    });
  }
}

function isOf(
  remembered: Remembered,
  kernel: Kernel,
  bounds: readonly Bound[],
  slot: number,
): boolean {
  if (remembered.kernel !== kernel || remembered.slot !== slot) return false;
  const others = remembered.bounds;
  if (others.length !== bounds.length) return false;
  for (let at = 0; at < bounds.length; at++) {
    const [one, other] = [bounds[at], others[at]];
    if (one === other) continue;
    if (!("tensor" in one && "tensor" in other)) return false;
    if (
      one.tensor !== other.tensor || one.offset !== other.offset ||
      one.size !== other.size
    ) return false;
  }
  return true;
}

function nameOf(
  kernel: Kernel,
  bounds: readonly Bound[],
  slot: number,
): string {
  let name = `${kernel.id}/${slot}`;
  for (const bound of bounds) {
    name += "tensor" in bound
      ? `,${bound.tensor.id}+${bound.offset}:${bound.size}`
      : `,${bound.id}`;
  }
  return name;
}

function resourceOf(bound: Bound): GPUBindingResource {
  if ("view" in bound) return bound.view;
  if (!("tensor" in bound)) return { buffer: bound.buffer };
  const { tensor, offset, size } = bound;
  return {
    buffer: tensor.buffer,
    offset: offset * tensor.elementBytes,
    size: size * tensor.elementBytes,
  };
}
