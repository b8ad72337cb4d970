import { geometryNames } from "../../pipeline/matching/geometry_names.ts";
import {
  defaultInlierPixels,
  defaultRatio,
} from "../../pipeline/matching/match_images.ts";
import type { Settings } from "../messages.ts";
import { element } from "./elements.ts";

/** What is drawn, which the worker need not know. */
export interface Showing {
  showsOthers: boolean;
  showsKeypoints: boolean;
}

const defaultKeypoints = 2000;

/** The sliders and switches. */
export class SettingsPanel {
  readonly #keypoints = element("keypoints", HTMLInputElement);
  readonly #ratio = element("ratio", HTMLInputElement);
  readonly #inlierPixels = element("inlier-pixels", HTMLInputElement);
  readonly #geometry = element("geometry", HTMLSelectElement);
  readonly #compares = element("compares", HTMLInputElement);
  readonly #showsOthers = element("shows-others", HTMLInputElement);
  readonly #showsKeypoints = element("shows-keypoints", HTMLInputElement);

  /**
   * @param onSettings told when what is computed changes
   * @param onShowing told when what is drawn changes
   */
  constructor(onSettings: () => void, onShowing: () => void) {
    this.#keypoints.value = String(defaultKeypoints);
    this.#ratio.value = String(defaultRatio);
    this.#geometry.value = "homography";
    this.#inlierPixels.value = String(defaultInlierPixels.homography);
    for (
      const input of [this.#keypoints, this.#ratio, this.#inlierPixels]
    ) {
      input.addEventListener("input", () => {
        this.#say();
        onSettings();
      });
    }
    this.#geometry.addEventListener("change", () => {
      const { geometry } = this.settings;
      if (geometry !== "none") {
        this.#inlierPixels.value = String(defaultInlierPixels[geometry]);
      }
      this.#inlierPixels.disabled = geometry === "none";
      this.#say();
      onSettings();
    });
    this.#compares.addEventListener("change", onSettings);
    for (const input of [this.#showsOthers, this.#showsKeypoints]) {
      input.addEventListener("change", onShowing);
    }
    this.#say();
  }

  get settings(): Settings {
    return {
      keypoints: this.#keypoints.valueAsNumber,
      ratio: this.#ratio.valueAsNumber,
      geometry: geometryNames.find((name) => name === this.#geometry.value) ??
        "homography",
      inlierPixels: this.#inlierPixels.valueAsNumber,
      comparesRootSift: this.#compares.checked,
    };
  }

  get showing(): Showing {
    return {
      showsOthers: this.#showsOthers.checked,
      showsKeypoints: this.#showsKeypoints.checked,
    };
  }

  #say(): void {
    const { keypoints, ratio, inlierPixels } = this.settings;
    const say = (id: string, text: string) => {
      element(id, HTMLOutputElement).value = text;
    };
    say("keypoints-value", `at most ${keypoints}`);
    say("ratio-value", `at most ${ratio.toFixed(2)}`);
    say("inlier-pixels-value", `${inlierPixels.toFixed(1)} pixels`);
    this.#inlierPixels.setAttribute("aria-valuetext", `${inlierPixels} pixels`);
  }
}
