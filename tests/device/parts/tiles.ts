/** Which tiles are fastest here; the parts after this one use them. */
import { tunedKernels } from "../../../gpu/mod.ts";
import { measureTiles } from "../../../pipeline/adapter/prepare_adapter.ts";
import { tuningJson } from "../../../pipeline/adapter/tuning_text.ts";
import { partOptions, report } from "../report.ts";
import { tilesDirectory } from "../tuned_gpu.ts";

const { tiny, seconds } = partOptions();
Deno.mkdirSync(tilesDirectory, { recursive: true });
const { tuning, path } = await measureTiles(tilesDirectory, {
  ...(tiny
    ? {
      kernels: tunedKernels.filter(({ kernel }) =>
        kernel === "dense_weight_gradient"
      ),
    }
    : {}),
  // What has begun must end before the part is cut.
  budgetMs: seconds * 700,
});
report({ path, untried: tuning.untried, ...tuningJson(tuning) });
