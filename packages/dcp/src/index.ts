export * from './mxf/index.ts';
