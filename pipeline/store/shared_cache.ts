/**
 * What the engine asks of a cache that several machines share.
 *
 * @module
 */
import type { ActionRecord, OutputFile } from "./action_record.ts";

/** The bytes of one stored file, by content. */
export type SharedObject = Pick<OutputFile, "digest" | "sizeBytes">;

/**
 * Results by stage key and files by content, on a server that is not relied upon: what it does not have or cannot deliver
 * is a miss, and a server that fails is told once and left alone. Only a cache that was asked to be strict throws.
 *
 * What it sends is checked to be whole and to be of the right shape, which finds all damage. Whether a record tells the
 * truth about how a result came about cannot be checked without computing it: whoever can write records to the server is
 * trusted with the results.
 */
export interface SharedCache {
  /** where it is, fit to be printed */
  readonly name: string;
  /** whether results are sent to it */
  readonly writable: boolean;
  /** The record of a stage key, checked to be about that key; undefined on a miss. */
  getAction(key: string): Promise<ActionRecord | undefined>;
  /** Makes a result known. Every object that the record names must have been sent before. */
  putAction(record: ActionRecord): Promise<void>;
  /**
   * Fills `temporaryFile` with an object's bytes, going on where an earlier transfer into it broke off.
   *
   * @returns true when the file holds the object's bytes; false when they cannot be had
   */
  fetchObject(object: SharedObject, temporaryFile: string): Promise<boolean>;
  /** Sends a file's bytes, unless the server has them. @returns whether the server has them now */
  putObject(object: SharedObject, file: string): Promise<boolean>;
}
