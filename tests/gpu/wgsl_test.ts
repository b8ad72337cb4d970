import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { expandShader } from "../../gpu/wgsl.ts";

/** The text's words without line breaks and indentation. */
const words = (text: string) => text.replace(/\s+/g, " ").trim();

function refuses(act: () => void, message: string) {
  assert.throws(act, { name: "GpuError", message });
}

describe("expandShader's constants", () => {
  it("become module-level constants in their order", () => {
    assert.equal(
      expandShader("body", { N: 3, EPSILON: { f32: 0.5 }, ONE: { f32: 1 } }),
      "const N: u32 = 3u;\nconst EPSILON: f32 = f32(0.5);\n" +
        "const ONE: f32 = 1.0;\nbody",
    );
  });

  it("hold a float exactly as binary32 has it", () => {
    const text = expandShader("", { E: { f32: 1e-6 } });
    const literal = /f32\((.*)\)/.exec(text)![1];
    assert.equal(Number(literal), Math.fround(1e-6));
  });

  it("must be non-negative integers unless said to be floats", () => {
    for (const value of [-1, 0.5, NaN]) {
      refuses(
        () => expandShader("", { N: value }),
        `Cannot expand a shader: N: found ${value}, wanted a non-negative integer, or { f32: value }`,
      );
    }
  });
});

describe("expandShader's includes", () => {
  it("stand for the text of their name", () => {
    const text = expandShader('a\n  #include "x"\nb', {}, { x: "fn x() {}" });
    assert.equal(text, "a\nfn x() {}\nb");
  });

  it("must be there", () => {
    refuses(
      () => expandShader('#include "z"', {}, { x: "", y: "" }),
      'Cannot expand a shader: #include "z": found no such text, wanted x, y',
    );
    refuses(
      () => expandShader('#include "z"'),
      'Cannot expand a shader: #include "z": found no such text, wanted no include',
    );
  });

  it("may enable a feature, which goes to the top", () => {
    const text = expandShader('a\n#include "x"\nb', { N: 1 }, {
      x: "enable f16;\nfn x() {}",
    });
    assert.equal(text, "enable f16;\nconst N: u32 = 1u;\na\nfn x() {}\nb");
  });

  it("are unrolled as the rest is", () => {
    const loop = "// @unroll\nfor (var i = 0u; i < N; i++) { f(i); }";
    const text = expandShader('#include "x"', { N: 1 }, { x: loop });
    assert.equal(
      words(text),
      "const N: u32 = 1u; { const i = 0u; f(i); }",
    );
  });
});

describe("unrolled loops", () => {
  it("are their bodies, each in a block of its own", () => {
    const text = expandShader(
      "before\n// @unroll\nfor (var i = 1u; i < 3; i++) {\n  if (i > 0u) { f(i); }\n}\nafter",
    );
    assert.equal(
      words(text),
      "before { const i = 1u; if (i > 0u) { f(i); } } " +
        "{ const i = 2u; if (i > 0u) { f(i); } } after",
    );
  });

  it("nest, with bounds that use the outer variable", () => {
    const text = expandShader(
      "// @unroll\nfor (var i = 0; i < 3; i++) {\n// @unroll\nfor (var j: u32 = i; j < 2; j++) { f(i, j); }\n}",
    );
    const calls = [...text.matchAll(/const i = (\d)u|const j = (\d)u/g)]
      .map(([, i, j]) => i === undefined ? `j${j}` : `i${i}`);
    assert.deepEqual(calls, ["i0", "j0", "j1", "i1", "j1", "i2"]);
  });

  it("take integer expressions of constants", () => {
    const count = (end: string) =>
      expandShader(`// @unroll\nfor (var i = 0u; i < ${end}; i++) {}`, {
        A: 7,
        B: 2,
      }).split("const i").length - 1;
    assert.equal(count("A / B"), 3);
    assert.equal(count("A % B + 2 * (A - 5u)"), 5);
    assert.equal(count("A - B - 1"), 4);
    assert.equal(count("B - A"), 0);
  });

  it("leave unmarked loops and comments alone", () => {
    const text = "for (var i = 0u; i < N; i++) {}\n// unrolled elsewhere";
    assert.equal(expandShader(text), text);
  });

  it("refuse what they cannot evaluate", () => {
    const loop = (end: string) =>
      `// @unroll\nfor (var i = 0u; i < ${end}; i++) {}`;
    const wanted = "wanted an integer expression of shader constants";
    for (
      const [end, found] of [
        ["N", "N"],
        ["(2", "no closing parenthesis"],
        ["2 +", "an incomplete expression"],
        ["1 << 2", "2"],
      ]
    ) {
      refuses(
        () => expandShader(loop(end)),
        `Cannot unroll a loop: ${end}: found ${found}, ${wanted}`,
      );
    }
  });

  it("refuse another form of loop and an unclosed brace", () => {
    assert.throws(
      () => expandShader("// @unroll\nfor (var i = 9u; i > 0u; i--) {}"),
      /found another form, wanted for \(var i = A; i < B; i\+\+\) \{$/,
    );
    refuses(
      () => expandShader("// @unroll\nfor (var i = 0u; i < 2; i++) { f();"),
      "Cannot unroll a loop: found an unclosed brace, wanted }",
    );
  });
});
