/**
 * The networks that a config names by their files, looked at before anything is computed. No stage's key holds this: a stage
 * refuses the same files by itself, after the work of those before it.
 *
 * @module
 */
import {
  networks,
  type NetworkState,
  recognizeNetwork,
  requireTrainable,
} from "../../gpu/mod.ts";
import type { Config } from "../config.ts";
import { describers } from "../descriptors/describers.ts";
import { namingFiles, readNetwork } from "../descriptors/network_file.ts";
import { isUserError } from "../errors.ts";
import { needsTeacher } from "./stage1_plan.ts";

interface NamedNetwork {
  stage: string;
  path: string;
  check(state: NetworkState): void;
}

/**
 * What is wrong with the networks that a config names: files that cannot be read, and networks that a stage cannot use.
 *
 * @param due names of the stages that are not fresh; what only others read is not looked at
 * @returns an error a network, each naming the file, the network in it and the one that is wanted
 */
export async function namedNetworkFaults(
  config: Config,
  due: ReadonlySet<string>,
): Promise<Error[]> {
  const faults: Error[] = [];
  for (const { stage, path, check } of namedNetworks(config)) {
    if (!due.has(stage)) continue;
    try {
      const state = await readNetwork(path);
      namingFiles([path], () => check(state));
    } catch (error) {
      if (!(error instanceof Error) || !isUserError(error)) throw error;
      faults.push(error);
    }
  }
  return faults;
}

function namedNetworks({ stage1, extract }: Config): NamedNetwork[] {
  const { resume, teacher, arch } = stage1;
  const trainable = (path: string): NamedNetwork => ({
    stage: "stage1",
    path,
    check: (state) => requireTrainable(networks[arch], state),
  });
  const asks = needsTeacher(stage1) && teacher !== "self";
  const describes = extract.checkpoint !== "" &&
    extract.descriptors.some((name) =>
      describers[name].needs.includes("model")
    );
  return [
    ...(resume === "" ? [] : [trainable(resume)]),
    ...(asks ? [trainable(teacher)] : []),
    ...(describes
      ? [{
        stage: "extract",
        path: extract.checkpoint,
        check: recognizeNetwork,
      }]
      : []),
  ];
}
