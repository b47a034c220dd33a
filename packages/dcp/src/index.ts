export * from './build/index.ts';
export * from './documents/index.ts';
export * from './mxf/index.ts';
export * from './picture/index.ts';
export type * from './ports.ts';
