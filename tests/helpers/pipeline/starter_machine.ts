import { dirname, join } from "@std/path";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../command_line.ts";

/** Programs of the system that the script may use. */
const systemPrograms = ["cp", "env", "id", "mkdir", "readlink", "sh", "uname"];

/** A copy of the script in a folder of its own, on a machine that has only the given programs. */
export class Machine {
  readonly project: string;
  readonly #folder: string;
  readonly #programs: string;

  /** @param folder an empty folder that stands for the whole machine */
  constructor(folder: string) {
    this.#folder = folder;
    this.project = join(folder, "the project");
    this.#programs = join(folder, "programs");
    Deno.mkdirSync(this.project);
    Deno.mkdirSync(this.#programs);
    for (const name of systemPrograms) {
      const path = ["/bin", "/usr/bin"].map((bin) => `${bin}/${name}`).find(
        exists,
      );
      if (path) Deno.symlinkSync(path, join(this.#programs, name));
    }
    // Every place where the script looks for a driver lies below the test's folder.
    const script = Deno.readTextFileSync(join(projectDirectory, "run"))
      .replaceAll(/(?<=\s)\/(?=(usr|etc|lib)\b)/g, `"${folder}"/`);
    writeProgram(join(this.project, "run"), script);
    for (
      const name of [
        "deno/package.json",
        "deno/package-lock.json",
        "nvidia_icd.json",
      ]
    ) {
      const path = join("packaging", name);
      Deno.mkdirSync(dirname(join(this.project, path)), { recursive: true });
      Deno.copyFileSync(
        join(projectDirectory, path),
        join(this.project, path),
      );
    }
  }

  /** Adds a program that is a shell script. */
  add(name: string, lines: string): void {
    const path = join(this.#programs, name);
    if (exists(path)) Deno.removeSync(path);
    writeProgram(path, `#!/bin/sh\n${lines}\n`);
  }

  /** A Deno that says which version it is and what it was asked to do. */
  addDeno(version: string, path = join(this.#programs, "deno")): void {
    writeProgram(
      path,
      `#!/bin/sh\nif [ "$1" = --version ]; then echo "deno ${version} (stable)"; exit; fi\n` +
        `printf '<%s>' "$@"\n`,
    );
  }

  addVulkan(): void {
    this.addFile("usr/lib/x/libvulkan.so.1");
    this.addFile("usr/share/vulkan/icd.d/a.json");
  }

  /** @param path below the folder that stands for the machine */
  addFile(path: string): void {
    const whole = join(this.#folder, path);
    Deno.mkdirSync(dirname(whole), { recursive: true });
    Deno.writeTextFileSync(whole, "");
  }

  remove(path: string): void {
    Deno.removeSync(join(this.#folder, path), { recursive: true });
  }

  run(args: string[], env: Record<string, string> = {}): Promise<Finished> {
    return runProcess(join(this.project, "run"), args, {
      cwd: this.#folder,
      clearEnv: true,
      env: { PATH: this.#programs, XDG_RUNTIME_DIR: this.#folder, ...env },
    });
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function writeProgram(path: string, text: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeTextFileSync(path, text);
  Deno.chmodSync(path, 0o755);
}
