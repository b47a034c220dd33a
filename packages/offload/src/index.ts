export { CARD_KINDS, type CardKind } from './card-table.ts';
export * from './cards.ts';
export { FINDING_TEXTS } from './codes.ts';
export { sizeText, writeHtml } from './html.ts';
export { isLeftBySystem } from './left-by-system.ts';
export * from './report.ts';
export * from './verdict.ts';
