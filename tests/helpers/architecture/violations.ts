import { dirname, join } from "@std/path";
import { tokenize } from "../../../pipeline/code/code_tokens.ts";
import { importsOf } from "./imports.ts";
import { network, owners } from "./owners.ts";
import { findRoom, roomOf } from "./rooms.ts";

/** Longest a source file may be. */
const mostLines = 300;

/** What a module does that the design does not allow, one line each. */
export function violations(path: string, source: string): string[] {
  const tokens = tokenize(source);
  const found: string[] = [];
  const lines = source.split("\n").length - 1;
  if (lines > mostLines) {
    found.push(`${path} has ${lines} lines, more than ${mostLines}`);
  }
  for (const specifier of importsOf(tokens)) {
    const problem = forbiddenImport(path, specifier);
    if (problem !== undefined) found.push(problem);
  }
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i - 1]?.text === ".") continue; // a member of that name
    const run = tokens.slice(i, i + 3).map(({ text }) => text).join(" ");
    for (const { effect, pattern, owner } of owners) {
      if (pattern.test(run) && !owner.test(path)) {
        found.push(`${path} must not touch ${effect}: ${run}`);
      }
    }
  }
  return found;
}

function forbiddenImport(path: string, specifier: string): string | undefined {
  const room = findRoom(path);
  if (room === undefined) return `${path} is in no room`;
  if (network.modules.test(specifier) && !network.owner.test(path)) {
    return `${path} must not touch the network: ${specifier}`;
  }
  if (!specifier.startsWith(".")) {
    return room.selfContained
      ? `${path} (${room.name}) must not import ${specifier}`
      : undefined;
  }
  const target = join(dirname(path), specifier);
  const targetRoom = roomOf(target);
  if (targetRoom === room.name && !room.alone) return undefined;
  if (targetRoom !== undefined && room.see.includes(targetRoom)) {
    return undefined;
  }
  return `${path} (${room.name}) must not import ${target} (${
    targetRoom ?? "no room"
  })`;
}
