/** Start of the codestream (A.4.1); all codes here are those of ISO/IEC 15444-1 Table A.2. */
export const SOC = 0xff4f;
/** Start of a tile-part (A.4.2). */
export const SOT = 0xff90;
/** Start of the data of a tile-part (A.4.3). */
export const SOD = 0xff93;
/** End of the codestream (A.4.4). */
export const EOC = 0xffd9;
/** Size of picture, tiles and components (A.5.1). */
export const SIZ = 0xff51;
/** Coding style by default (A.6.1). */
export const COD = 0xff52;
/** Coding style of one component (A.6.2). */
export const COC = 0xff53;
/** Region of interest (A.6.3). */
export const RGN = 0xff5e;
/** Quantisation by default (A.6.4). */
export const QCD = 0xff5c;
/** Quantisation of one component (A.6.5). */
export const QCC = 0xff5d;
/** Changes of the progression order (A.6.6). */
export const POC = 0xff5f;
/** Lengths of the tile-parts, in the main header (A.7.1). */
export const TLM = 0xff55;
/** Lengths of the packets, in the main header (A.7.2). */
export const PLM = 0xff57;
/** Lengths of the packets of a tile-part (A.7.3). */
export const PLT = 0xff58;
/** Packet headers, packed into the main header (A.7.4). */
export const PPM = 0xff60;
/** Packet headers, packed into a tile-part header (A.7.5). */
export const PPT = 0xff61;
/** Start of a packet (A.8.1). */
export const SOP = 0xff91;
/** End of a packet header (A.8.2). */
export const EPH = 0xff92;
/** Registration of the components (A.9.1). */
export const CRG = 0xff63;
/** Comment (A.9.2). */
export const COM = 0xff64;
/** Capabilities beyond Part 1. */
export const CAP = 0xff50;

/** Names of the markers by their codes. */
export const MARKER_NAMES: ReadonlyMap<number, string> = new Map([
  [SOC, 'SOC'],
  [SOT, 'SOT'],
  [SOD, 'SOD'],
  [EOC, 'EOC'],
  [SIZ, 'SIZ'],
  [COD, 'COD'],
  [COC, 'COC'],
  [RGN, 'RGN'],
  [QCD, 'QCD'],
  [QCC, 'QCC'],
  [POC, 'POC'],
  [TLM, 'TLM'],
  [PLM, 'PLM'],
  [PLT, 'PLT'],
  [PPM, 'PPM'],
  [PPT, 'PPT'],
  [SOP, 'SOP'],
  [EPH, 'EPH'],
  [CRG, 'CRG'],
  [COM, 'COM'],
  [CAP, 'CAP'],
]);

/** Bytes of SOT, with its marker (A.4.2). */
export const SOT_BYTES = 12;

/** Numbers in big-endian order, growing as needed. */
export class MarkerWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = value;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value & 0xff);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value & 0xffff);
  }

  /** A marker with its length, which is counted (it includes its own two bytes). */
  segment(marker: number, body: (writer: this) => void): this {
    this.u16(marker).u16(0);
    const at = this.#length;
    body(this);
    const length = this.#length - at + 2;
    this.#bytes[at - 2] = length >>> 8;
    this.#bytes[at - 1] = length & 0xff;
    return this;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
