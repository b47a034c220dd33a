export * from './build/index.ts';
export * from './documents/index.ts';
export * from './mxf/index.ts';
export * from './picture/index.ts';
export type * from './ports.ts';
export type * from './timed-text/model.ts';
export { readTimedText, TIMED_TEXT_NAMESPACES } from './timed-text/read.ts';
export * from './verify/index.ts';
