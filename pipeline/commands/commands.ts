import { accept } from "./accept.ts";
import { cache } from "./cache.ts";
import type { Command } from "./command.ts";
import { card } from "./results/card.ts";
import { compare } from "./compare.ts";
import { convert } from "./convert.ts";
import { crate } from "./results/crate.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { extract } from "./extract.ts";
import { features } from "./photographs/features.ts";
import { keys } from "./keys.ts";
import { match } from "./photographs/match.ts";
import { lock } from "./lock.ts";
import { pairs } from "./photographs/pairs.ts";
import { plan } from "./plan.ts";
import { reproduce } from "./reproduce.ts";
import { explain, status } from "./status.ts";
import { summary } from "./summary.ts";
import { tune } from "./tune.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  reproduce,
  plan,
  status,
  explain,
  keys,
  lock,
  card,
  crate,
  accept,
  cache,
  doctor,
  tune,
  convert,
  match,
  features,
  pairs,
  extract,
  evaluate,
  compare,
  summary,
];
