import { describe, expect, it } from 'vitest';
import { writeXml } from '@yinglian/xml';
import {
  compositionDocument,
  packingListDocument,
  readAssetMap,
  readComposition,
  readPackingList,
  readVolumeIndex,
  writeAssetMap,
  writeVolumeIndex,
} from '../src/index.ts';
import { fixture, fixtureFolder, HAS_FIXTURES } from './fixtures.ts';

const codes = (findings: readonly { code: string; facts: unknown }[]) =>
  findings.map((each) => `${each.code} ${JSON.stringify(each.facts)}`);

describe.skipIf(!HAS_FIXTURES)('documents of other makers', () => {
  it('[DCP30] documents of whole packages are read without a fault of form', () => {
    for (const folder of ['generated/dcp', 'libdcp/ref-DCP', 'clairmeta-data/ECL']) {
      let count = 0;
      for (const [path, bytes] of fixtureFolder(folder)) {
        const name = path.slice(path.lastIndexOf('/') + 1);
        const outcome = name.startsWith('ASSETMAP')
          ? readAssetMap(bytes, name)
          : name.startsWith('VOLINDEX')
            ? readVolumeIndex(bytes, name)
            : /^pkl.*xml$/i.test(name)
              ? readPackingList(bytes, name)
              : /^cpl.*xml$/i.test(name)
                ? readComposition(bytes, name)
                : undefined;
        if (outcome === undefined) continue;
        count++;
        const expected: string[] = [];
        expect([path, outcome.ok, codes(outcome.findings)]).toEqual([path, true, expected]);
      }
      expect(count).toBeGreaterThan(10);
    }
  });

  it('[DCP31] what is read and written again is read as the same', () => {
    let count = 0;
    for (const [path, bytes] of [
      ...fixtureFolder('generated/dcp'),
      ...fixtureFolder('libdcp/ref-DCP'),
      ...fixtureFolder('clairmeta-data/ECL'),
      ...fixtureFolder('node-cpl'),
    ]) {
      if (!/\.xml$|ASSETMAP$/.test(path)) continue;
      const map = readAssetMap(bytes, path);
      if (map.ok) {
        const again = readAssetMap(writeAssetMap(map.value), path);
        expect(again.ok && again.value).toEqual(map.value);
        count++;
      }
      const list = readPackingList(bytes, path);
      if (list.ok) {
        const again = readPackingList(writeXml(packingListDocument(list.value.model)), path);
        expect(again.ok && again.value.model).toEqual({ ...list.value.model, signed: false });
        count++;
      }
      const composition = readComposition(bytes, path);
      if (composition.ok) {
        const again = readComposition(writeXml(compositionDocument(composition.value.model)), path);
        if (!again.ok) throw new Error(path);
        const order = (model: typeof composition.value.model) => ({
          ...model,
          signed: false,
          reels: model.reels.map((reel) => ({
            ...reel,
            assets: [...reel.assets].sort((a, b) => (a.id < b.id ? -1 : 1)),
          })),
        });
        expect(order(again.value.model), path).toEqual(order(composition.value.model));
        count++;
      }
    }
    expect(count).toBeGreaterThan(60);
  });

  it('[DCP32] real compositions with prefixes and ratios are read', () => {
    const prefixed = readVolumeIndex(
      fixture('clairmeta-data/XML/VOLINDEX_SMPTE_NSPREFIX.xml'),
      'VOLINDEX.xml',
    );
    expect(prefixed.ok && prefixed.value).toBe(1);
    const rational = readComposition(
      fixture('clairmeta-data/XML/CPL_SMPTE_FRAMERATE_RATIONAL.xml'),
      'cpl.xml',
    );
    expect(rational.ok).toBe(true);
  });
});

describe('documents', () => {
  it('[DCP33] schema faults name element and place', () => {
    const text = new TextDecoder().decode(writeVolumeIndex('smpte', 1));
    const broken = readVolumeIndex(
      new TextEncoder().encode(
        text.replace('<Index>1</Index>', '<Other/><Index>x</Index><Index>1</Index>'),
      ),
      'VOLINDEX.xml',
    );
    expect(codes(broken.findings)).toEqual([
      'unexpected_element {"element":"Other","parent":"VolumeIndex"}',
      'invalid_value {"element":"Index","value":"x","type":"positive"}',
      'duplicate_element {"element":"Index","parent":"VolumeIndex"}',
    ]);
    expect(broken.findings[0]!.at).toMatchObject({ file: 'VOLINDEX.xml', line: 3 });
  });

  it('[DCP34] a byte order mark is reported and reading goes on', () => {
    const bytes = writeVolumeIndex('interop', 3);
    const marked = readVolumeIndex(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes]), 'VOLINDEX');
    expect(marked.ok && marked.value).toBe(3);
    expect(marked.findings.map((each) => each.code)).toEqual(['unexpected_byte_order_mark']);
  });

  it('[DCP35] an unknown namespace is refused by name', () => {
    const bytes = new TextEncoder().encode('<AssetMap xmlns="http://example.org/2050/AM"/>');
    const outcome = readAssetMap(bytes, 'ASSETMAP.xml');
    expect(outcome.ok).toBe(false);
    expect(outcome.findings[0]).toMatchObject({
      code: 'unknown_namespace',
      facts: { namespace: 'http://example.org/2050/AM' },
    });
  });
});
