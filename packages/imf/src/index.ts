export { FINDING_TEXTS } from './codes.ts';
export * from './composition.ts';
export { checkPicture, checkSound, differenceOf } from './descriptor.ts';
export * from './model.ts';
export { checkOutputProfile } from './profile.ts';
export { type ReadImf, readImfComposition, readImfPackingList, readOutputProfile } from './read.ts';
export * from './verify.ts';
