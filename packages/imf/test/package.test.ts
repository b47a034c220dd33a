import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, digest, encodeUtf8, memoryFolder, toBase64 } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { verifyImf } from '../src/index.ts';
import { composition, uuid } from './sample.ts';

const SHA256 = '<HashAlgorithm Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>';
const codes = (findings: readonly { code: string }[]) => findings.map((each) => each.code);

function edit(name: string, from: string, to: string) {
  return (files: Map<string, Uint8Array>) =>
    files.set(name, encodeUtf8(decodeUtf8(files.get(name)!)!.replace(from, to)));
}

describe('packages', () => {
  const hash = (bytes: Uint8Array, name: 'sha1' | 'sha256' = 'sha1') =>
    toBase64(digest(nodeCryptography, name, bytes));

  /** A package of a composition and files that are no MXF. */
  function packaged(
    files: Readonly<Record<number, Uint8Array>>,
    algorithm: 'sha1' | 'sha256' = 'sha1',
    change?: (xml: string) => string,
  ) {
    const cpl = composition(change);
    const modern = algorithm === 'sha256';
    const asset = (id: number, bytes: Uint8Array, type: string) =>
      `<Asset><Id>urn:uuid:${uuid(id)}</Id><Hash>${hash(bytes, algorithm)}</Hash>` +
      `<Size>${bytes.length}</Size>` +
      `<Type>${type}</Type>${modern ? SHA256 : ''}</Asset>`;
    const all = Object.entries(files).map(([id, bytes]) => [Number(id), bytes] as const);
    const namespace = modern
      ? 'http://www.smpte-ra.org/schemas/2067-2/2016/PKL'
      : 'http://www.smpte-ra.org/schemas/429-8/2007/PKL';
    const list = encodeUtf8(
      `<PackingList xmlns="${namespace}"><Id>urn:uuid:${uuid(8)}</Id>` +
        `<IssueDate>2026-01-01T00:00:00Z</IssueDate>` +
        `<Issuer>i</Issuer><Creator>c</Creator><AssetList>${asset(9, cpl, 'text/xml')}` +
        all.map(([id, bytes]) => asset(id, bytes, 'application/octet-stream')).join('') +
        '</AssetList></PackingList>',
    );
    const chunk = (id: number, path: string, extra = '') =>
      `<Asset><Id>urn:uuid:${uuid(id)}</Id>${extra}<ChunkList><Chunk><Path>${path}</Path>` +
      `</Chunk></ChunkList></Asset>`;
    const map = encodeUtf8(
      `<AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM">` +
        `<Id>urn:uuid:${uuid(6)}</Id>` +
        `<Creator>c</Creator><VolumeCount>1</VolumeCount>` +
        `<IssueDate>2026-01-01T00:00:00Z</IssueDate>` +
        `<Issuer>i</Issuer>` +
        `<AssetList>${chunk(8, 'pkl.xml', '<PackingList>true</PackingList>')}` +
        chunk(9, 'cpl.xml') +
        `${all.map(([id]) => chunk(id, `${id}.bin`)).join('')}</AssetList></AssetMap>`,
    );
    const volume = encodeUtf8(
      '<VolumeIndex xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><Index>1</Index>' +
        '</VolumeIndex>',
    );
    return new Map<string, Uint8Array>([
      ['ASSETMAP.xml', map],
      ['VOLINDEX.xml', volume],
      ['pkl.xml', list],
      ['cpl.xml', cpl],
      ...all.map(([id, bytes]) => [`${id}.bin`, bytes] as const),
    ]);
  }
  const WHOLE = { 21: Uint8Array.of(1, 2, 3), 22: Uint8Array.of(4, 5) };
  const verified = async (files: Map<string, Uint8Array>, others: Map<string, Uint8Array>[] = []) =>
    verifyImf(memoryFolder(files), nodeCryptography, {
      others: others.map((each) => memoryFolder(each)),
    });

  it.each(['sha1', 'sha256'] as const)(
    '[IM10] a whole package with %s has no finding',
    async (name) => {
      const report = await verified(packaged(WHOLE, name));
      expect(report.findings).toEqual([]);
      expect(report.checked.hashes).toBe(3);
      expect(report.compositions[0]!.duration).toBe('480');
    },
  );

  it.each([
    [
      'mismatched_hash',
      (files: Map<string, Uint8Array>) => files.set('21.bin', Uint8Array.of(1, 2, 4)),
    ],
    ['mismatched_size', (files: Map<string, Uint8Array>) => files.set('21.bin', Uint8Array.of(1))],
    ['missing_asset_file', (files: Map<string, Uint8Array>) => files.delete('22.bin')],
    ['missing_asset_map', (files: Map<string, Uint8Array>) => files.delete('ASSETMAP.xml')],
    ['missing_volume_index', (files: Map<string, Uint8Array>) => files.delete('VOLINDEX.xml')],
    ['invalid_asset_path', edit('ASSETMAP.xml', '21.bin', '../21.bin')],
    ['missing_mapped_asset', edit('ASSETMAP.xml', uuid(22), uuid(23))],
    ['unpacked_asset', edit('pkl.xml', uuid(22), uuid(23))],
    [
      'mismatched_document_id',
      edit('cpl.xml', `<Id>urn:uuid:${uuid(9)}`, `<Id>urn:uuid:${uuid(5)}`),
    ],
    ['duplicate_asset_id', edit('ASSETMAP.xml', uuid(22), uuid(21))],
    ['missing_packing_list', edit('ASSETMAP.xml', '<PackingList>true</PackingList>', '')],
    ['invalid_track_file', edit('pkl.xml', 'application/octet-stream', 'application/mxf')],
    ['mismatched_asset_type', edit('pkl.xml', 'text/xml', 'application/x')],
  ])('[IM10] %s', async (code, change) => {
    const files = packaged(WHOLE);
    change(files);
    const { findings } = await verified(files);
    expect(codes(findings)).toContain(code);
    expect(findings.find((each) => each.code === code)?.clause).toMatch(/^ST \d/);
  });

  it.each(['sha1', 'sha256'] as const)(
    '[IM10] what a composition says of a file is held to its SHA-1, also with %s',
    async (name) => {
      const named = (of: number, hash: string) => (xml: string) =>
        xml.replaceAll(
          `<TrackFileId>urn:uuid:${uuid(of)}</TrackFileId>`,
          `<TrackFileId>urn:uuid:${uuid(of)}</TrackFileId><Hash>${hash}</Hash>`,
        );
      const right = toBase64(digest(nodeCryptography, 'sha1', WHOLE[21]));
      const told = async (hash: string) =>
        codes((await verified(packaged(WHOLE, name, named(21, hash)))).findings);
      expect(await told(right)).toEqual([]);
      expect(await told(toBase64(new Uint8Array(20)))).toEqual(['mismatched_resource_hash']);
    },
  );

  it('[IM11] a supplemental package is told, and found with its other half', async () => {
    const alone = await verified(packaged({ 21: WHOLE[21] }));
    expect(alone.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['external_asset', 'note'],
    ]);
    expect(alone.compositions[0]!.externalAssets).toEqual([uuid(22)]);
    expect((await verified(packaged({ 21: WHOLE[21] }), [packaged(WHOLE)])).findings).toEqual([]);
  });

  it('[IM4] a package with any document mutated gets a report', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('ASSETMAP.xml', 'pkl.xml', 'cpl.xml'),
        fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (name, changes) => {
          const files = packaged(WHOLE);
          const bytes = files.get(name)!.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          files.set(name, bytes);
          expect((await verified(files)).checked.files).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});
