/** Why no bundle could be made; carries the parts of its one line. */
export class BundleError extends Error {
  override readonly name = "BundleError";
  readonly attempt: string;
  readonly found: string;
  readonly wanted: string;
  readonly remedy: string;

  constructor(
    { attempt, found, wanted, remedy }: {
      attempt: string;
      found: string;
      wanted: string;
      remedy: string;
    },
    options?: ErrorOptions,
  ) {
    super(
      `Cannot ${attempt}: found ${found}, wanted ${wanted}; ${remedy}`,
      options,
    );
    this.attempt = attempt;
    this.found = found;
    this.wanted = wanted;
    this.remedy = remedy;
  }
}

/**
 * Runs another program to its end.
 *
 * @returns what it wrote to stdout
 * @throws {BundleError} when it is not on the machine or fails
 */
export async function runProgram(
  attempt: string,
  program: string,
  args: string[],
  cwd?: string,
): Promise<string> {
  const decoder = new TextDecoder();
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, {
      args,
      ...(cwd === undefined ? {} : { cwd }),
      stdin: "null",
    }).output();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new BundleError({
      attempt,
      found: `no program ${program}`,
      wanted: "it on the PATH",
      remedy: `install ${program}`,
    }, { cause });
  }
  if (!output.success) {
    const lines = decoder.decode(output.stderr).trim().split("\n");
    throw new BundleError({
      attempt,
      found: `${program} ended with ${output.code}: ${lines[lines.length - 1]}`,
      wanted: "0",
      remedy: `see what it says: ${program} ${args.join(" ")}`,
    });
  }
  return decoder.decode(output.stdout);
}
