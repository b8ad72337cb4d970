import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createLog, silentLog } from "../../pipeline/log.ts";

/** A log into memory with a clock that is set by hand, and whose timers go off when they are told to. */
function recordingLog(options: { quiet?: boolean; isTerminal?: boolean } = {}) {
  const clock = { nowMs: 0 };
  const timers = new Set<() => void>();
  let written = "";
  const log = createLog({
    quiet: options.quiet ?? false,
    isTerminal: options.isTerminal ?? false,
    write: (text) => written += text,
    columns: () => 80,
    nowMs: () => clock.nowMs,
    every(intervalMs, callback) {
      assert.equal(intervalMs, 1_000);
      timers.add(callback);
      return () => timers.delete(callback);
    },
  });
  const waitASecond = () => {
    clock.nowMs += 1_000;
    for (const callback of timers) callback();
  };
  return { log, clock, waitASecond, timers, written: () => written };
}

/** What a terminal shows after `text`: `\r` and "erase to the end of the line" obeyed. */
function screen(text: string): string[] {
  const lines = [""];
  // deno-lint-ignore no-control-regex
  for (const part of text.split(/(\n|\r\x1b\[K)/)) {
    if (part === "\n") lines.push("");
    else if (part === "\r\x1b[K") lines[lines.length - 1] = "";
    else lines[lines.length - 1] += part;
  }
  return lines;
}

describe("a log that is not a terminal", () => {
  it("writes plain lines", () => {
    const { log, written } = recordingLog();
    log.info("hello");
    log.warn("careful");
    assert.equal(written(), "hello\nwarning: careful\n");
  });

  it("writes progress as a line every ten seconds and one at the end", () => {
    const { log, clock, timers, written } = recordingLog();
    const progress = log.progress("stage1", 300, "steps");
    for (let done = 0; done <= 300; done++) {
      clock.nowMs = done * 100;
      progress.update(done, { loss: 3 - done / 1000 });
    }
    assert.equal(timers.size, 0);
    progress.finish();
    progress.update(1);
    progress.finish();
    assert.deepEqual(written().split("\n"), [
      "stage1: 100/300 steps, 10 steps/s, loss 2.9, ETA 0:20",
      "stage1: 200/300 steps, 10 steps/s, loss 2.8, ETA 0:10",
      "stage1: 300/300 steps, 10 steps/s, loss 2.7",
      "stage1: 300 steps in 0:30, loss 2.7",
      "",
    ]);
  });

  it("never writes control characters", () => {
    const { log, clock, written } = recordingLog();
    const progress = log.progress("x", 10, "steps");
    for (let done = 0; done <= 10; done++) {
      clock.nowMs = done * 20_000;
      progress.update(done);
    }
    progress.finish();
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(written(), /[\x00-\x09\x0b-\x1f]/);
  });
});

describe("a log on a terminal", () => {
  it("redraws one bar in place and leaves a summary", () => {
    const { log, clock, written } = recordingLog({ isTerminal: true });
    const progress = log.progress("stage1", 100, "steps");
    progress.update(0);
    clock.nowMs = 1_000;
    progress.update(10);
    clock.nowMs = 5_000;
    progress.update(50, { loss: 3.25 });
    assert.deepEqual(screen(written()), [
      "stage1 [########........]  50%  50/100 steps  10 steps/s  loss 3.25  ETA 0:05",
    ]);
    clock.nowMs = 10_000;
    progress.update(100);
    progress.finish();
    assert.deepEqual(screen(written()), ["stage1: 100 steps in 0:10", ""]);
  });

  it("writes lines above the bar", () => {
    const { log, written } = recordingLog({ isTerminal: true });
    const progress = log.progress("stage1", 2, "steps");
    progress.update(1);
    log.info("saved");
    const [line, bar] = screen(written());
    assert.equal(line, "saved");
    assert.match(bar, /^stage1 \[#+\.+\] {2}50% {2}1\/2 steps$/);
  });

  it("redraws at most ten times a second", () => {
    const { log, clock, written } = recordingLog({ isTerminal: true });
    const progress = log.progress("x", 1000, "steps");
    for (let done = 0; done < 1000; done++) {
      clock.nowMs = done;
      progress.update(done);
    }
    assert.equal(written().split("\r").length - 1, 10);
  });

  it("counts on while nothing is told of the activity, until it ends", () => {
    const { log, waitASecond, timers, written } = recordingLog({
      isTerminal: true,
    });
    const shown = () => screen(written()).at(-1)!.split("%  ")[1];
    const progress = log.progress("stage1", 100, "steps");
    progress.update(0);
    waitASecond();
    waitASecond();
    assert.equal(shown(), "0/100 steps  0:02");
    progress.update(1, { loss: 4 });
    assert.equal(shown(), "1/100 steps  loss 4  0:02");
    waitASecond();
    waitASecond();
    progress.update(2, { loss: 3 });
    assert.equal(shown(), "2/100 steps  0.5 steps/s  loss 3  ETA 3:16");
    waitASecond();
    assert.equal(shown(), "2/100 steps  0.5 steps/s  loss 3  ETA 3:15");
    for (let second = 0; second < 300; second++) waitASecond();
    assert.equal(shown(), "2/100 steps  0.5 steps/s  loss 3  ETA 0:00");
    progress.finish();
    const ended = written();
    waitASecond();
    assert.equal(written(), ended);
    assert.equal(timers.size, 0);
  });

  it("counts on for the activity that was heard of last", () => {
    const { log, clock, waitASecond, written } = recordingLog({
      isTerminal: true,
    });
    const shown = () => screen(written()).at(-1)!.split(" ")[0];
    const [first, second] = ["first", "second"].map((label) =>
      log.progress(label, 2, "files")
    );
    first.update(1);
    second.update(1);
    waitASecond();
    assert.equal(shown(), "second");
    clock.nowMs += 100;
    first.update(1);
    waitASecond();
    assert.equal(shown(), "first");
    first.finish();
    waitASecond();
    assert.equal(shown(), "second");
    second.finish();
  });
});

describe("a short activity", () => {
  it("leaves no line behind", () => {
    for (const isTerminal of [true, false]) {
      const { log, clock, written } = recordingLog({ isTerminal });
      const progress = log.progress("read", 2, "files");
      progress.update(1);
      clock.nowMs = 999;
      progress.update(2);
      progress.finish();
      log.info("next");
      assert.deepEqual(screen(written()), ["next", ""]);
    }
  });
});

describe("a quiet log", () => {
  it("writes warnings only", () => {
    const { log, written } = recordingLog({ quiet: true });
    log.info("hello");
    log.progress("x", 1, "steps").finish();
    log.warn("careful");
    assert.equal(written(), "warning: careful\n");
  });
});

describe("the silent log", () => {
  it("takes everything", () => {
    silentLog.info("x");
    silentLog.warn("x");
    const progress = silentLog.progress("x", 1, "steps");
    progress.update(1);
    progress.finish();
  });
});
