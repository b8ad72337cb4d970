import type { Side } from "../messages.ts";
import { element, elementsWith } from "./elements.ts";

/** What a file is chosen for. */
export type Purpose = Side | "network";

/** Where a file goes when it is dropped. */
export interface FileChoiceEvents {
  onFile(purpose: Purpose, file: File): void;
  /** which photographs are there already */
  has(side: Side): boolean;
}

/** Buttons that open the system's dialogue, and dropping onto the page. */
export function listenToFiles(events: FileChoiceEvents): void {
  for (const purpose of ["left", "right", "network"] as const) {
    const input = element(`${purpose}-file`, HTMLInputElement);
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      // The same file may be chosen again.
      input.value = "";
      if (file !== undefined) events.onFile(purpose, file);
    });
  }
  for (const { element: button, value } of elementsWith("choose")) {
    button.addEventListener("click", () => {
      element(`${value}-file`, HTMLInputElement).click();
    });
  }
  listenToDrops(events);
}

function listenToDrops({ onFile, has }: FileChoiceEvents): void {
  const stage = element("stage", HTMLElement);
  const show = (isTarget: boolean) =>
    stage.classList.toggle("target", isTarget);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    show(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) show(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    show(false);
    const files = [...event.dataTransfer?.files ?? []];
    const isNetwork = ({ name }: File) => /\.(safetensors|pth?)$/i.test(name);
    const network = files.find(isNetwork);
    if (network !== undefined) onFile("network", network);
    const photographs = files.filter((file) => !isNetwork(file)).slice(0, 2);
    if (photographs.length === 2) {
      onFile("left", photographs[0]);
      onFile("right", photographs[1]);
    } else if (photographs.length === 1) {
      onFile(sideOf(event, has), photographs[0]);
    }
  });
}

/** One photograph goes where none is; else to the half of the stage that it was dropped onto. */
function sideOf(event: DragEvent, has: (side: Side) => boolean): Side {
  if (!has("left")) return "left";
  if (!has("right")) return "right";
  const { left, width } = element("stage", HTMLElement).getBoundingClientRect();
  return event.clientX < left + width / 2 ? "left" : "right";
}
