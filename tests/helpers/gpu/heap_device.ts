/**
 * A device whose card has heaps of so many bytes, as wgpu's Vulkan backend guards them: memory comes out of the first, but a buffer is
 * refused where any of them would be used by 97 % or more. Buffers are told by their size alone.
 */
export function heapDevice(
  heaps: readonly number[],
  maxBufferSize = Infinity,
): { device: GPUDevice; used(): number; largest(): number } {
  let usedBytes = 0;
  let largestBytes = 0;
  let refused = false;
  const isRefused = (size: number) =>
    heaps.some((heap, index) =>
      (index === 0 ? usedBytes : 0) + size >= 0.97 * heap
    );
  const device = {
    limits: { maxBufferSize, maxStorageBufferBindingSize: maxBufferSize },
    createBuffer({ size }: { size: number }) {
      refused = isRefused(size);
      const bytes = refused ? 0 : size;
      usedBytes += bytes;
      largestBytes = Math.max(largestBytes, bytes);
      return { destroy: () => void (usedBytes -= bytes) };
    },
    pushErrorScope: () => void (refused = false),
    popErrorScope: () => Promise.resolve(refused ? { message: "full" } : null),
  };
  return {
    device: device as unknown as GPUDevice,
    used: () => usedBytes,
    largest: () => largestBytes,
  };
}
