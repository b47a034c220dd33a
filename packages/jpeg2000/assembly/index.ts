export { forward97, inverse97 } from './wavelet97';
export { forward53, inverse53 } from './wavelet53';
export {
  inverseIct, inverseRct, loadFloat, loadIct, loadInteger, loadRct, storeFloat, storeInteger,
} from './colour';
export {
  blockEnergy, codedBytes, copySegment, countPlanes, encodeBlock, loadFloats, loadIntegers, setStop,
} from './block-encoder';
export { decodeBlock, storeFloats, storeIntegers, unshiftRegion } from './block-decoder';
import { fillTables } from './tables';

fillTables();

/** First byte behind the static tables: the rest of the memory belongs to the caller. */
export function heapStart(): usize {
  return (__heap_base + 63) & ~63;
}
