import assert from "node:assert/strict";
import type { Gpu } from "../../../gpu/device.ts";
import type { parameterTable } from "../../../gpu/nn/parameter_table.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import type { adamStep } from "../../../gpu/ops/optimizers/adam.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Arena } from "../../../gpu/tensor.ts";
import type {
  flatCosine,
  oneCycle,
} from "../../../pipeline/training/schedule.ts";
import { goldenUniform } from "./golden_hash.ts";
import { type GoldenFigures, goldenState } from "./network_golden.ts";

/** The optimizer's parts under test, or mutated copies of them. */
export interface OptimizerParts {
  adamStep: typeof adamStep;
  oneCycle: typeof oneCycle;
  flatCosine: typeof flatCosine;
}

/** What parts parameters by weight decay, or a mutated copy of it. */
export interface DecayTable {
  parameterTable: typeof parameterTable;
}

/** Ten steps of the rule under both schedules, all tensors in one flat buffer with the exempt ones last. */
export async function compareOptimizer(
  golden: GoldenFigures,
  parts: OptimizerParts,
  gpu: Gpu,
): Promise<void> {
  const { steps, decay, ...maxima } = golden.optionsOf<
    { steps: number; decay: number; oneCycle: number; flatCosine: number }
  >("rule");
  const shapes = golden.optionsOf<Record<string, number[]>>("shapes");
  const names = Object.keys(shapes);
  const isExempt = (name: string) => name.endsWith("bias");
  const ordered = [
    ...names.filter((name) => !isExempt(name)),
    ...names.filter(isExempt),
  ];
  const sizes = ordered.map((name) => shapes[name].reduce((a, b) => a * b));
  const offsets = sizes.map((_, at) =>
    sizes.slice(0, at).reduce((a, b) => a + b, 0)
  );
  const firstExempt = offsets[ordered.findIndex(isExempt)];
  const count = sizes.reduce((a, b) => a + b);
  const flat = (valuesOf: (name: string, size: number) => Iterable<number>) =>
    Float32Array.from(
      ordered.flatMap((name, at) => [...valuesOf(name, sizes[at])]),
    );
  for (const title of ["oneCycle", "flatCosine"] as const) {
    using arena = new Arena(gpu);
    using recorder = new Recorder(gpu);
    const start = flat((name, size) =>
      goldenUniform(name, size).map((u) => 2 * u - 1)
    );
    const tensors = {
      values: arena.tensorOf("values", [count], start),
      gradients: arena.tensor("gradients", [count]),
      firstMoments: arena.tensor("first moments", [count]),
      secondMoments: arena.tensor("second moments", [count]),
    };
    for (let step = 0; step < steps; step++) {
      const { learningRate, momentum } = parts[title](
        step,
        steps,
        maxima[title],
      );
      tensors.gradients.write(flat((name, size) => {
        const scale = 10 ** (-2 * names.indexOf(name));
        return goldenUniform(`gradient.${step}.${name}`, size)
          .map((u) => (2 * u - 1) * scale);
      }));
      parts.adamStep(recorder, tensors, {
        learningRate,
        momentum,
        weightDecay: decay,
        step: step + 1,
        decayedCount: firstExempt,
      });
      recorder.submit();
      const values = await tensors.values.readFloats();
      ordered.forEach((name, at) => {
        const own = values.subarray(offsets[at], offsets[at] + sizes[at]);
        golden.compare(`${title}.${step + 1}.${name}`, own, { entry: 1e-6 });
      });
    }
  }
}

/**
 * Fails unless both schedules have PyTorch's rates at every step of a short and of a longer run, and those of the
 * authors' runs at single steps, to the digits that were read off.
 */
export function compareSchedules(
  golden: GoldenFigures,
  schedules: Pick<OptimizerParts, "oneCycle" | "flatCosine">,
): void {
  const maxima = golden.optionsOf<{ oneCycle: number; flatCosine: number }>(
    "rule",
  );
  for (const title of ["oneCycle", "flatCosine"] as const) {
    for (const run of ["rates", "longRates"]) {
      const rates = golden.exact(`${title}.${run}`);
      const steps = rates.shape[0];
      for (let step = 0; step < steps; step++) {
        const found = schedules[title](step, steps, maxima[title]);
        const wanted = rates.data.subarray(2 * step, 2 * step + 2);
        for (const [at, key] of ["learningRate", "momentum"].entries()) {
          const value = found[key as keyof typeof found];
          assert.ok(
            Math.abs(value - wanted[at]) <= 1e-15,
            `${title}: ${key} of step ${step} of ${steps} is ${value}, PyTorch has ${
              wanted[at]
            }`,
          );
        }
      }
    }
  }
  compareAuthorsRates(schedules);
}

function compareAuthorsRates(
  { oneCycle, flatCosine }: Pick<OptimizerParts, "oneCycle" | "flatCosine">,
): void {
  const stage1 = 25 * 1582;
  for (
    const [step, rate, momentum] of [
      [0, "1.32e-4", "0.95000000"],
      [5000, "1.74430857e-3", "0.89910642"],
      [9888, "3.3e-3", "0.85000000"],
      [20000, "2.44072585e-3", "0.87603887"],
      [39549, "3.300925e-8", "0.95000000"],
    ] as const
  ) {
    const found = oneCycle(step, stage1, 0.0033);
    assertDigits(`learning rate of step ${step}`, found.learningRate, rate);
    assert.equal(found.momentum.toFixed(8), momentum, `momentum of ${step}`);
  }
  for (
    const [step, rate] of [
      [839, "1.5e-6"],
      [1100, "8.3398e-7"],
      [1399, "2.68e-11"],
    ] as const
  ) {
    const found = flatCosine(step, 1400, 1.5e-6);
    assertDigits(`learning rate of step ${step}`, found.learningRate, rate);
    assert.equal(found.momentum, 0.9);
  }
}

/** Fails unless exactly the six conv biases and the seven FRN β are exempt from weight decay. */
export function compareDecayExemption(
  { parameterTable }: DecayTable,
): void {
  const { entries, decayedSize, flatSize } = parameterTable(sdgmnet128);
  const exempt: string[] = [];
  let covered = 0;
  for (const { name, offset, size } of entries.values()) {
    if (offset >= decayedSize) exempt.push(name);
    else assert.ok(offset + size <= decayedSize, `${name} is parted by decay`);
    covered = Math.max(covered, offset + size);
  }
  assert.ok(covered <= flatSize);
  const parameters = [...goldenState().keys()].filter((name) =>
    !/eps$|running/.test(name)
  );
  assert.deepEqual([...entries.keys()].sort(), parameters.sort());
  const biases = parameters.filter((name) => name.endsWith(".bias"));
  assert.deepEqual(exempt.sort(), biases.sort());
  assert.equal(biases.length, 6 + 7);
}

/** Fails unless the number, rounded to as many digits as the wanted one is written with, is the wanted one. */
function assertDigits(what: string, found: number, wanted: string): void {
  const digits = wanted.split("e")[0].replace(".", "").length;
  assert.equal(
    Number(found.toPrecision(digits)),
    Number(wanted),
    `${what} is ${found}, not ${wanted}`,
  );
}
