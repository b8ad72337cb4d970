/** A room of the house: the files in a folder (not those of folders inside it), or files of one floor that share a folder with others. */
export interface Room {
  name: string;
  /** folder, or paths of files */
  holds: string | string[];
  /** lower rooms that it may import, besides itself */
  see: string[];
  /** its files do not import each other */
  alone?: true;
  /** imports nothing from outside the project, because it has to run anywhere */
  selfContained?: true;
}

/** Paths of files in one folder. */
export function filesIn(folder: string, names: string): string[] {
  return names.split(" ").map((name) => `${folder}/${name}.ts`);
}

/** What everybody in pipeline/ may see. */
export const ground = ["errors", "files", "log"];
