/** What an optimizer of PyTorch remembers of one tensor, zero at the start. */
export interface TorchState {
  firstMoment: Float64Array;
  secondMoment: Float64Array;
}

/** What one step needs to know besides the gradient. */
export interface TorchStep {
  /** 1, 2, … since the state was fresh */
  step: number;
  learningRate: number;
  momentum: number;
  weightDecay: number;
}

/**
 * PyTorch's Adam, in place: g ← g + wd·p; m ← mom·m + (1 − mom)·g; v ← 0.999·v + 0.001·g²;
 * p ← p − lr/(1 − momᵗ)·m/(√(v/(1 − 0.999ᵗ)) + 1e-8).
 */
export function torchAdamStep(
  parameter: Float64Array,
  gradient: Float64Array,
  { firstMoment, secondMoment }: TorchState,
  { step, learningRate, momentum, weightDecay }: TorchStep,
): void {
  for (let at = 0; at < parameter.length; at++) {
    const g = gradient[at] + weightDecay * parameter[at];
    firstMoment[at] = momentum * firstMoment[at] + (1 - momentum) * g;
    secondMoment[at] = 0.999 * secondMoment[at] + 0.001 * g * g;
    const root = Math.sqrt(secondMoment[at] / (1 - 0.999 ** step)) + 1e-8;
    parameter[at] -= learningRate / (1 - momentum ** step) * firstMoment[at] /
      root;
  }
}

/** PyTorch's SGD without dampening, in place: m ← mom·m + g + wd·p; p ← p − lr·m. */
export function sgdStep(
  parameter: Float64Array,
  gradient: Float64Array,
  { firstMoment }: TorchState,
  { learningRate, momentum, weightDecay }: TorchStep,
): void {
  for (let at = 0; at < parameter.length; at++) {
    const g = gradient[at] + weightDecay * parameter[at];
    firstMoment[at] = momentum * firstMoment[at] + g;
    parameter[at] -= learningRate * firstMoment[at];
  }
}
