import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ratio } from '@yinglian/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkCinema,
  createEncoder,
  type Encoder,
  FINDING_TEXTS,
  type MarkerSegment,
  parseCodestream,
} from '../src/index.ts';
import { picture } from './pictures.ts';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const at24 = { resolution: '2k', frameRate: ratio(24) } as const;
let encoder: Encoder;
let frame: Uint8Array;
let segments: readonly MarkerSegment[];

beforeAll(async () => {
  encoder = await createEncoder();
  const image = picture({
    width: 1998,
    height: 1080,
    components: 3,
    bitDepth: 12,
    material: 'flat',
  });
  frame = encoder.encodeCinema(image, at24).codestream;
  const parsed = parseCodestream(frame);
  if (parsed.ok) segments = parsed.value.segments;
});

/** Codes found after bytes of a marker segment (counted from its marker) are changed. */
function patched(name: string, offset: number, ...bytes: number[]): string[] {
  const copy = frame.slice();
  const segment = segments.find((each) => each.name === name)!;
  copy.set(bytes, segment.offset + offset);
  return checkCinema(copy, at24).map((each) => each.code);
}

describe('check', () => {
  it('[JC1] our own frames have no finding', () => {
    expect(checkCinema(frame, at24)).toEqual([]);
  });

  it('[JC2] each parameter of the profile is looked at', () => {
    expect(patched('SIZ', 5, 0)).toEqual(['mismatched_profile']);
    expect(patched('SIZ', 40, 9)).toEqual(['mismatched_bit_depth']);
    expect(patched('SIZ', 40, 0x8b)).toEqual(['mismatched_bit_depth']);
    expect(patched('COD', 4, 7)).toEqual(['unexpected_packet_markers']);
    expect(patched('COD', 5, 0)).toEqual(['mismatched_progression']);
    expect(patched('COD', 7, 2)).toEqual(['mismatched_layers']);
    expect(patched('COD', 8, 0)).toEqual(['missing_colour_transform']);
    expect(patched('COD', 10, 4)).toEqual(['mismatched_block_size']);
    expect(patched('COD', 12, 1)).toEqual(['unexpected_block_style']);
    expect(patched('COD', 13, 1)).toEqual(['mismatched_wavelet']);
    expect(patched('COD', 14, 0x88)).toEqual(['mismatched_precincts']);
    expect(patched('QCD', 4, 0x42)).toEqual(['mismatched_guard_bits']);
    expect(patched('QCD', 4, 0x21)).toEqual(['mismatched_quantisation']);
    expect(patched('TLM', 8, 1)).toEqual(['mismatched_part_lengths']);
    expect(patched('COM', 1, 0x5e)).toContain('forbidden_marker');
    expect(patched('COM', 1, 0x58)).toEqual(['forbidden_marker']);
  });

  it('[JC3] what is wanted depends on the use', () => {
    const codes = (bytes: Uint8Array, options: Parameters<typeof checkCinema>[1]) =>
      checkCinema(bytes, options).map((each) => each.code);
    expect(codes(frame, { ...at24, frameRate: ratio(30) })).toEqual(['unexpected_frame_rate']);
    expect(codes(frame, { ...at24, bitRateMbit: 0.001 })).toEqual([
      'excessive_frame_bytes',
      'excessive_component_bytes',
      'excessive_component_bytes',
      'excessive_component_bytes',
    ]);
    expect(codes(frame, { resolution: '4k', frameRate: ratio(24), stereo: true })).toEqual([
      'mismatched_profile',
      'unexpected_picture_size',
      'mismatched_levels',
      'mismatched_guard_bits',
      'missing_progression_change',
      'mismatched_tile_parts',
      'unexpected_stereo',
    ]);
    const small = picture({ width: 90, height: 60, components: 3, bitDepth: 12, material: 'flat' });
    const lossless = encoder.encode(small, {
      origin: { x: 1, y: 1 },
      tileWidth: 64,
      tileHeight: 64,
    });
    expect(codes(lossless, at24)).toEqual(
      expect.arrayContaining([
        'mismatched_profile',
        'unexpected_origin',
        'unexpected_tiles',
        'mismatched_wavelet',
      ]),
    );
    expect(checkCinema(frame.slice(0, -2), { ...at24, at: { frame: 7 } })).toMatchObject([
      { code: 'truncated_codestream', at: { frame: 7 } },
      { code: 'missing_end_marker', at: { frame: 7 } },
    ]);
  });

  it('[JC4] every code has words in both languages, and none is idle', () => {
    const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
      .filter(
        (name) => name.endsWith('.ts') && !name.endsWith('codes.ts') && !name.includes('generated'),
      )
      .map((name) => readFileSync(join(folder, 'src', name), 'utf8'))
      .join('\n');
    const pattern = /(?:Fault|finding|refuse|error|warning|note|equal)\(\s*'([a-z]+(?:_[a-z]+)+)'/g;
    const emitted = new Set([...sources.matchAll(pattern)].map((match) => match[1]!));
    expect([...emitted].sort()).toEqual(Object.keys(FINDING_TEXTS).sort());
    for (const text of Object.values(FINDING_TEXTS)) {
      expect(text.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(text.en).toMatch(/^[A-Z{]/);
    }
  });

  it('[JC6] every rule of the specification has a test, and no test an unknown rule', () => {
    const rules = new Set(
      readFileSync(join(folder, 'SPEC.md'), 'utf8')
        .match(/^- \*\*\[J[KDC]\d+\]/gm)
        ?.map((each) => each.slice(5, -1)),
    );
    const tested = new Set(
      readdirSync(join(folder, 'test'))
        .flatMap((name) => [
          ...readFileSync(join(folder, 'test', name), 'utf8').matchAll(/'\[(J[KDC]\d+)\]/g),
        ])
        .map((match) => match[1]!),
    );
    expect([...rules].sort()).toEqual([...tested].sort());
    expect(rules.size).toBeGreaterThan(20);
  });
});
