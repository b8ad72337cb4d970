/**
 * The update rules: fastai's Adam, which the authors call "adam", PyTorch's, and gradient descent with momentum.
 * @internal
 */
export const optimizerNames = ["adam", "torch_adam", "sgd"] as const;

/** Name of an update rule. */
export type OptimizerName = typeof optimizerNames[number];
