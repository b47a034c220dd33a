export { forward97, inverse97 } from './wavelet97';
export { forward53, inverse53 } from './wavelet53';
export {
  inverseIct,
  inverseRct,
  loadFloat,
  loadIct,
  loadInteger,
  loadRct,
  storeFloat,
  storeInteger,
} from './colour';
export { blockEnergy, countPlanes, loadFloats, loadIntegers } from './block-loader';
export {
  blockBytes,
  copySegment,
  encodeBoth,
  encodeRest,
  setStop,
  startBlock,
  takeBlock,
} from './block-encoder';
export { decodeBlock, storeFloats, storeIntegers, unshiftRegion } from './block-decoder';
import { fillPassTables } from './block-passes';
import { fillTables } from './tables';

fillTables();
fillPassTables();

/** First byte behind the static tables: the rest of the memory belongs to the caller. */
export function heapStart(): usize {
  return (__heap_base + 63) & ~63;
}
