const stepBytes = 512 * 2 ** 20;

/**
 * How much memory the device grants at once, in bytes: what it gives in pieces of up to 512 MiB until it refuses or
 * `mostBytes` are reached. Everything is given back. WebGPU tells no other way.
 */
export async function grantedBytes(
  device: GPUDevice,
  mostBytes: number,
): Promise<number> {
  const buffers: GPUBuffer[] = [];
  const size = Math.min(stepBytes, device.limits.maxBufferSize, mostBytes);
  try {
    while (size * (buffers.length + 1) <= mostBytes) {
      device.pushErrorScope("out-of-memory");
      const usage = GPUBufferUsage.STORAGE;
      const buffer = device.createBuffer({ label: "probe", size, usage });
      if (await device.popErrorScope() !== null) break;
      buffers.push(buffer);
    }
    return size * buffers.length;
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}
