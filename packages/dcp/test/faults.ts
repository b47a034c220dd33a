import { digest, memoryFolder, toBase64 } from '@yinglian/core';
import {
  buildPackage,
  type BuiltPackage,
  channelLayout,
  type EssenceSources,
  type PackagePlan,
} from '../src/index.ts';
import { cryptography, fixture, fixtureSigner, seeded } from './fixtures.ts';

/** One deliberate fault in a package that is otherwise right, and the code that must tell it. */
export type Fault = {
  readonly name: string;
  readonly code: string;
  /** Which package it is done to. */
  readonly base?: BaseName;
  /** Another profile than Bv2.1, under which the fault counts. */
  readonly apply: (target: Target) => void;
};

export type BaseName = 'plain' | 'signed' | 'encrypted' | 'interop' | 'text' | 'stereoscopic';

const DATE = '2026-11-22T20:46:31+00:00';

export const PLAN: PackagePlan = {
  title: 'Faulty_SHR-1_F_EN-XX_US-G_51_2K_DLB_20261122_DLB_SMPTE_OV',
  issueDate: DATE,
  issuer: 'Yinglian',
  creator: 'Yinglian dcp',
  contentKind: { value: 'short' },
  editRate: { numerator: 24, denominator: 1 },
  reels: [
    { picture: { source: 'picture' }, sound: { source: 'sound', language: 'en-US' } },
    { picture: { source: 'picture' }, sound: { source: 'sound', language: 'en-US' } },
  ],
};

const FONT = '11111111-1111-4111-8111-111111111111';
export const TEXT_ID = '22222222-2222-4222-8222-222222222222';

/** A SMPTE timed text document; `change` edits its XML. */
export function textDocument(change: (xml: string) => string = (xml) => xml): Uint8Array {
  const events = [
    ['00:00:05:00', '00:00:06:00', 'First line'],
    ['00:00:07:00', '00:00:08:00', 'Second line'],
  ].map(
    ([from, to, line], i) =>
      `<Subtitle SpotNumber="${i + 1}" TimeIn="${from}" TimeOut="${to}">` +
      `<Text Valign="bottom" Vposition="8">${line}</Text></Subtitle>`,
  );
  return new TextEncoder().encode(
    change(`<?xml version="1.0" encoding="UTF-8"?>
<SubtitleReel xmlns="http://www.smpte-ra.org/schemas/428-7/2014/DCST">
<Id>urn:uuid:${TEXT_ID}</Id>
<ContentTitleText>Faulty</ContentTitleText>
<IssueDate>2026-11-22T20:46:31+00:00</IssueDate>
<ReelNumber>1</ReelNumber>
<Language>en-US</Language>
<EditRate>24 1</EditRate>
<TimeCodeRate>24</TimeCodeRate>
<StartTime>00:00:00:00</StartTime>
<LoadFont ID="font">urn:uuid:${FONT}</LoadFont>
<SubtitleList><Font ID="font">
${events.join('\n')}
</Font></SubtitleList>
</SubtitleReel>`),
  );
}

export type SourceChanges = {
  readonly frame?: (frame: Uint8Array) => Uint8Array;
  readonly frames?: number;
  readonly stereoscopic?: boolean;
  readonly channels?: Parameters<typeof channelLayout>[0] | 'none';
  readonly text?: (xml: string) => string;
  readonly resources?: boolean;
};

export function sourcesOf(changes: SourceChanges = {}): EssenceSources {
  const original = fixture('generated/j2k/1998x1080-cinema2k-gb1.j2c');
  const frame = changes.frame?.(original.slice()) ?? original;
  const count = changes.frames ?? 24;
  const layout = changes.channels === 'none' ? undefined : channelLayout(changes.channels ?? '51');
  const channelCount = layout?.slots.length ?? 6;
  const text = textDocument(changes.text);
  return {
    picture: {
      kind: 'codestreams',
      stereoscopic: changes.stereoscopic === true,
      frames: () =>
        Array.from({ length: count * (changes.stereoscopic === true ? 2 : 1) }, () => frame),
    },
    sound: {
      kind: 'pcm',
      samplingRateHz: 48_000,
      channelCount,
      samples: () => [new Uint8Array(2000 * count * channelCount * 3)],
      ...(layout === undefined ? {} : { layout }),
    },
    text: {
      kind: 'timed_text',
      document: text,
      documentId: TEXT_ID,
      durationFrames: count,
      resources:
        changes.resources === false
          ? []
          : [
              {
                id: FONT,
                mediaType: 'application/x-font-opentype',
                bytes: new Uint8Array([0x4f, 0x54, 0x54, 0x4f, ...new Uint8Array(100)]),
              },
            ],
    },
  };
}

export async function build(
  plan: Partial<PackagePlan> = {},
  changes: SourceChanges = {},
  signed = false,
): Promise<Target> {
  const folder = memoryFolder();
  const outcome = await buildPackage({ ...PLAN, ...plan }, sourcesOf(changes), folder, {
    cryptography,
    random: seeded('fault'),
    ...(signed ? { signer: fixtureSigner('filmnet') } : {}),
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
  return new Target(folder.files, outcome.value);
}

const TEXT_FRAMES = 24 * 10;

export const BASES: Record<BaseName, () => Promise<Target>> = {
  plain: () => build(),
  signed: () => build({}, {}, true),
  encrypted: () => build({ encrypted: true }, {}, true),
  interop: () =>
    build({
      standard: 'interop',
      title: 'Faulty_SHR-1_F_EN-XX_US-G_51_2K_DLB_20261122_DLB_IOP_OV',
    }),
  text: () =>
    build(
      {
        reels: [
          {
            picture: { source: 'picture' },
            sound: { source: 'sound', language: 'en-US' },
            subtitle: { source: 'text', language: 'en-US' },
          },
        ],
        title: 'Faulty_SHR-1_F_EN-EN_US-G_51_2K_DLB_20261122_DLB_SMPTE_OV',
      },
      { frames: TEXT_FRAMES },
    ),
  stereoscopic: () =>
    build(
      {
        title: 'Faulty_SHR-1-3D_F_EN-XX_US-G_51_2K_DLB_20261122_DLB_SMPTE-3D_OV',
      },
      { stereoscopic: true },
    ),
};

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A built package whose files can be changed, with hashes and sizes put right afterwards. */
export class Target {
  readonly files: Map<string, Uint8Array>;
  readonly built: BuiltPackage;

  constructor(files: Map<string, Uint8Array>, built: BuiltPackage) {
    this.files = files;
    this.built = built;
  }

  copy(): Target {
    return new Target(
      new Map([...this.files].map(([path, bytes]) => [path, bytes.slice()])),
      this.built,
    );
  }

  path(begin: string, index = 0): string {
    const found = [...this.files.keys()].filter((path) => path.startsWith(begin))[index];
    if (found === undefined) throw new Error(`no file ${begin}`);
    return found;
  }

  /** Changes a text; the change must change something. */
  edit(begin: string, change: (text: string) => string, index = 0): void {
    const path = this.path(begin, index);
    const before = decode(this.files.get(path)!);
    const after = change(before);
    if (before === after) throw new Error(`nothing changed in ${path}`);
    this.files.set(path, encode(after));
  }

  /** Changes a CPL and renews what others say of it. */
  cpl(change: (text: string) => string): void {
    this.edit('cpl_', change);
    this.renew();
  }

  pkl(change: (text: string) => string): void {
    this.edit('pkl_', change);
    this.renew();
  }

  map(change: (text: string) => string): void {
    this.edit('ASSETMAP', change);
  }

  /** Changes the bytes of a track file and renews all hashes. */
  mxf(begin: string, change: (bytes: Uint8Array) => Uint8Array, index = 0): void {
    const path = this.path(begin, index);
    const before = this.files.get(path)!;
    const after = change(before.slice());
    if (Buffer.compare(before, after) === 0) throw new Error(`nothing changed in ${path}`);
    this.files.set(path, after);
    this.renew();
  }

  /** Hashes and sizes in CPL, PKL and map as the files now are. */
  renew(): void {
    const hash = (path: string) => toBase64(digest(cryptography, 'sha1', this.files.get(path)!));
    for (const file of this.built.files) {
      if (!this.files.has(file.path) || !file.path.endsWith('.mxf')) continue;
      this.#rewrite('cpl_', file.id, (entry) =>
        entry.replace(/<Hash>[^<]*</, `<Hash>${hash(file.path)}<`),
      );
    }
    for (const file of this.built.files) {
      if (!this.files.has(file.path)) continue;
      this.#rewrite('pkl_', file.id, (entry) =>
        entry
          .replace(/<Hash>(?!keep)[^<]*</, `<Hash>${hash(file.path)}<`)
          .replace(/<Size>[^<]*</, `<Size>${this.files.get(file.path)!.length}<`),
      );
    }
    for (const file of this.built.files) {
      if (!this.files.has(file.path)) continue;
      this.#rewrite('ASSETMAP', file.id, (entry) =>
        entry.replace(/<Length>[^<]*</, `<Length>${this.files.get(file.path)!.length}<`),
      );
    }
  }

  /** The part of a document from an id up to the next one. */
  #rewrite(begin: string, id: string, change: (entry: string) => string): void {
    const path = this.path(begin);
    const text = decode(this.files.get(path)!);
    const parts = text.split(/(?=<Id>urn:uuid:)/);
    const changed = parts.map((part) =>
      part.startsWith(`<Id>urn:uuid:${id}<`) ? change(part) : part,
    );
    this.files.set(path, encode(changed.join('')));
  }
}

/** Replaces hex bytes; all places, or only the one counted from 0. */
export function patch(bytes: Uint8Array, from: string, to: string, only?: number): Uint8Array {
  const hex = Buffer.from(bytes).toString('hex');
  let count = 0;
  let at = 0;
  let out = '';
  for (;;) {
    const found = hex.indexOf(from, at);
    if (found < 0) break;
    if (found % 2 !== 0) {
      out += hex.slice(at, found + 1);
      at = found + 1;
      continue;
    }
    out += hex.slice(at, found) + (only === undefined || count === only ? to : from);
    count++;
    at = found + from.length;
  }
  return new Uint8Array(Buffer.from(out + hex.slice(at), 'hex'));
}
