/** The optimizer's memory of one tensor: m and v, zero at the start. */
export interface AdamState {
  firstMoment: Float64Array;
  secondMoment: Float64Array;
}

/** What one step needs to know besides the gradient. */
export interface AdamStep {
  /** 1, 2, … since the state was fresh */
  step: number;
  learningRate: number;
  /** β₁ of this step, which the schedule moves */
  momentum: number;
  /** decoupled weight decay; 0 for an exempt tensor */
  weightDecay: number;
}

/** A state with which to begin. */
export function freshAdamState(size: number): AdamState {
  return {
    firstMoment: new Float64Array(size),
    secondMoment: new Float64Array(size),
  };
}

/**
 * fastai v2's Adam with decoupled decay, in place:
 * p ← p·(1 − lr·wd); m ← mom·m + (1 − mom)·g; v ← 0.99·v + 0.01·g²;
 * p ← p − lr/(1 − momᵗ)·m/(√(v/(1 − 0.99ᵗ)) + 1e-5). The debiasing takes the current mom, not the product of past ones.
 */
export function adamStep(
  parameter: Float64Array,
  gradient: Float64Array,
  state: AdamState,
  { step, learningRate, momentum, weightDecay }: AdamStep,
): void {
  const firstDebias = 1 - momentum ** step;
  const secondDebias = 1 - 0.99 ** step;
  for (let at = 0; at < parameter.length; at++) {
    const g = gradient[at];
    const m = momentum * state.firstMoment[at] + (1 - momentum) * g;
    const v = 0.99 * state.secondMoment[at] + 0.01 * g * g;
    state.firstMoment[at] = m;
    state.secondMoment[at] = v;
    parameter[at] = parameter[at] * (1 - learningRate * weightDecay) -
      learningRate / firstDebias * m / (Math.sqrt(v / secondDebias) + 1e-5);
  }
}

/** Whether weight decay passes a parameter by: the conv biases and the FRN offsets, all named `….bias`. */
export function isExemptFromDecay(name: string): boolean {
  return name.endsWith("bias");
}
