const mebibyte = 2 ** 20;
const largestPieceBytes = 512 * mebibyte;
const smallestPieceBytes = 16 * mebibyte;

/** What a device gave when it was asked for memory. */
export interface GrantedMemory {
  /** of all pieces together */
  totalBytes: number;
  /** of the largest piece where larger ones were refused; Infinity where none was, as nobody knows then how large one may be */
  pieceBytes: number;
}

/**
 * How much memory the device grants at once: what it gives in pieces until it refuses or `mostBytes` are reached. Pieces start at 512 MiB
 * and are halved at every refusal, down to 16 MiB. Everything is given back. WebGPU tells no other way.
 *
 * A refusal may be of the size alone: wgpu's Vulkan backend wants a buffer to fit each heap that is local to the card, and cards whose
 * memory the processor does not see whole have a second one, of 256 MiB or less (gfx-rs/wgpu#9206).
 */
export async function grantedMemory(
  device: GPUDevice,
  mostBytes: number,
): Promise<GrantedMemory> {
  const buffers: GPUBuffer[] = [];
  const { maxBufferSize } = device.limits;
  const firstBytes = Math.min(largestPieceBytes, maxBufferSize, mostBytes);
  let totalBytes = 0;
  let pieceBytes = 0;
  try {
    for (let size = firstBytes; size > 0 && totalBytes + size <= mostBytes;) {
      // Submits nothing: a device that is that full would be lost then.
      const buffer = await allocated(device, size);
      if (buffer !== undefined) {
        buffers.push(buffer);
        totalBytes += size;
        pieceBytes = Math.max(pieceBytes, size);
      } else if (size / 2 >= smallestPieceBytes) size /= 2;
      else break;
    }
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
  return {
    totalBytes,
    pieceBytes: pieceBytes === firstBytes ? Infinity : pieceBytes,
  };
}

async function allocated(
  device: GPUDevice,
  size: number,
): Promise<GPUBuffer | undefined> {
  device.pushErrorScope("out-of-memory");
  const usage = GPUBufferUsage.STORAGE;
  const buffer = device.createBuffer({ label: "probe", size, usage });
  return await device.popErrorScope() === null ? buffer : undefined;
}
