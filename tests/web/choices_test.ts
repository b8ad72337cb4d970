import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Side } from "../../web/messages.ts";
import { Choices } from "../../web/page/choices.ts";

const file = new Blob();

/** Choices with what was said of them, as names. */
function someChoices() {
  const said: string[] = [];
  const choices = new Choices(
    { name: "published", url: "network.safetensors" },
    (choices) => said.push(namesOf(choices)),
  );
  const put = (side: Side, name: string, isSound = false): number => {
    choices.putPhotograph(side, name, file);
    const { id } = choices.file(side)!;
    if (isSound) choices.confirm(id);
    return id;
  };
  return { choices, said, put };
}

/** `L Q published` */
function namesOf(choices: Choices): string {
  const names = (["left", "right"] as const)
    .map((side) => choices.file(side)?.name ?? "–");
  return [...names, choices.network.name].join(" ");
}

describe("Choices", () => {
  it("goes back to the photograph that was read, and keeps the other new one", () => {
    const { choices, put } = someChoices();
    put("left", "A", true);
    put("right", "B", true);
    put("left", "X");
    put("right", "Y");
    assert.equal(choices.takeBack("left"), true);
    assert.equal(namesOf(choices), "A Y published");
  });

  it("does not go back to one that was never read", () => {
    const { choices, put } = someChoices();
    put("left", "L", true);
    put("left", "bad1");
    put("left", "bad2");
    assert.equal(choices.takeBack("left"), true);
    assert.equal(namesOf(choices), "L – published");
    put("right", "bad3");
    assert.equal(choices.takeBack("right"), true);
    assert.deepEqual(choices.missing, ["right"]);
  });

  it("goes back to one that was read when another was chosen already", () => {
    const { choices, put } = someChoices();
    put("left", "L", true);
    const id = put("left", "M");
    put("left", "bad");
    choices.confirm(id);
    assert.equal(namesOf(choices), "bad – published");
    choices.takeBack("left");
    assert.equal(namesOf(choices), "M – published");
  });

  it("goes back to the network before, published or not", () => {
    const { choices } = someChoices();
    choices.putNetwork("bad", file);
    assert.equal(choices.hasPublishedNetwork, false);
    assert.equal(choices.takeBack("network"), true);
    assert.equal(namesOf(choices), "– – published");
    choices.putNetwork("own", file);
    choices.confirm(choices.network.id);
    choices.putPublishedNetwork();
    assert.equal(choices.hasPublishedNetwork, true);
    assert.equal(choices.takeBack("network"), true);
    assert.equal(namesOf(choices), "– – own");
  });

  it("says when nothing is there to go back to, so that nothing is done again", () => {
    const { choices, said, put } = someChoices();
    put("left", "L", true);
    const { length } = said;
    for (const fault of ["left", "network", "gpu", "page"] as const) {
      assert.equal(choices.takeBack(fault), false, fault);
    }
    assert.equal(namesOf(choices), "L – published");
    assert.equal(said.length, length);
  });

  it("knows photographs as long as they are chosen or may be again", () => {
    const { choices, put } = someChoices();
    const first = put("left", "L", true);
    const second = put("left", "M");
    assert.equal(choices.withId(first)?.name, "L");
    assert.equal(choices.withId(second)?.name, "M");
    choices.confirm(second);
    assert.equal(choices.withId(first), undefined);
  });

  it("tells every change", () => {
    const { choices, said, put } = someChoices();
    put("right", "Q");
    choices.takeBack("right");
    assert.deepEqual(said, [
      "– – published",
      "– Q published",
      "– – published",
    ]);
  });
});
