import fc from 'fast-check';
import { encodeUtf8, ratio } from '@yinglian/core';
import { describe, expect, it } from 'vitest';
import {
  frameOfLabel,
  labelOf,
  MARKER_COLOURS,
  MARKER_FORMATS,
  type MarkerFormat,
  type MarkerScope,
  matchMarkers,
  mergedByFrame,
  oneLine,
  readMarkers,
  type ReviewMarker,
  writeMarkers,
} from '../src/index.ts';

const RUNS = Number(process.env['YINGLIAN_REVIEW_RUNS'] ?? 12);
const FORMATS = Object.keys(MARKER_FORMATS) as MarkerFormat[];
const MERGING = new Set<MarkerFormat>(['resolve-edl', 'avid-text', 'avid-xml']);
const FRAMES = 5000;

const CLOCKS = [
  { rate: ratio(24n), dropFrame: false },
  { rate: ratio(24_000n, 1001n), dropFrame: false },
  { rate: ratio(25n), dropFrame: false },
  { rate: ratio(30_000n, 1001n), dropFrame: true },
  { rate: ratio(50n), dropFrame: false },
  { rate: ratio(60_000n, 1001n), dropFrame: true },
];
const scope: fc.Arbitrary<MarkerScope> = fc.record({
  title: fc.constantFrom('Reel 1 v003', '第一本 定剪'),
  clock: fc.constantFrom(...CLOCKS),
  first: fc.constantFrom(0n, 86_400n, 107_892n, 1001n),
  frames: fc.constant(FRAMES),
});
const words = fc.array(
  fc.constantFrom('脸太暗', 'lift it', 'A & B <c>', '"q"', "it's", '100%', '好', '-1'),
  { minLength: 1, maxLength: 4 },
);
const remark: fc.Arbitrary<ReviewMarker> = fc.record({
  frame: fc.nat(FRAMES - 100),
  length: fc.integer({ min: 1, max: 90 }),
  author: fc.constantFrom('王小明', 'Ann Lee', "O'Neil"),
  text: fc.tuple(words, fc.constantFrom(' ', '\n')).map(([list, mark]) => list.join(mark)),
  colour: fc.constantFrom(...MARKER_COLOURS),
  id: fc.uuid(),
});
const remarks = fc.uniqueArray(remark, {
  selector: (each) => each.frame,
  minLength: 1,
  maxLength: 8,
});

function written(list: readonly ReviewMarker[], of: MarkerScope, format: MarkerFormat): Uint8Array {
  const made = writeMarkers(list, of, format);
  if (!made.ok) throw new Error(`${format}: ${JSON.stringify(made.findings)}`);
  return made.value;
}
function read(bytes: Uint8Array, of: MarkerScope): readonly ReviewMarker[] {
  const made = readMarkers(bytes, of);
  if (!made.ok) throw new Error(JSON.stringify(made.findings));
  return made.value;
}
const SCOPE: MarkerScope = {
  title: 'Reel 1',
  clock: { rate: ratio(24n), dropFrame: false },
  first: 86_400n,
  frames: 1000,
};
const plain = (of: Partial<ReviewMarker>): ReviewMarker => ({
  frame: 10,
  length: 1,
  author: 'Ann',
  text: 'too dark',
  colour: 'red',
  id: null,
  ...of,
});

describe('markers', () => {
  it.each(FORMATS)('[RVW13] come back from %s as the same frames and words', (format) => {
    fc.assert(
      fc.property(remarks, scope, (list, of) => {
        const back = read(written(list, of, format), of);
        const sorted = list.toSorted((a, b) => a.frame - b.frame);
        expect(back.map((each) => each.frame)).toEqual(sorted.map((each) => each.frame));
        expect(back.map((each) => oneLine(each.text))).toEqual(
          sorted.map((each) => oneLine(each.text)),
        );
        expect(back.map((each) => each.author)).toEqual(sorted.map((each) => each.author));
        expect(back.map((each) => each.length)).toEqual(sorted.map((each) => each.length));
        if (format === 'otio' || format === 'csv') {
          expect(back.map((each) => each.id)).toEqual(sorted.map((each) => each.id));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('[RVW14] are merged on one frame for those who would drop them', () => {
    const list = [
      plain({}),
      plain({ author: '王', text: '再亮一点', length: 5 }),
      plain({ frame: 12 }),
    ];
    const merged = mergedByFrame(list);
    expect(merged.map((each) => [each.frame, each.length])).toEqual([
      [10, 5],
      [12, 1],
    ]);
    for (const format of FORMATS) {
      const back = read(written(list, SCOPE, format), SCOPE);
      expect(back).toHaveLength(MERGING.has(format) ? 2 : 3);
      expect(back.map((each) => each.text).join(' ')).toMatch(/too dark.*再亮一点/s);
    }
  });

  it.each(FORMATS)('[RVW15] that an editor added to %s are told from ours', (format) => {
    fc.assert(
      fc.property(remarks, (list) => {
        const of = { ...SCOPE, frames: FRAMES };
        const extra = plain({ frame: FRAMES - 1, author: 'Editor', text: 'new cut here' });
        const doubled = [...list, { ...list[0]!, id: null, author: 'Twin', text: 'second word' }];
        const back = read(written([...doubled, extra], of, format), of);
        const { added } = matchMarkers(doubled, back);
        expect(added.map((each) => [each.frame, each.text])).toEqual([
          [FRAMES - 1, 'new cut here'],
        ]);
        expect(matchMarkers([...doubled, extra], back).added).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('[RVW16] find their frame by drop frame and any start', () => {
    fc.assert(
      fc.property(scope, fc.nat(FRAMES - 1), (of, frame) => {
        const label = labelOf(frame, of);
        expect(frameOfLabel(label, of)).toBe(frame);
        expect(frameOfLabel(label.replace(';', ':'), of)).toBe(frame);
        expect(frameOfLabel(label.replaceAll(':', ';'), of)).toBe(frame);
      }),
      { numRuns: RUNS },
    );
    const drop: MarkerScope = { ...SCOPE, clock: CLOCKS[3]!, first: 107_892n, frames: 20_000 };
    expect(labelOf(0, drop)).toBe('01:00:00;00');
    expect(frameOfLabel('01:01:00;02', drop)).toBe(1800);
    expect(frameOfLabel('01:01:00;00', drop)).toBeUndefined();
    expect(frameOfLabel('nonsense', drop)).toBeUndefined();
  });

  it('[RVW17] are read as editing systems write them', () => {
    const resolve =
      'TITLE: Timeline 1\r\nFCM: NON-DROP FRAME\r\n\r\n' +
      '001  001      V     C        01:00:02:11 01:00:02:12 01:00:02:11 01:00:02:12  \r\n' +
      'Please lift |C:ResolveColorCyan |M:Marker 1 |D:12\r\n\r\n' +
      '002  001      V     C        01:00:04:00 01:00:04:01 01:00:04:00 01:00:04:01  \n' +
      ' |C:ResolveColorRose |M:Only a name |D:1\n';
    expect(read(encodeUtf8(resolve), SCOPE)).toMatchObject([
      { frame: 59, length: 12, author: 'Marker 1', text: 'Please lift', colour: 'cyan' },
      { frame: 96, author: 'Only a name', text: 'Only a name', colour: 'blue' },
    ]);
    const locators =
      'TITLE: X\n001  AX V C 00:00:00:00 00:00:05:00 01:00:00:00 01:00:05:00\n' +
      '* LOC: 01:00:01:00 RED     VFX comp\n* FROM CLIP NAME: a\n';
    expect(read(encodeUtf8(locators), SCOPE)).toMatchObject([
      { frame: 24, text: 'VFX comp', colour: 'red' },
    ]);
    const avid =
      'Isabel Y\t01:00:03:00\tV1\tred\tVFX - fade in\t1\r\n' +
      'Isabel Y\t01:00:04:12\tTC1\tgreen\tspeed up\t24\t\tgreen\r\n';
    expect(read(encodeUtf8(avid), SCOPE)).toMatchObject([
      { frame: 72, author: 'Isabel Y', text: 'VFX - fade in', colour: 'red', length: 1 },
      { frame: 108, text: 'speed up', length: 24 },
    ]);
    const premiere =
      'Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\n' +
      'Ann\t"too ""dark""\nhere"\t01:00:01:00\t01:00:01:11\t00:00:00:12\tComment\n';
    const utf16 = new Uint8Array(2 + premiere.length * 2);
    utf16.set([0xff, 0xfe]);
    for (let i = 0; i < premiere.length; i++) utf16[2 + 2 * i] = premiere.charCodeAt(i);
    expect(read(utf16, SCOPE)).toMatchObject([
      { frame: 24, length: 12, author: 'Ann', text: 'too "dark"\nhere' },
    ]);
    const spreadsheet = '时间码;作者;意见\n01:00:01:00;王;太暗\n';
    expect(read(encodeUtf8(spreadsheet), SCOPE)).toMatchObject([
      { frame: 24, author: '王', text: '太暗' },
    ]);
  });

  it('[RVW17] of Media Composer, as it exports them, are read: timecodes or frames', () => {
    const item = (name: string, value: string, kind = 'String') => `<ListElem>
      <AvProp id="ATTR" name="OMFI:ATTB:Kind" type="int32">2</AvProp>
      <AvProp id="ATTR" name="OMFI:ATTB:Name" type="string">${name}</AvProp>
      <AvProp id="ATTR" name="OMFI:ATTB:${kind}Attribute" type="string">${value}</AvProp>
    </ListElem>`;
    const one = (time: string, text: string) => `<AvClass id="ATTR">
      <AvProp id="ATTR" name="__OMFI:ATTR:NumItems" type="int32">5</AvProp>
      <List id="OMFI:ATTR:AttrRefs">${item('_ATN_CRM_LONG_CREATE_DATE', '1570299854', 'Int')}
      ${item('_ATN_CRM_COLOR', 'Green')}${item('_ATN_CRM_USER', 'Ann')}
      ${item('_ATN_CRM_COM', text)}${item('_ATN_CRM_TC', time)}${item('_ATN_CRM_TRK', 'V1')}
      ${item('_ATN_CRM_LENGTH', '12', 'Int')}<ListElem/></List></AvClass>`;
    const file = `<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
      <!DOCTYPE Avid:StreamItems SYSTEM "AvidSettingsFile.dtd">
      <Avid:StreamItems xmlns:Avid="http://www.avid.com"><Avid:XMLFileData>
      <AvProp name="DomainMagic" type="string">Domain</AvProp><AvClass id="SETG"/>
      ${one('01:00:01:00', 'A &amp; B')}${one('48', '再亮一点')}${one('1:99', 'no time')}
      </Avid:XMLFileData></Avid:StreamItems>`;
    const made = readMarkers(encodeUtf8(file), SCOPE);
    expect(made.ok && made.value).toMatchObject([
      { frame: 24, length: 12, author: 'Ann', text: 'A & B', colour: 'green' },
      { frame: 48, length: 12, text: '再亮一点' },
    ]);
    expect(made.findings.map((each) => each.code)).toEqual(['invalid_marker_time']);
    const own = new TextDecoder().decode(written([plain({})], SCOPE, 'avid-xml'));
    expect(own).toContain('<!DOCTYPE Avid:StreamItems SYSTEM "AvidSettingsFile.dtd">');
    expect(own.match(/<AvClass id="ATTR">/g)).toHaveLength(1);
    expect(own).toMatch(/NumItems" type="int32">6</);
  });

  it('[RVW18] outside the film are left out, and files without any are refused', () => {
    const far = written(
      [plain({}), plain({ frame: 4000, text: 'far' })],
      { ...SCOPE, frames: 5000 },
      'avid-text',
    );
    const made = readMarkers(far, SCOPE);
    expect(made.ok && made.value).toHaveLength(1);
    expect(made.findings.map((each) => each.code)).toEqual(['excluded_marker']);
    const codes = (text: string) =>
      readMarkers(encodeUtf8(text), SCOPE).findings.map((each) => each.code);
    expect(codes('')).toEqual(['unknown_marker_format']);
    expect(codes('hello')).toEqual(['unknown_marker_format']);
    expect(codes('a,b\n1,2\n')).toEqual(['missing_marker_column']);
    expect(codes('frame,text\n')).toEqual(['unknown_marker_format']);
    expect(codes('in,text\n25:00:00:00,x\n')).toEqual(['missing_markers', 'invalid_marker_time']);
    expect(codes('{"OTIO_SCHEMA": "Timeline.1", ')[0]).toBeDefined();
  });

  it('[RVW19] of any bytes neither crash nor hang', () => {
    const seeds = FORMATS.map((format) =>
      written([plain({}), plain({ frame: 40 })], SCOPE, format),
    );
    fc.assert(
      fc.property(
        fc.nat(seeds.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }),
        fc.nat(),
        (which, changes, cut) => {
          const bytes = seeds[which]!.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const made = readMarkers(
            bytes.subarray(0, cut % 2 === 0 ? bytes.length : cut % bytes.length),
            SCOPE,
          );
          if (!made.ok) expect(made.findings.some((each) => each.severity === 'error')).toBe(true);
          else for (const each of made.value) expect(each.frame).toBeLessThan(SCOPE.frames);
        },
      ),
      { numRuns: RUNS * 5 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof readMarkers(bytes, SCOPE).ok).toBe('boolean');
      }),
      { numRuns: RUNS },
    );
  });
});
