/** What a key does on the photographs. */
export type KeyAction =
  | { kind: "zoom"; factor: number }
  /** shows all */
  | { kind: "fit" }
  /** pixels of the screen */
  | { kind: "pan"; dx: number; dy: number }
  /** the next match, or the one before */
  | { kind: "step"; by: 1 | -1 }
  /** lets go of the match */
  | { kind: "release" };

/** A pressed key, and what is held down with it. */
export interface PressedKey {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

const panStepPixels = 40;
const zoomStep = 1.3;

const pan = (dx: number, dy: number): KeyAction => ({
  kind: "pan",
  dx: dx * panStepPixels,
  dy: dy * panStepPixels,
});

const actions: ReadonlyMap<string, KeyAction> = new Map([
  ["+", { kind: "zoom", factor: zoomStep }],
  ["=", { kind: "zoom", factor: zoomStep }],
  ["-", { kind: "zoom", factor: 1 / zoomStep }],
  ["0", { kind: "fit" }],
  ["ArrowLeft", { kind: "step", by: -1 }],
  ["ArrowRight", { kind: "step", by: 1 }],
  ["ArrowUp", pan(0, 1)],
  ["ArrowDown", pan(0, -1)],
  ["Escape", { kind: "release" }],
]);

/** What Shift makes of some of them. */
const shiftedActions: ReadonlyMap<string, KeyAction> = new Map([
  ["ArrowLeft", pan(1, 0)],
  ["ArrowRight", pan(-1, 0)],
]);

/**
 * What a key does: + − 0, arrows with and without Shift, and Escape. Nothing for any other, which is the browser's.
 *
 * @param isEnlarged whether there is more than what is seen
 */
export function keyAction(
  { key, shiftKey, ctrlKey, altKey, metaKey }: PressedKey,
  isEnlarged: boolean,
): KeyAction | undefined {
  // With Alt, arrows go through the browser's history.
  if (ctrlKey || altKey || metaKey) return undefined;
  // Up and down scroll the page unless there is something to move.
  const isVertical = key === "ArrowUp" || key === "ArrowDown";
  if (isVertical && !isEnlarged) return undefined;
  return (shiftKey ? shiftedActions.get(key) : undefined) ?? actions.get(key);
}
