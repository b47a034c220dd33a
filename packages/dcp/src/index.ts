export * from './mxf/index.ts';
export * from './picture/index.ts';
export type * from './ports.ts';
