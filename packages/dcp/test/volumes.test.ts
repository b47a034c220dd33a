import { decodeUtf8, encodeUtf8, memoryFolder } from '@yinglian/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  comparePackages,
  joinVolumes,
  mountVolumes,
  rewrapPackage,
  verifyPackage,
} from '../src/index.ts';
import { joinedSource } from '../src/volumes.ts';
import { build, type Target } from './faults.ts';
import { cryptography, HAS_FIXTURES, seeded } from './fixtures.ts';

type Files = Map<string, Uint8Array>;
type Divided = { readonly first: Files; readonly second: Files };

const indexOf = (bytes: Uint8Array, volume: number) =>
  encodeUtf8(decodeUtf8(bytes)!.replace(/<Index>\d+</, `<Index>${volume}<`));

const chunk = (path: string, volume: number, offset: number, length: number) =>
  `<Chunk><Path>${path}</Path><VolumeIndex>${volume}</VolumeIndex><Offset>${offset}</Offset>` +
  `<Length>${length}</Length></Chunk>`;

/** The package on two disks: sound on the second, the picture cut in two. */
function divide(target: Target, edit: (map: string) => string = (map) => map): Divided {
  const first: Files = new Map(target.files);
  const second: Files = new Map();
  const sound = target.path('sound_');
  const picture = target.path('picture_');
  const bytes = first.get(picture)!;
  const cut = Math.floor(bytes.length / 3);
  second.set(sound, first.get(sound)!);
  second.set('rest.mxf', bytes.subarray(cut));
  first.set(picture, bytes.subarray(0, cut));
  first.delete(sound);
  const map = decodeUtf8(first.get('ASSETMAP.xml')!)!
    .replace('<VolumeCount>1<', '<VolumeCount>2<')
    .replace(new RegExp(`(<Path>${sound}</Path>\\s*<VolumeIndex>)1<`), '$12<')
    .replace(
      new RegExp(`<Chunk>\\s*<Path>${picture}</Path>[\\s\\S]*?</Chunk>`),
      // The pieces need not be listed in their order.
      chunk('rest.mxf', 2, cut, bytes.length - cut) + chunk(picture, 1, 0, cut),
    );
  first.set('ASSETMAP.xml', encodeUtf8(edit(map)));
  second.set('ASSETMAP.xml', first.get('ASSETMAP.xml')!);
  second.set('VOLINDEX.xml', indexOf(first.get('VOLINDEX.xml')!, 2));
  return { first, second };
}

const judge = async (folder: ReturnType<typeof memoryFolder> | ReturnType<typeof mountVolumes>) => {
  const report = await verifyPackage(folder, { cryptography });
  return { report, codes: [...new Set(report.findings.map((each) => each.code))] };
};

describe.skipIf(!HAS_FIXTURES)('packages on several volumes', () => {
  let target: Target;
  let whole: readonly string[];
  beforeAll(async () => {
    target = await build({}, { frames: 4 });
    whole = (await judge(memoryFolder(target.files))).codes;
  });
  const mounted = ({ first, second }: Divided) =>
    mountVolumes([memoryFolder(first), memoryFolder(second)]);

  it('[DCP91] volumes from several folders are judged as one package', async () => {
    const { report, codes } = await judge(mounted(divide(target)));
    expect(codes.filter((code) => !whole.includes(code))).toEqual(['split_asset']);
    expect(report.packages).toHaveLength(1);
    const plain = await verifyPackage(memoryFolder(target.files), { cryptography });
    expect(report.checked.frames).toBe(plain.checked.frames);
    const hashes = (of: typeof report) => of.assets.map((each) => each.hash).sort();
    expect(hashes(report)).toEqual(hashes(plain));
  });

  it('[DCP91] a folder for each volume in one does as well, with files of one name', async () => {
    const { first, second } = divide(target, (map) => map.replace('rest.mxf', 'picture.mxf'));
    second.set('picture.mxf', second.get('rest.mxf')!);
    second.delete('rest.mxf');
    const files: Files = new Map();
    for (const [path, bytes] of first) files.set(`film/DISK 1/${path}`, bytes);
    for (const [path, bytes] of second) files.set(`film/DISK 2/${path}`, bytes);
    const { codes } = await judge(memoryFolder(files));
    expect(codes.filter((code) => !whole.includes(code))).toEqual(['split_asset']);
  });

  it('[DCP91] volumes copied together or without a map of their own are one', async () => {
    const { first, second } = divide(target);
    const together: Files = new Map([...second, ...first]);
    const copied = await judge(memoryFolder(together));
    expect(copied.codes.filter((code) => !whole.includes(code))).toEqual(['split_asset']);
    second.delete('ASSETMAP.xml');
    const bare = await judge(mounted({ first, second }));
    expect(bare.codes.filter((code) => !whole.includes(code))).toEqual(['split_asset']);
  });

  it('[DCP92] a volume that is missing, doubled or of another set is told', async () => {
    const { first, second } = divide(target);
    const alone = await judge(memoryFolder(first));
    expect(alone.codes).toContain('missing_volume');
    expect(alone.codes).toContain('other_volume_asset');
    const last = await judge(memoryFolder(second));
    expect(last.codes).toContain('missing_volume');
    const doubled = new Map(second).set('VOLINDEX.xml', first.get('VOLINDEX.xml')!);
    expect((await judge(mounted({ first, second: doubled }))).codes).toContain('duplicate_volume');
    const third = new Map(second).set('VOLINDEX.xml', indexOf(first.get('VOLINDEX.xml')!, 3));
    const beyond = await judge(mounted({ first, second: third }));
    expect(beyond.codes).toContain('excessive_volume_index');
    const other = new Map(second);
    other.set(
      'ASSETMAP.xml',
      encodeUtf8(decodeUtf8(second.get('ASSETMAP.xml')!)!.replace('rest.mxf', 'best.mxf')),
    );
    expect((await judge(mounted({ first, second: other }))).codes).toContain(
      'mismatched_volume_map',
    );
    const single = new Map(target.files);
    single.set('VOLINDEX.xml', indexOf(single.get('VOLINDEX.xml')!, 2));
    expect((await judge(memoryFolder(single))).codes).toContain('excessive_volume_index');
  });

  it('[DCP92] chunks that do not join are told and never guessed', async () => {
    const gap = divide(target, (map) => map.replace(/<Offset>([1-9]\d*)</, '<Offset>9$1<'));
    const { codes, report } = await judge(mounted(gap));
    expect(codes).toContain('discontinuous_chunks');
    expect(report.findings.some((each) => each.severity === 'error')).toBe(true);
  });

  it('[DCP91] they are compared and encrypted like any other', async () => {
    const divided = mounted(divide(target));
    const same = await comparePackages(divided, memoryFolder(target.files), { cryptography });
    expect(same.filter((each) => each.severity === 'error')).toEqual([]);
    const to = memoryFolder();
    const outcome = await rewrapPackage(
      divided,
      to,
      { cryptography, random: seeded('volumes') },
      { to: 'plain', issueDate: '2026-11-23T00:00:00+00:00', issuer: 'a', creator: 'b' },
    );
    expect(outcome.findings).toEqual([]);
    expect((await judge(to)).codes.filter((code) => !whole.includes(code))).toEqual([]);
  });

  it('[DCP91] a folder without volumes comes back as it is', async () => {
    const folder = memoryFolder(target.files);
    expect(await joinVolumes(folder)).toEqual({ folder, findings: [] });
  });

  it('[DCP91] pieces read as one, wherever they are read', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(90), fc.nat(90), async (parts, offset, length) => {
        const sources = parts.map((bytes) => ({
          sizeBytes: bytes.length,
          read: async (from: number, count: number) => bytes.subarray(from, from + count),
        }));
        const all = Uint8Array.from(parts.flatMap((part) => [...part]));
        const joined = joinedSource(sources);
        expect(joined.sizeBytes).toBe(all.length);
        expect([...(await joined.read(offset, length))]).toEqual([
          ...all.subarray(offset, offset + length),
        ]);
      }),
    );
  });
});
