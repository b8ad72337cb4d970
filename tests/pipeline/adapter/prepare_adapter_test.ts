import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/mod.ts";
import {
  tunedKernels,
  unusualTiles,
} from "../../../gpu/tuning/tuned_kernels.ts";
import { driverFacts } from "../../../pipeline/adapter/driver_facts.ts";
import {
  readTiles,
  tileFacts,
  writeTiles,
} from "../../../pipeline/adapter/tile_file.ts";
import {
  measureTiles,
  prepareGpu,
} from "../../../pipeline/adapter/prepare_adapter.ts";
import { recordedLog } from "../../helpers/pipeline/recorded_log.ts";

const name = "dense 8192→128 at 1×1";
const kernels = tunedKernels.filter((tuned) => tuned.name === name);

let tilesDirectory: string;

beforeEach(() => {
  tilesDirectory = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(tilesDirectory, { recursive: true }));

async function open() {
  const log = recordedLog();
  const { signal } = new AbortController();
  const gpu = await openGpu();
  const facts = await prepareGpu(gpu, { tilesDirectory, log, signal });
  return { gpu, facts, log };
}

describe("prepareGpu", () => {
  it("measures nothing on the software adapter and takes its standard tiles", async () => {
    const { gpu, facts, log } = await open();
    using _open = gpu;
    if (gpu.adapter.deviceClass !== "software") return;
    using other = await openGpu();
    assert.deepEqual(gpu.tiles, other.tiles);
    assert.deepEqual([log.lines, log.warnings], [[], []]);
    assert.deepEqual([...Deno.readDirSync(tilesDirectory)], []);
    const drivers = driverFacts();
    assert.ok(drivers.length > 0);
    const tiles = unusualTiles(gpu);
    const own = Object.keys(tiles).length > 0 ? { tiles } : {};
    assert.deepEqual(facts, { ...gpu.adapter, drivers, ...own });
  });

  it("takes the tiles that are kept for the adapter", async () => {
    const { adapter } = (await open()).gpu;
    if (adapter.deviceClass !== "software") return;
    const choice = new Map([[name, { size: [4, 4], group: 8 } as const]]);
    await writeTiles(tilesDirectory, tileFacts(adapter), choice);
    const { gpu, facts } = await open();
    using _open = gpu;
    assert.deepEqual(gpu.tiles.chosen, choice);
    assert.deepEqual(facts, {
      ...adapter,
      drivers: driverFacts(),
      tiles: { [name]: "4×4 by 8" },
    });
  });
});

describe("measureTiles", () => {
  it("keeps what it measures beside what is kept already", async () => {
    const { adapter } = (await open()).gpu;
    const facts = tileFacts(adapter);
    const first = await measureTiles(tilesDirectory, { kernels });
    assert.deepEqual([...first.choice.keys()], [name]);
    assert.deepEqual(readTiles(tilesDirectory, facts), first.choice);
    const others = tunedKernels.filter(({ kernel }) =>
      kernel === "dense_input_gradient"
    );
    const second = await measureTiles(tilesDirectory, { kernels: others });
    assert.equal(second.path, first.path);
    assert.deepEqual([...second.choice.keys()], [name, others[0].name]);
    assert.deepEqual(second.choice.get(name), first.choice.get(name));
    assert.deepEqual(readTiles(tilesDirectory, facts), second.choice);
  });
});
