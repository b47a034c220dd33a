import { type Finding, type Outcome, ratio } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addTime,
  atRate,
  clip,
  compareTime,
  external,
  formatDouble,
  type JsonValue,
  missing,
  otioObject,
  range,
  rateOfDouble,
  readJson,
  readOtio,
  readOtiod,
  readOtioText,
  readOtioz,
  secondsOf,
  simpleRatio,
  subtractTime,
  time,
  timeline,
  type TimelineObject,
  track,
  writeJson,
  writeOtio,
  writeOtiod,
  writeOtioText,
  writeOtioz,
} from '../src/index.ts';
import { memoryFolder, memorySource } from '@yinglian/core';
import { ABSENT, codes, fixture, fixtures, value } from './support.ts';
import { zipSync } from 'fflate';

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe.skipIf(ABSENT !== '')('documents of OpenTimelineIO', () => {
  it('[TL1] gives back what 0.18.1 wrote to the byte', () => {
    const files = fixtures('golden-otio-0.18.1/full', /\.otio$/);
    expect(files.length).toBe(84);
    for (const file of files) {
      const bytes = fixture(file);
      const compact = !bytes.subarray(0, 50).includes(10);
      const written = writeOtioText(value(readOtio(bytes)), compact ? 'compact' : 'indented');
      expect(written === decode(bytes).trimEnd(), file).toBe(true);
    }
  });

  it('[TL1] every other document is the same after one pass', () => {
    const files = [...fixtures('otio', /\.(?:otio|json)$/), ...fixtures('aaf', /\.otio$/)];
    expect(files.length).toBeGreaterThan(40);
    for (const file of files) {
      const once = writeOtio(value(readOtio(fixture(file))));
      expect(decode(writeOtio(value(readOtio(once)))) === decode(once), file).toBe(true);
    }
  });

  it('[TL2] keeps integers beyond 2^53, NaN and infinities of the sample', () => {
    const text = writeOtioText(value(readOtio(fixture('otio/core/big_int.otio'))));
    expect(text).toContain('"int128": 170141183460469231731687303715884105728');
    expect(text).toContain('"floatinf": Infinity');
    expect(text).toContain('"floatnan": NaN');
  });
});

const values: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.bigInt(),
    fc.double(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value;

describe('exact JSON', () => {
  it('[TL2] what is written is read back the same', () => {
    fc.assert(
      fc.property(values, (json) => {
        for (const layout of ['indented', 'compact'] as const) {
          const text = writeJson(json, layout);
          expect(writeJson(value(readJson(text)), layout)).toBe(text);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('[TL2] agrees with JSON.parse on what that can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (json) => {
        const text = JSON.stringify(json);
        const back: unknown = JSON.parse(writeJson(value(readJson(text))));
        expect(back).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  it('[TL2] tells 24 from 24.0 and keeps every digit', () => {
    const text = '{"a":24,"b":24.0,"c":9007199254740993,"d":-0.0,"e":1e400}';
    expect(writeJson(value(readJson(text)), 'compact')).toBe(
      '{"a":24,"b":24.0,"c":9007199254740993,"d":-0.0,"e":Infinity}',
    );
    expect([1e21, 1e-7, 0.1, 5].map(formatDouble)).toEqual(['1e21', '1e-7', '0.1', '5.0']);
    expect(writeJson('\ud800\u0001', 'compact')).toBe('"\\uD800\\u0001"');
  });

  it.each([
    ['', 'empty_timeline_file'],
    ['{', 'truncated_json'],
    ['{"a":1,}', 'malformed_json'],
    ['[1 2]', 'malformed_json'],
    ['01', 'malformed_json'],
    ['"a', 'truncated_json'],
    ['nul', 'malformed_json'],
    ['['.repeat(100_000), 'excessive_json_depth'],
    ['9'.repeat(1000), 'excessive_number_length'],
  ])('[TL2] refuses %.12s with a place', (text, code) => {
    const read = readJson(text);
    expect(read.ok).toBe(false);
    expect(codes(read)).toEqual([code]);
    expect(read.findings[0]!.at).toHaveProperty('line');
  });
});

/** The slow way: all JSON first. */
function readWhole(text: string): Outcome<TimelineObject> {
  const json = readJson(text);
  return json.ok ? otioObject(json.value, json.findings) : json;
}

function expectSame(text: string): void {
  const [quick, whole] = [readOtioText(text), readWhole(text)];
  const spoken = (outcome: Outcome<unknown>) =>
    outcome.findings.map((each) => writeFinding(each)).sort();
  expect(spoken(quick)).toEqual(spoken(whole));
  expect(quick.ok).toBe(whole.ok);
  if (quick.ok && whole.ok) expect(quick.value).toEqual(whole.value);
}

const writeFinding = (of: Finding) =>
  JSON.stringify(of, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));

const SHORT_CLIP = clip({
  name: '影',
  sourceRange: range(86_400, 24, rateOfDouble(24_000 / 1001)),
  metadata: { cmx_3600: { reel: 'A001', events: [7n, 1.5] } },
  media: { DEFAULT_MEDIA: external('file:///a.mov', { name: 'a' }), proxy: missing() },
});
const SPELLED = writeOtioText(timeline([track({ children: [SHORT_CLIP, SHORT_CLIP] })]));

describe('clips made while reading', () => {
  it.each([
    ['as written', '', ''],
    ['a comma too many', '"enabled": true,', '"enabled": true,,'],
    ['a comma too few', '"enabled": true,', '"enabled": true'],
    ['a comma at the end', '"active_media_reference_key": "DEFAULT_MEDIA"', '$&,'],
    ['a member twice', '"enabled": true,', '"enabled": true,"enabled": false,'],
    ['a name twice inside', '"reel": "A001"', '"reel": "A001", "reel": "B"'],
    ['members that nobody knows', '"enabled": true,', '"enabled": true,"later": 1,'],
    ['another order', '"enabled": true,', '$&"name": "again",'],
    ['no colour', '"color": null,', ''],
    ['a colour', '"color": null', '"color": {"OTIO_SCHEMA":"Color.1","r":1.0}'],
    ['a key that names nothing', '_key": "DEFAULT_MEDIA"', '_key": "none"'],
    ['a whole number for a time', '"value": 24.0', '"value": 24'],
    ['a negative length', '"value": 24.0', '"value": -24.0'],
    ['no sense in a rate', '"rate": 23.976023976023978', '"rate": NaN'],
    ['an unusual rate', '"rate": 23.976023976023978', '"rate": 23.98'],
    ['a word that goes on', '"available_range": null', '"available_range": nullx'],
    ['a newer clip', 'Clip.2', 'Clip.3'],
    ['an older clip', 'Clip.2', 'Clip.1'],
    ['another owner', 'Track.1', 'Timeline.1'],
    ['an unknown owner', 'Stack.1', 'Pile.1'],
    ['an owner that says who it is at the end', '"OTIO_SCHEMA": "Track.1",', ''],
    ['an owner that changes its mind', '"kind": "Video"', '"OTIO_SCHEMA": "Clip.9"'],
    ['effects', '"effects": []', '"effects": [{"OTIO_SCHEMA":"FreezeFrame.1"}]'],
    ['no UTF-8 where a name is', '影', '\\ud800'],
  ])('[TL6] %s', (_, from, to) => {
    expectSame(SPELLED.replaceAll(from === '' ? /$^/g : from, to));
  });

  it('[TL6] any damage is seen alike', () => {
    const pieces = ['', '"', ',', '{', '}', '[', 'null', '-1', '1e9', '"name": 5,', 'Gap.1', '\n'];
    const damage = fc.tuple(fc.nat(SPELLED.length), fc.nat(12), fc.constantFrom(...pieces));
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (all) => {
        let text = SPELLED;
        for (const [at, gone, put] of all) text = text.slice(0, at) + put + text.slice(at + gone);
        expectSame(text);
      }),
      { numRuns: Number(process.env['YINGLIAN_DAMAGE_RUNS'] ?? 300) },
    );
  });

  it.skipIf(ABSENT !== '')('[TL6] every document of the samples', () => {
    for (const file of fixtures('otio', /\.(?:otio|json)$/)) expectSame(decode(fixture(file)));
  });
});

describe('what is not known', () => {
  it('[TL3] keeps unknown schemas, newer versions and unknown members', () => {
    const text = writeJson(
      value(
        readJson(`{"OTIO_SCHEMA":"Timeline.1","metadata":{},"name":"t","global_start_time":null,
        "later":{"x":[1,2.0]},"tracks":{"OTIO_SCHEMA":"Stack.1","children":[
        {"OTIO_SCHEMA":"Hologram.7","z":1,"a":9007199254740993},
        {"OTIO_SCHEMA":"Clip.9","name":"new"},
        {"OTIO_SCHEMA":"Track.1","kind":"Smell","children":[5]}]}}`),
      ),
    );
    const read = readOtioText(text);
    expect(codes(read)).toEqual(['invalid_otio_member', 'unknown_otio_schema']);
    const written = writeOtioText(value(read));
    expect(written).toContain('"OTIO_SCHEMA": "Hologram.7"');
    expect(written).toContain('"a": 9007199254740993');
    expect(written).toContain('"OTIO_SCHEMA": "Clip.9"');
    expect(written).toContain('"later"');
    expect(written).toContain('"kind": "Smell"');
    expect(writeOtioText(value(readOtioText(written)))).toBe(written);
  });

  it('[TL3] nonsense in known members stays, with a finding', () => {
    const read = readOtioText('{"OTIO_SCHEMA":"Gap.1","name":7,"effects":"x","source_range":3}');
    expect(codes(read)).toEqual(['invalid_otio_member']);
    const written = writeOtioText(value(read), 'compact');
    expect(written).toContain('"yinglian_invalid_name":7');
    expect(readOtioText('[]').ok).toBe(false);
  });
});

describe('time', () => {
  it('[TL4] knows the 1001 family by its decimals', () => {
    expect([23.976, 23.98, 23.976023976023978, 29.97, 59.94].map(rateOfDouble)).toEqual([
      ratio(24_000, 1001),
      ratio(24_000, 1001),
      ratio(24_000, 1001),
      ratio(30_000, 1001),
      ratio(60_000, 1001),
    ]);
    expect(rateOfDouble(0)).toEqual(rateOfDouble(Number.NaN));
  });

  it('[TL4] sums and conversions lose nothing', () => {
    const times = fc
      .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.constantFrom(24, 25, 23.976, 29.97, 48_000))
      .map(([units, rate]) => time(units, rateOfDouble(rate)));
    fc.assert(
      fc.property(times, times, (a, b) => {
        expect(compareTime(subtractTime(addTime(a, b), b), a)).toBe(0);
        expect(secondsOf(atRate(a, b.rate))).toEqual(secondsOf(a));
      }),
      { numRuns: 300 },
    );
  });

  it('[TL4] finds the fraction a double stands for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 9999 }), (n, d) => {
        const found = simpleRatio(n / d);
        expect(Number(found.numerator) / Number(found.denominator)).toBe(n / d);
        expect(found.denominator <= BigInt(d)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('bundles', () => {
  const cut = timeline([], { name: 'bundled' });

  it('[TL5] come back, as archive and as folder', async () => {
    const packed = value(writeOtioz(cut, new Map([['a.mov', new Uint8Array([1, 2, 3])]])));
    const read = value(readOtioz(packed));
    expect(writeOtioText(read.content)).toBe(writeOtioText(cut));
    expect(read.media).toEqual([{ path: 'media/a.mov', sizeBytes: 3 }]);
    expect(value(writeOtioz(cut)).length).toBe(value(writeOtioz(cut)).length);
    const folder = memoryFolder();
    await writeOtiod(cut, folder);
    const opened = value(await readOtiod(folder));
    expect(writeOtioText(opened.content)).toBe(writeOtioText(cut));
    const empty = await readOtiod({ list: async () => [], open: async () => undefined });
    expect(codes(empty)).toEqual(['missing_bundle_content']);
    expect(memorySource(packed).sizeBytes).toBe(packed.length);
  });

  it('[TL5] that would leave their folder, or are damaged, are refused', () => {
    const slip = zipSync({ 'content.otio': writeOtio(cut), '../../etc/x': new Uint8Array(1) });
    expect(codes(readOtioz(slip))).toEqual(['escaping_path']);
    expect(codes(readOtioz(new Uint8Array([0x50, 0x4b, 3, 4])))).toEqual(['malformed_archive']);
    expect(codes(readOtioz(zipSync({ 'a.txt': new Uint8Array(1) })))).toEqual([
      'missing_bundle_content',
    ]);
    expect(writeOtioz(cut, new Map([['../x', new Uint8Array(1)]])).ok).toBe(false);
  });
});
