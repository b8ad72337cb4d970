/** A command in a worker that does what its first argument says. */
import { serveCommand } from "../../../../pipeline/commands/command_thread.ts";
import { PipelineError } from "../../../../pipeline/errors.ts";
import { temporaryPath } from "../../../../pipeline/files/write_file.ts";

const never = new Promise<never>(() => {});

serveCommand(async ([action, value], { print, log, signal }) => {
  switch (action) {
    case "talk": {
      print("first");
      log.info("second");
      log.warn("third");
      const progress = log.progress("count", 2, "numbers");
      progress.update(1, { loss: 0.5 });
      print("fourth");
      progress.update(2);
      progress.finish();
      return Number(value);
    }
    case "refuse":
      throw new PipelineError({ attempt: "serve", found: "a test" });
    case "break":
      throw new TypeError("thrown");
    case "break in a timer":
      log.progress("wait", 0, "seconds").update(0);
      setTimeout(() => {
        throw new TypeError("thrown");
      });
      return await never;
    case "break unheard":
      Promise.reject(new TypeError("thrown"));
      return await never;
    case "wait": {
      const told = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => told.resolve());
      print("waiting");
      await told.promise;
      throw signal.reason;
    }
    case "fail as another's interrupt":
      throw new DOMException("interrupted", "AbortError");
    case "block":
      print("blocking");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve));
      return signal.aborted ? 5 : 6;
    case "permission":
      for (const name of ["read", "write", "net", "run"] as const) {
        print(`${name} ${(await Deno.permissions.query({ name })).state}`);
      }
      return 0;
    default:
      print(temporaryPath("file"));
      return 0;
  }
});
