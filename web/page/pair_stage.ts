import type { MethodName, PatchPlace } from "../messages.ts";
import { element, elementsWith } from "./elements.ts";
import { listenToGestures } from "./gestures.ts";
import { Inspector } from "./inspector.ts";
import { PairView } from "./pair_view.ts";
import { patchPlaces, type Scene } from "./scene.ts";
import { Viewport } from "./viewport.ts";

/** A question for the patches of a match. */
export type AskPatches = (left: PatchPlace, right: PatchPlace) => void;

interface ShownMethod {
  view: PairView;
  figure: HTMLElement;
  scene?: Scene;
}

const zoomStep = 1.5;

/** The photographs as they are seen, once for each method, and what points at their matches. */
export class PairStage {
  readonly #viewport = new Viewport();
  readonly #inspector = new Inspector();
  readonly #methods: Record<MethodName, ShownMethod>;
  readonly #ask: AskPatches;

  constructor(ask: AskPatches) {
    this.#ask = ask;
    this.#methods = {
      network: this.#open("network"),
      rootsift: this.#open("rootsift"),
    };
    const { view } = this.#methods.network;
    for (const { element: button, value } of elementsWith("zoom")) {
      const factors: Record<string, () => number> = {
        in: () => zoomStep,
        out: () => 1 / zoomStep,
        fit: () => 1 / this.#viewport.zoom,
      };
      button.addEventListener("click", () => {
        const { width, height } = view.size;
        this.#viewport.zoomAt(factors[value](), width / 2, height / 2, {
          width,
          height,
        });
        this.#move();
      });
    }
    this.#move();
  }

  /** Shows a scene for each method that has one. */
  show(scenes: Partial<Record<MethodName, Scene>>): void {
    this.#inspector.hide();
    for (const [name, method] of Object.entries(this.#methods)) {
      const scene = scenes[name as MethodName];
      method.figure.hidden = scene === undefined;
      if (scene === undefined) delete method.scene;
      else method.scene = scene;
      method.view.show(scene);
    }
  }

  /** Shows all of the photographs again. */
  fit(): void {
    this.#viewport.fit();
    this.#move();
  }

  /** Shows the patches that were asked for. */
  showPatches(patches: { left: Uint8Array; right: Uint8Array }): void {
    this.#inspector.showPatches(patches);
  }

  #open(name: MethodName): ShownMethod {
    const canvas = element(`${name}-canvas`, HTMLCanvasElement);
    const view = new PairView(canvas, this.#viewport);
    const figure = element(`${name}-pair`, HTMLElement);
    listenToGestures(view, this.#viewport, {
      onMove: () => this.#move(),
      onPoint: (match, at) => this.#choose(name, match, at),
      onStep: (by) => this.#step(name, by),
    });
    return { view, figure };
  }

  #choose(
    name: MethodName,
    match: number | undefined,
    at?: { x: number; y: number },
  ): void {
    const { view, scene } = this.#methods[name];
    const result = scene?.result;
    const isNew = view.chosen !== match;
    for (const other of Object.values(this.#methods)) {
      other.view.choose(other.view === view ? match : undefined);
    }
    if (match === undefined || scene === undefined || result === undefined) {
      this.#inspector.hide();
      return;
    }
    const point = at ?? view.middleOf(match) ?? { x: 0, y: 0 };
    const { offsetTop } = view.canvas.parentElement!;
    this.#inspector.show(match, result, scene.left, scene.right, {
      x: point.x,
      y: point.y + offsetTop,
    });
    if (isNew) {
      this.#inspector.clearPatches();
      this.#ask(...patchPlaces(scene, result, match));
    }
  }

  /** From match to match in the order of their distances, so that the surest come first. */
  #step(name: MethodName, by: 1 | -1): void {
    const { view, scene } = this.#methods[name];
    const distances = scene?.result?.matches.distances;
    if (distances === undefined || view.lines.length === 0) return;
    const order = view.lines.map(({ match }) => match)
      .sort((a, b) => distances[a] - distances[b] || a - b);
    const from = view.chosen === undefined
      ? (by === 1 ? -1 : 0)
      : order.indexOf(view.chosen);
    const next = order[(from + by + order.length) % order.length];
    this.#choose(name, next);
  }

  /** Shows what is seen now; the card would stay beside a line that moved away. */
  #move(): void {
    this.#inspector.hide();
    for (const { view } of Object.values(this.#methods)) {
      view.canvas.style.touchAction = this.#viewport.touchAction;
      view.redraw();
    }
  }
}
