import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type DeviceClass, deviceClassOf } from "../../gpu/device_class.ts";

const nvidia = "4318";
const intel = "32902";
const amd = "4098";
const mesa = "65541";
const microsoft = "5140";
/** What Metal says of every vendor. */
const unnamed = "0";

/** Adapters as their drivers name them: Vulkan's, Direct3D 12's and Metal's. */
const adapters: Record<DeviceClass, readonly [string, string][]> = {
  software: [
    [mesa, "llvmpipe (LLVM 15.0.6, 256 bits)"],
    [mesa, "llvmpipe (LLVM 19.1.7, 256 bits)"],
    ["6880", "SwiftShader Device (Subzero)"],
    [microsoft, "Microsoft Basic Render Driver"],
  ],
  discrete: [
    [nvidia, "NVIDIA GeForce RTX 4090"],
    [nvidia, "NVIDIA GeForce GTX 1060 6GB"],
    [nvidia, "NVIDIA GeForce RTX 3050 Laptop GPU"],
    [nvidia, "NVIDIA H200"],
    [nvidia, "NVIDIA A100-SXM4-80GB"],
    [nvidia, "Tesla T4"],
    [nvidia, "Quadro P2000"],
    [nvidia, "NVIDIA RTX A6000"],
    [unnamed, "NVIDIA GeForce GT 750M"],
    [microsoft, "Microsoft Direct3D12 (NVIDIA GeForce RTX 3080)"],
    [intel, "Intel(R) Arc(tm) A770 Graphics (DG2)"],
    [intel, "Intel(R) Arc(TM) A370M Graphics"],
    [intel, "Intel(R) Arc(TM) B580 Graphics"],
    [intel, "Intel(R) Arc(TM) Pro A40/A50 Graphics"],
    [intel, "Intel(R) Iris(R) Xe MAX Graphics (DG1)"],
    [intel, "Intel(R) Data Center GPU Flex 170"],
    [intel, "Intel(R) Data Center GPU Max 1550"],
    [amd, "AMD Radeon RX 7900 XTX (RADV NAVI31)"],
    [amd, "AMD Radeon RX 6600M"],
    [amd, "AMD Radeon RX 580 Series (RADV POLARIS10)"],
    [amd, "AMD Radeon(TM) Pro WX 7100 Graphics"],
    [amd, "AMD Radeon PRO W7900"],
    [amd, "AMD Instinct MI210"],
    [amd, "AMD Radeon Vega 64 (RADV VEGA10)"],
    [amd, "Radeon RX Vega 56"],
    [amd, "AMD Radeon VII (RADV VEGA20)"],
    [amd, "AMD Radeon R9 200 Series (RADV HAWAII)"],
    [amd, "AMD Radeon HD 7900 Series (RADV TAHITI)"],
    [unnamed, "AMD Radeon Pro 5500M"],
    [unnamed, "AMD Radeon R9 M370X"],
  ],
  integrated: [
    [unnamed, "Apple M1"],
    [unnamed, "Apple M3 Max"],
    ["4203", "Apple M2 Pro"],
    [unnamed, "Intel(R) UHD Graphics 630"],
    [unnamed, "Intel(R) Iris(TM) Plus Graphics 655"],
    [intel, "Intel(R) UHD Graphics 620 (KBL GT2)"],
    [intel, "Intel(R) HD Graphics 4600 (HSW GT2)"],
    [intel, "Intel(R) Iris(R) Xe Graphics (TGL GT2)"],
    [intel, "Intel(R) Arc(tm) Graphics (MTL)"],
    [intel, "Intel(R) Arc(TM) 140V GPU (16GB)"],
    [intel, "Intel(R) Graphics (LNL)"],
    [amd, "AMD Radeon Graphics (RADV RENOIR)"],
    [amd, "AMD Radeon(TM) Graphics"],
    [amd, "AMD Radeon 780M Graphics (RADV PHOENIX)"],
    [amd, "AMD Radeon 890M Graphics"],
    [amd, "AMD Radeon 8060S Graphics (RADV STRIX_HALO)"],
    [amd, "AMD Custom GPU 0405 (RADV VANGOGH)"],
    [amd, "AMD Radeon Vega 8 Graphics (RADV RAVEN)"],
    [amd, "AMD Radeon RX Vega 11 Graphics (RADV RAVEN)"],
    [amd, "AMD Radeon R7 Graphics (RADV KAVERI)"],
    [nvidia, "NVIDIA Tegra Xavier (nvgpu)"],
    [nvidia, "Orin (nvgpu)"],
    ["5045", "Mali-G78"],
    ["20803", "Adreno (TM) 730"],
    ["5348", "V3D 7.1.7"],
    [unnamed, ""],
  ],
};

describe("deviceClassOf", () => {
  for (const [deviceClass, names] of Object.entries(adapters)) {
    it(`calls ${deviceClass} what is`, () => {
      for (const [vendor, description] of names) {
        assert.equal(
          deviceClassOf({
            vendor,
            architecture: "",
            description,
            isFallback: false,
          }),
          deviceClass,
          description,
        );
      }
    });
  }

  it("knows browsers' words, which come without a description", () => {
    const words: [vendor: string, architecture: string, DeviceClass][] = [
      ["nvidia", "ampere", "discrete"],
      ["nvidia", "hopper", "discrete"],
      ["nvidia", "", "discrete"],
      ["intel", "gen-12hp", "discrete"],
      ["intel", "xe-2hpg", "discrete"],
      ["intel", "gen-12lp", "integrated"],
      ["intel", "xe-2lpg", "integrated"],
      ["amd", "rdna-3", "integrated"],
      ["apple", "common-3", "integrated"],
      ["qualcomm", "adreno-7xx", "integrated"],
      ["google", "swiftshader", "software"],
      ["microsoft", "warp", "software"],
      ["", "", "integrated"],
    ];
    for (const [vendor, architecture, deviceClass] of words) {
      const name = { vendor, architecture, description: "", isFallback: false };
      assert.equal(
        deviceClassOf(name),
        deviceClass,
        `${vendor} ${architecture}`,
      );
    }
  });

  it("calls every fallback software, whatever its name", () => {
    for (const [vendor, description] of Object.values(adapters).flat()) {
      const name = {
        vendor,
        architecture: "",
        description,
        isFallback: true,
      };
      assert.equal(deviceClassOf(name), "software");
    }
  });
});
