import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { prettyJson } from "../../../pipeline/files/pretty_json.ts";

describe("prettyJson", () => {
  it("keeps plain lists on one line and indents the rest", () => {
    const value = {
      numbers: [1, null, 2.5],
      nested: [{ a: "x" }, []],
      empty: {},
      absent: undefined,
    };
    assert.equal(
      prettyJson(value),
      `{
  "numbers": [1,null,2.5],
  "nested": [
    {
      "a": "x"
    },
    []
  ],
  "empty": {}
}
`,
    );
    assert.deepEqual(
      JSON.parse(prettyJson(value)),
      JSON.parse(JSON.stringify(value)),
    );
  });
});
