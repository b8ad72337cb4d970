import type { Config } from "../config.ts";
import { sourceCosts } from "./source_costs.ts";

/** The hosts that a config may reach for its data, as `host:port`, sorted. None when everything is here or no mirror is named. */
export function datasetHosts(config: Config): string[] {
  return sourceCosts[config.download.source].hosts(config);
}
