import type { Engine } from './engine.ts';
import {
  COD,
  COM,
  EOC,
  MarkerWriter,
  POC,
  QCD,
  SIZ,
  SOC,
  SOD,
  SOT,
  SOT_BYTES,
  TLM,
} from './markers.ts';
import { PROGRESSIONS } from './model.ts';
import { measureHeader, startPrecinct, writePacket } from './packet-writer.ts';
import type { Plan, TilePlan } from './plan.ts';
import type { ProgressionVolume } from './progression.ts';
import { type CodedBlock, RECORD_BYTES } from './rate-control.ts';

/** SOT, SOD. */
const PART_HEADER_BYTES = SOT_BYTES + 2;
const COMMENT = 'Yinglian';
/** Precinct size that need not be told: 2^15. */
const PRECINCT_LOG2_MAX = 15;

/** Main header without TLM's lengths, which are patched when the parts are known. */
export function writeMainHeader(plan: Plan, partLengths: readonly PartLength[]): Uint8Array {
  const { request } = plan;
  const writer = new MarkerWriter();
  writer.u16(SOC);
  writeSize(writer, plan);
  writeCoding(writer, plan);
  writer.segment(QCD, (out) => {
    const { reversible } = request.coding;
    out.u8((request.guardBits << 5) | (reversible ? 0 : 2));
    for (const { step } of plan.bands) {
      if (reversible) out.u8(step.exponent << 3);
      else out.u16((step.exponent << 11) | step.mantissa);
    }
  });
  writePartLengths(writer, partLengths, plan.tiles.length);
  if (request.volumes.length > 1) writeVolumes(writer, request.volumes, request.steps.length);
  writeComment(writer, COMMENT);
  return writer.take();
}

/** One TLM segment holds this many lengths of six bytes. */
const TLM_PARTS_MAX = 10_000;

/** TLM (A.7.1); more parts than one segment holds are left untold. */
export function writePartLengths(
  writer: MarkerWriter,
  lengths: readonly PartLength[],
  tiles: number,
): void {
  if (lengths.length > TLM_PARTS_MAX) return;
  writer.segment(TLM, (out) => {
    // Stlm: tile index in 8 or 16 bits, length in 32 (Table A.34).
    const wide = tiles > 255;
    out.u8(0).u8(wide ? 0x60 : 0x50);
    for (const { tile, bytes } of lengths) {
      if (wide) out.u16(tile);
      else out.u8(tile);
      out.u32(bytes);
    }
  });
}

/** A comment in Latin-1 (A.9.2). */
export function writeComment(writer: MarkerWriter, text: string): void {
  writer.segment(COM, (out) => {
    out.u16(1);
    for (const char of text) out.u8(char.charCodeAt(0) & 0xff);
  });
}

/** SOT of a tile-part, and SOD (A.4.2, A.4.3); what stands between them is `extra`. */
export function partHeader(
  part: PartLength & { readonly index: number; readonly count: number },
  extra: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const writer = new MarkerWriter();
  writer.segment(SOT, (body) => body.u16(part.tile).u32(part.bytes).u8(part.index).u8(part.count));
  for (const byte of extra) writer.u8(byte);
  return writer.u16(SOD).take();
}

/** The tile that a tile-part belongs to, and its length in bytes: one entry of TLM (A.7.1). */
export type PartLength = { readonly tile: number; readonly bytes: number };

function writeSize(writer: MarkerWriter, plan: Plan): void {
  const { request } = plan;
  const { area, tileOrigin, tileWidth, tileHeight } = request;
  writer.segment(SIZ, (out) => {
    out.u16(request.profile).u32(area.x1).u32(area.y1).u32(area.x0).u32(area.y0);
    out.u32(tileWidth).u32(tileHeight).u32(tileOrigin.x).u32(tileOrigin.y);
    out.u16(request.steps.length);
    for (const step of request.steps) {
      out
        .u8((request.signed ? 0x80 : 0) | (request.bitDepth - 1))
        .u8(step.x)
        .u8(step.y);
    }
  });
}

function writeCoding(writer: MarkerWriter, plan: Plan): void {
  const { request } = plan;
  const { coding } = request;
  const largest = coding.precincts.every(
    (each) => each.widthLog2 === PRECINCT_LOG2_MAX && each.heightLog2 === PRECINCT_LOG2_MAX,
  );
  writer.segment(COD, (out) => {
    out.u8((largest ? 0 : 1) | (request.packetMarkers ? 6 : 0));
    out.u8(PROGRESSIONS.indexOf(request.volumes[0]!.progression)).u16(request.layers);
    out.u8(request.colourTransform ? 1 : 0);
    out
      .u8(coding.levels)
      .u8(coding.blockWidthLog2 - 2)
      .u8(coding.blockHeightLog2 - 2);
    out.u8(0).u8(coding.reversible ? 1 : 0);
    if (largest) return;
    for (const each of coding.precincts) out.u8((each.heightLog2 << 4) | each.widthLog2);
  });
}

/** POC (A.6.6). */
export function writeVolumes(
  writer: MarkerWriter,
  volumes: readonly ProgressionVolume[],
  components: number,
): void {
  const wide = components > 256;
  writer.segment(POC, (out) => {
    for (const volume of volumes) {
      out.u8(volume.resolutionStart);
      if (wide) out.u16(volume.componentStart);
      else out.u8(volume.componentStart);
      out.u16(volume.layerEnd).u8(volume.resolutionEnd);
      if (wide) out.u16(volume.componentEnd);
      else out.u8(volume.componentEnd);
      out.u8(PROGRESSIONS.indexOf(volume.progression));
    }
  });
}

/** Bytes of packet headers per tile-part, with the layers as they are chosen now. */
export function measurePacketHeaders(plan: Plan, tile: TilePlan): number[] {
  startTile(plan, tile);
  return tile.parts.map((part) => {
    let bytes = 0;
    for (const { precinct, layer } of part) bytes += measureHeader(precinct, layer);
    return plan.request.packetMarkers ? bytes + part.length * PACKET_MARKER_BYTES : bytes;
  });
}

/** SOP (6) and EPH (2). */
const PACKET_MARKER_BYTES = 8;

function startTile(plan: Plan, tile: TilePlan): void {
  for (const component of tile.components) {
    for (const resolution of component.resolutions) {
      for (const precinct of resolution.precincts) startPrecinct(precinct, plan.request.layers);
    }
  }
}

/** Bytes outside of packets. */
export function fixedBytes(plan: Plan): number {
  const parts = plan.tiles.flatMap((tile) => tile.parts.map(() => ({ tile: 0, bytes: 0 })));
  return writeMainHeader(plan, parts).length + parts.length * PART_HEADER_BYTES + 2;
}

/** A whole codestream with the lengths of its tile-parts, in the order of the file. */
export type WrittenCodestream = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly partLengths: readonly PartLength[];
};

/** The whole codestream, with the layers as they are chosen. */
export function writeCodestream(engine: Engine, plan: Plan): WrittenCodestream {
  const header = writeMainHeader(
    plan,
    plan.tiles.flatMap((tile) => tile.parts.map(() => ({ tile: tile.index, bytes: 0 }))),
  );
  const out = new Uint8Array(header.length + boundOf(plan) + 2);
  const partLengths: PartLength[] = [];
  let at = header.length;
  for (const tile of plan.tiles) at = writeTile(engine, plan, tile, out, at, partLengths);
  out.set(writeMainHeader(plan, partLengths));
  out[at] = EOC >> 8;
  out[at + 1] = EOC & 0xff;
  return { bytes: out.slice(0, at + 2), partLengths };
}

/** Header bytes of one block in one packet, and of a packet: generous. */
const BLOCK_HEADER_BYTES_MAX = 24;
const PACKET_BYTES_MAX = 16;

/** No less than all tile-parts take. */
function boundOf(plan: Plan): number {
  const { layers } = plan.request;
  let bound = 0;
  for (const tile of plan.tiles) {
    for (const part of tile.parts) bound += PART_HEADER_BYTES + part.length * PACKET_BYTES_MAX;
    for (const component of tile.components) {
      for (const block of component.blocks) {
        bound += block.layerBytes[layers - 1]! + layers * BLOCK_HEADER_BYTES_MAX;
      }
    }
  }
  return bound;
}

function writeTile(
  engine: Engine,
  plan: Plan,
  tile: TilePlan,
  out: Uint8Array,
  from: number,
  partLengths: PartLength[],
): number {
  let at = from;
  let sequence = 0;
  startTile(plan, tile);
  const put = (bytes: Uint8Array) => {
    out.set(bytes, at);
    at += bytes.length;
  };
  engine.ensure(SEGMENT_BYTES_MAX);
  const scratch = engine.top;
  const bodyOf = (block: CodedBlock, start: number, bytes: number) => {
    const passes = block.layerPasses[plan.request.layers - 1]!;
    const record = block.records + (passes - 1) * RECORD_BYTES;
    const coded = block.records + block.passes * RECORD_BYTES;
    engine.kernels.copySegment(coded, record, scratch);
    return engine.bytes.subarray(scratch + start, scratch + start + bytes);
  };
  tile.parts.forEach((part, index) => {
    const start = at;
    at += PART_HEADER_BYTES;
    for (const { precinct, layer } of part) {
      const options = plan.request.packetMarkers ? { sequence: sequence++ } : {};
      writePacket(precinct, layer, options, put, bodyOf);
    }
    const bytes = at - start;
    out.set(partHeader({ tile: tile.index, bytes, index, count: tile.parts.length }), start);
    partLengths.push({ tile: tile.index, bytes: at - start });
  });
  return at;
}

/** More than the kernel's scratch can hold. */
const SEGMENT_BYTES_MAX = 128 * 1024;
