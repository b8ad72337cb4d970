import { type AdapterFacts, Gpu } from "../../../gpu/device.ts";
import type { DeviceClass } from "../../../gpu/device_class.ts";

/** The largest binding that this program asks any device for. */
const bindingBytes = 2 ** 31 - 256;

/** What WebGPU's implementations give at least of the limits that this program asks for, and the largest binding. */
const limits = {
  maxStorageBufferBindingSize: bindingBytes,
  maxUniformBufferBindingSize: 65536,
  maxBufferSize: bindingBytes,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupStorageSize: 32768,
};

/**
 * A device that takes every command and computes nothing, without memory: for the shapes that work is given at sizes which
 * no test could run.
 */
export function idleGpu(deviceClass: DeviceClass): Gpu {
  const nothing = () => undefined;
  const pass = {
    setPipeline: nothing,
    setBindGroup: nothing,
    dispatchWorkgroups: nothing,
    end: nothing,
  };
  const encoder = {
    beginComputePass: () => pass,
    copyBufferToBuffer: nothing,
    clearBuffer: nothing,
    finish: () => ({}),
  };
  const device = {
    limits,
    features: new Set(["shader-f16"]),
    lost: new Promise(nothing),
    addEventListener: nothing,
    createBuffer: () => ({ destroy: nothing }),
    createShaderModule: () => ({}),
    createComputePipeline: () => ({ getBindGroupLayout: () => ({}) }),
    createBindGroup: () => ({}),
    createCommandEncoder: () => encoder,
    queue: { writeBuffer: nothing, submit: nothing },
    destroy: nothing,
  };
  const facts: AdapterFacts = {
    vendor: "",
    architecture: "",
    device: "",
    description: "a device that does nothing",
    deviceClass,
  };
  return new Gpu(device as unknown as GPUDevice, facts, Infinity);
}
