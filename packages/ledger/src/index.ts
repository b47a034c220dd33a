export * from './bank-file.ts';
export * from './chart.ts';
export * from './codes.ts';
export * from './items.ts';
export * from './journal.ts';
export * from './payment-file.ts';
export * from './recipes.ts';
