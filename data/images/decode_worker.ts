import { answerTasks } from "../worker_tasks.ts";
import { decodeImage } from "./decode_image.ts";
import type { EncodedImage } from "./image_file.ts";

// Decodes the images that messages bring.
answerTasks(({ bytes, where }: EncodedImage) => {
  const image = decodeImage(bytes, where);
  return Promise.resolve({ result: image, transfer: [image.pixels.buffer] });
});
