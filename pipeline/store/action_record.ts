/**
 * What the store remembers of one computation.
 *
 * @module
 */
import type { SourceCommit } from "../code/source_commit.ts";
import type { Json } from "../files/json.ts";

/** Version of everything that a stage key is made of; increase it when the meaning of a key changes. */
export const keySchemaVersion = 1;

/** Everything a stage key depends on. Type aliases, not interfaces, so that they are {@linkcode Json}. */
export type StageFacts = {
  schema: number;
  stage: string;
  parameters: { [name: string]: Json };
  /** stage → selected output path → sha-256 of its bytes */
  inputs: { [stage: string]: { [path: string]: string } };
  /** in the stage's order: path as the stage named it, sha-256 of its bytes */
  external: { path: string; digest: string }[];
  /** file → sha-256 of its counted text */
  code: { [file: string]: string };
  /** package → versions */
  packages: { [name: string]: string };
};

/** One output file. */
export type OutputFile = {
  /** relative to the stage's output directory, `/`-separated */
  path: string;
  /** sha-256 of its bytes */
  digest: string;
  sizeBytes: number;
};

/** Where and how a result came about; shown, never part of a key. */
export type Provenance = {
  /** name of the config that computed it */
  config: string;
  /** why it ran, as `explain` prints it */
  reasons: string[];
  /** ISO 8601, UTC */
  startedAt: string;
  wallTimeSeconds: number;
  host: string;
  deno: string;
  /** digest of code files and package versions */
  codeDigest: string;
  /** the commit that the program was at; null outside a repository, absent in records of earlier versions */
  source?: SourceCommit | null;
  /** what a stage's device was: adapter, drivers, tiles that are not usual; null when it prepared none */
  adapter: { [name: string]: Json } | null;
  /** how the stage spent its time, as far as it recorded that */
  timing?: { [name: string]: Json };
  /** how the result came to stand under this key, when it was not computed under it: each time somebody accepted it */
  accepted?: Acceptance[];
};

/** A result that was bound to changed code on purpose. */
export type Acceptance = {
  /** the key that it stood under before */
  from: string;
  /** ISO 8601, UTC */
  at: string;
  host: string;
  /** the commit of the code that it was bound to */
  source: SourceCommit | null;
  /** what had changed, as `explain` prints it */
  reasons: string[];
};

/** A stage key's result. */
export type ActionRecord = {
  key: string;
  facts: StageFacts;
  outputs: OutputFile[];
  provenance: Provenance;
};
