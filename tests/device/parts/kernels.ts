/** Every kernel of a training step against the adapter's ceilings. */
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { KernelTexts } from "../../../gpu/costs/kernel_texts.ts";
import { GpuError } from "../../../gpu/errors.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { measureCeilings } from "../../bench/ceilings.ts";
import { profileStep } from "../../bench/kernel_table.ts";
import { partOptions, report } from "../report.ts";
import { openTuned } from "../tuned_gpu.ts";

const { tiny } = partOptions();
/** Classes of a batch, the authors' first; smaller ones where its activations do not fit. */
const sizes = tiny ? [8] : [256, 2560];

for (const classes of sizes) {
  try {
    using gpu = await openTuned({ timestamps: true });
    const texts = new KernelTexts(gpu);
    const ceilings = await measureCeilings(gpu);
    report({ ceilings });
    const profile = await profileStep(
      gpu,
      texts,
      initialWeights(sdgmnet128, 211),
      classes,
      ceilings,
    );
    report({ [`classes${classes}`]: profile });
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    report({ [`classes${classes}`]: error.message });
  }
}
