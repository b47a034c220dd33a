export { FINDING_TEXTS } from './codes.ts';
export { openNetwork, type Network } from './network.ts';
export type { Kernel, KernelOptions, OpenHalls } from './kernel/kernel.ts';
export type { HallModule } from './kernel/module.ts';
export { readSettings, type Settings } from './kernel/settings.ts';
