/**
 * The segments of a JPEG 2000 main header that the picture sub-descriptor carries word for word
 * (ST 422 and ST 429-4:2006 8): the image and tile size, the coding style, the quantization.
 */
export type CodestreamHead = {
  readonly capabilities: number;
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly gridOffsetX: number;
  readonly gridOffsetY: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly tileOffsetX: number;
  readonly tileOffsetY: number;
  readonly components: readonly { depth: number; stepX: number; stepY: number }[];
  /** COD and QCD without marker and length. */
  readonly codingStyle: Uint8Array;
  readonly quantization: Uint8Array;
};

const MARKER = { soc: 0xff4f, siz: 0xff51, cod: 0xff52, qcd: 0xff5c, sot: 0xff90 } as const;
/** ISO/IEC 15444-1 A.5.1 allows 16384; D-cinema has three. */
const COMPONENTS_MAX = 16;

/** Undefined when the bytes are not a codestream or lack SIZ, COD or QCD before the first tile. */
export function readCodestreamHead(bytes: Uint8Array): CodestreamHead | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(0) !== MARKER.soc) return undefined;
  let size: DataView | undefined;
  let codingStyle: Uint8Array | undefined;
  let quantization: Uint8Array | undefined;
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = view.getUint16(at);
    if (marker === MARKER.sot || marker < 0xff00) break;
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) break;
    if (marker === MARKER.siz) {
      size = new DataView(bytes.buffer, bytes.byteOffset + at + 4, length - 2);
    } else if (marker === MARKER.cod) codingStyle = bytes.slice(at + 4, end);
    else if (marker === MARKER.qcd) quantization = bytes.slice(at + 4, end);
    at = end;
  }
  if (size === undefined || size.byteLength < 36 || !codingStyle || !quantization) return undefined;
  const count = size.getUint16(34);
  if (count > COMPONENTS_MAX || size.byteLength < 36 + 3 * count) return undefined;
  const long = (index: number) => size.getUint32(2 + 4 * index);
  return {
    capabilities: size.getUint16(0),
    gridWidth: long(0),
    gridHeight: long(1),
    gridOffsetX: long(2),
    gridOffsetY: long(3),
    tileWidth: long(4),
    tileHeight: long(5),
    tileOffsetX: long(6),
    tileOffsetY: long(7),
    components: Array.from({ length: count }, (_, i) => ({
      depth: size.getUint8(36 + 3 * i),
      stepX: size.getUint8(37 + 3 * i),
      stepY: size.getUint8(38 + 3 * i),
    })),
    codingStyle,
    quantization,
  };
}
