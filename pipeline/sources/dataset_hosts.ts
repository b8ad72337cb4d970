import { findLocalSet, wantedSets } from "../../data/mod.ts";
import type { ArchiveName, Config } from "../config.ts";

/**
 * The hosts that a config may reach for its data, as `host:port`, sorted: those of the mirrors of every archive that is not on this
 * machine, and those that they may redirect to. None when everything is here or no mirror is named.
 */
export function datasetHosts(config: Config): string[] {
  const { download, mirrors } = config;
  const hosts = new Set<string>();
  if (download.source !== "phototour" || download.offline) return [];
  const sets = wantedSets({
    trainingSet: download.training_set,
    testSets: download.test_sets,
  });
  for (const set of sets) {
    if (findLocalSet(download.source_dir, set) !== undefined) continue;
    for (const mirror of mirrors[set as ArchiveName]) {
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
