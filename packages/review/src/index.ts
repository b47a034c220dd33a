export { FINDING_TEXTS } from './codes.ts';
export * from './drawing.ts';
export * from './markers/formats.ts';
export * from './markers/model.ts';
export * from './record.ts';
export * from './room.ts';
export * from './sheet.ts';
export * from './threads.ts';
