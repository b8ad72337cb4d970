import assert from "node:assert/strict";

/** Fails when two numbers, or two trees of them with the same keys, differ by more than the tolerance anywhere. */
export function assertClose(
  actual: unknown,
  expected: unknown,
  tolerance: number,
  path = "value",
): void {
  if (typeof expected === "number") {
    assert.equal(typeof actual, "number", `${path} is ${actual}`);
    const difference = Math.abs(actual as number - expected);
    assert.ok(
      difference <= tolerance,
      `${path}: ${actual}, expected ${expected} ± ${tolerance}`,
    );
    return;
  }
  assert.deepEqual(
    Object.keys(actual as object).sort(),
    Object.keys(expected as object).sort(),
    `keys of ${path}`,
  );
  for (const [key, value] of Object.entries(expected as object)) {
    assertClose(
      (actual as Record<string, unknown>)[key],
      value,
      tolerance,
      `${path}.${key}`,
    );
  }
}
