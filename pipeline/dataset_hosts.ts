import { findLocalSet } from "../data/mod.ts";
import type { ArchiveName, Config } from "./config.ts";

/** The published archives that a config needs, each once: its PhotoTour sets, HPatches and the task files. */
export function wantedArchives({ download }: Config): ArchiveName[] {
  if (download.source !== "phototour") return [];
  return [
    ...new Set([
      download.training_set,
      ...download.test_sets,
      "hpatches",
      "tasks",
    ]),
  ] as ArchiveName[];
}

/**
 * The hosts that a config may reach for its data, as `host:port`, sorted: those of the mirrors of every archive that is not on this
 * machine, and those that they may redirect to. None when everything is here or no mirror is named.
 */
export function datasetHosts(config: Config): string[] {
  const { download, mirrors } = config;
  const hosts = new Set<string>();
  for (const name of wantedArchives(config)) {
    if (findLocalSet(download.source_dir, name) !== undefined) continue;
    for (const mirror of mirrors[name]) {
      const { protocol, hostname, port } = new URL(mirror);
      if (protocol === "file:") continue;
      const usual = protocol === "https:" ? "443" : "80";
      hosts.add(`${hostname}:${port === "" ? usual : port}`);
    }
  }
  if (hosts.size > 0) {
    for (const host of mirrors.redirects) {
      hosts.add(/:\d+$/.test(host) ? host : `${host}:443`);
    }
  }
  return [...hosts].sort();
}
