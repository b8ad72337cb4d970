import type { Manifest, OnPartProgress } from "../../data/mod.ts";
import type { Config } from "../config.ts";
import type { Json } from "../files/json.ts";
import type { KnownFiles, StageContext } from "../stage.ts";

/** Where patches come from: what decides them, and how they are written. */
export interface Source {
  /** every config value that can change a byte, under its TOML key name */
  parameters(config: Config): Record<string, Json>;
  /**
   * Files outside the store whose content counts.
   *
   * @throws {DataError} telling what of them, and of the config beside them, cannot be used
   */
  externalFiles(config: Config, known?: KnownFiles): Promise<string[]>;
  /** Folders and files that decide what is read and are not among them: those that are searched, and mirrors on this machine. */
  watched(config: Config): string[];
  /**
   * Writes `training/patches.bin`, `test/<set>/{patches.bin,pairs.txt}`, `hpatches/<sequence>/*.png` and `tasks/` into the output
   * directory, and, where it has whole images, `pairs/{test,validation}/` as `readImagePairs` reads them.
   *
   * @param onProgress told how far each part of the work is; throws when the run is aborted
   * @returns what `manifest.json` shall say
   */
  write(context: StageContext, onProgress: OnPartProgress): Promise<Manifest>;
}
