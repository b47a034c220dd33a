export * from './block.ts';
export * from './check.ts';
export { FINDING_TEXTS } from './codes.ts';
export * from './issue.ts';
export * from './model.ts';
export * from './naming.ts';
export * from './read.ts';
export * from './request.ts';
export * from './window.ts';
