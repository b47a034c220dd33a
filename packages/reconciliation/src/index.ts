export * from './codes.ts';
export * from './compare.ts';
export * from './model.ts';
export * from './receipts.ts';
export * from './sql.ts';
export * from './work-list.ts';
