export {
  adaptationMatrix,
  type Chromaticity,
  decodeTransfer,
  type Matrix,
  RGB_SPACES,
  type RgbSpace,
  type RgbSpaceName,
  rgbToXyzMatrix,
  type TransferName,
  USUAL_TRANSFER,
} from './colour.ts';
export * from './container.ts';
export * from './xyz.ts';
