import {
  type RemoteCacheOptions,
  remoteCacheOptions,
} from "../remote/cache_options.ts";
import type { Call, Flag } from "./command.ts";

/** The flags of a command that uses a shared cache. */
export const remoteFlags: readonly Flag[] = [
  {
    name: "remote",
    value: "URL",
    summary:
      "look for results in this shared cache; default: the variable SELF_TNET_REMOTE",
  },
  { name: "remote-write", summary: "give it results, too" },
  {
    name: "remote-trust",
    value: "KEY",
    many: true,
    summary: "believe only records that this public key has signed",
  },
  {
    name: "remote-strict",
    summary: "fail when it fails, instead of going on without it",
  },
];

/** The shared cache that a call asks for; undefined when it asks for none. */
export function remoteOptionsOf(call: Call): RemoteCacheOptions | undefined {
  return remoteCacheOptions({
    url: call.value("remote"),
    write: call.has("remote-write"),
    strict: call.has("remote-strict"),
    trust: call.values("remote-trust"),
    environment: call.environment,
  });
}
