import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { TextLineStream } from "./text_lines.ts";

describe("lines of a stream of text", () => {
  it("are the same wherever the text is cut", async () => {
    const text = "one\ntwo\n\nthe last";
    for (let cut = 0; cut <= text.length; cut++) {
      const chunks = [text.slice(0, cut), text.slice(cut)];
      const lines = await Array.fromAsync(
        ReadableStream.from(chunks).pipeThrough(new TextLineStream()),
      );
      assert.deepEqual(lines, ["one", "two", "", "the last"]);
    }
  });

  it("end with the last newline", async () => {
    const lines = await Array.fromAsync(
      ReadableStream.from(["a\n"]).pipeThrough(new TextLineStream()),
    );
    assert.deepEqual(lines, ["a"]);
  });
});
