export { openNetwork, type Network } from './network.ts';
export type { Kernel, KernelOptions } from './kernel/kernel.ts';
export type { HallModule, OpenHalls } from './kernel/module.ts';
export { readSettings, type Settings } from './kernel/settings.ts';
