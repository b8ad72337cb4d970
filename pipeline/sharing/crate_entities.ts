import type { ActionRecord, OutputFile } from "../store/action_record.ts";
import type { Json } from "../files/json.ts";

/** An entity of a crate, by JSON-LD's names. */
export type Entity = { "@id": string; "@type": string; [name: string]: Json };

/** A reference to an entity. */
export type Reference = { "@id": string };

/** Folders with more files than this are told of by their number. */
const mostListed = 20;

/** A path as a relative IRI. */
function idOf(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** What a stage wrote, as entities of a crate whose root is the run folder: files by themselves, folders with what is in them. */
export class StageOutputs {
  readonly entities: Entity[] = [];
  /** files and folders at the top of the stage's folder */
  readonly top: Reference[] = [];
  readonly #stage: string;
  /** output path → the entity that stands for it: itself, or its folder's */
  readonly #ids = new Map<string, string>();

  constructor({ facts, outputs }: ActionRecord) {
    this.#stage = facts.stage;
    const folders = new Map<string, OutputFile[]>();
    for (const output of outputs) {
      const slash = output.path.indexOf("/");
      if (slash < 0) this.top.push(this.#addFile(output));
      else {
        const folder = output.path.slice(0, slash);
        const files = folders.get(folder) ?? [];
        folders.set(folder, files);
        files.push(output);
      }
    }
    for (const [folder, files] of folders) {
      this.top.push(this.#addFolder(folder, files));
    }
  }

  /** What stands for an output that another stage read. */
  find(path: string): Reference | undefined {
    const id = this.#ids.get(path);
    return id === undefined ? undefined : { "@id": id };
  }

  #addFile({ path, digest, sizeBytes }: OutputFile): Reference {
    const id = idOf(`${this.#stage}/${path}`);
    this.#ids.set(path, id);
    this.entities.push({
      "@id": id,
      "@type": "File",
      name: path,
      contentSize: String(sizeBytes),
      sha256: digest,
    });
    return { "@id": id };
  }

  #addFolder(folder: string, files: readonly OutputFile[]): Reference {
    const id = `${idOf(`${this.#stage}/${folder}`)}/`;
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const entity: Entity = {
      "@id": id,
      "@type": "Dataset",
      name: folder,
      description: `${files.length} files, ${bytes} bytes`,
    };
    this.entities.push(entity);
    if (files.length <= mostListed) {
      entity.hasPart = files.map((file) => this.#addFile(file));
    } else for (const { path } of files) this.#ids.set(path, id);
    return { "@id": id };
  }
}

/** The program as it was when a stage ran, with what it needs. */
export function programEntities(
  { facts, provenance }: ActionRecord,
): { program: Reference; entities: Entity[] } {
  const { source, deno, codeDigest } = provenance;
  const requirements: Entity[] = [
    {
      "@id": `#deno-${deno}`,
      "@type": "SoftwareApplication",
      name: "Deno",
      softwareVersion: deno,
    },
    ...Object.entries(facts.packages).map(([name, versions]) => ({
      "@id": `#package/${idOf(`${name}@${versions}`)}`,
      "@type": "SoftwareApplication",
      name,
      softwareVersion: versions,
    })),
  ];
  const program: Entity = {
    "@id": `#self-tnet-${codeDigest.slice(0, 12)}`,
    "@type": "SoftwareApplication",
    name: `Self-TNet for Deno, the code of ${facts.stage}`,
    softwareVersion: source?.commit ?? codeDigest,
    description: `digest of the code and its packages: ${codeDigest}`,
    softwareRequirements: requirements.map(({ "@id": id }) => ({ "@id": id })),
  };
  return {
    program: { "@id": program["@id"] },
    entities: [program, ...requirements],
  };
}

/** What a stage was told to do, a value each. */
export function parameterEntities({ facts }: ActionRecord): Entity[] {
  return Object.entries(facts.parameters).map(([name, value]) => ({
    "@id": `#${facts.stage}/${idOf(name)}`,
    "@type": "PropertyValue",
    name,
    value: value !== null && typeof value === "object"
      ? JSON.stringify(value)
      : value,
  }));
}
