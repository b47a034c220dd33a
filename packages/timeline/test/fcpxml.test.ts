import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clip,
  external,
  range,
  rateOfDouble,
  readFcpxml,
  readOtio,
  timeline,
  track,
  writeFcpxml,
  writeOtio,
} from '../src/index.ts';
import { ABSENT, codes, firstTimeline, fixture, fixtures, structure, value } from './support.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A document of Final Cut Pro around a spine. */
function project(inside: string): string {
  const asset = (id: string) => `<asset id="${id}" name="cam-${id}" start="0s" duration="1000s"
    format="r1" hasVideo="1"><media-rep kind="original-media" src="file:///${id}.mov"/></asset>`;
  const angle = (id: string, ref: string) => `<mc-angle name="Angle ${id}" angleID="${id}">
    <asset-clip ref="${ref}" name="${ref}" offset="0s" start="9s" duration="400s"/></mc-angle>`;
  return `<fcpxml version="1.11"><resources><format id="r1" frameDuration="1/25s"/>
    ${asset('a')}${asset('b')}<effect id="e1" name="Blur" uid=".../Blur.moef"/>
    <effect id="e2" name="Gain" uid="AUGain"/><media id="m1" name="two"><multicam format="r1"
    tcStart="0s">${angle('A', 'a')}${angle('B', 'b')}</multicam></media></resources><library>
    <event name="p"><project name="p"><sequence format="r1" tcStart="0s"><spine>${inside}</spine>
    </sequence></project></event></library></fcpxml>`;
}

const PARTS = {
  multicam: (at: number, n: number) => `<mc-clip ref="m1" name="mc${n}" offset="${at}s"
    start="${n}s" duration="4s"><mc-source angleID="A" srcEnable="audio"/>
    <mc-source angleID="B" srcEnable="video"><filter-video ref="e1" name="Blur">
    <param name="Amount" key="1" value="${n}"/></filter-video></mc-source>
    <marker start="${n + 1}s" duration="1/25s" value="M${n}"/></mc-clip>`,
  synchronised: (at: number, n: number) => `<sync-clip name="s${n}" offset="${at}s" start="${n}s"
    duration="4s" tcFormat="NDF"><asset-clip ref="a" name="a" offset="0s" start="0s"
    duration="90s"/><asset-clip ref="b" lane="-1" name="b" offset="${n}s" start="3s" duration="9s"
    srcEnable="audio"/><sync-source sourceID="storyline"><audio-role-source role="dialogue"/>
    </sync-source></sync-clip>`,
  audition: (at: number, n: number) => `<audition offset="${at}s"><asset-clip ref="a" name="pick"
    start="${n}s" duration="4s"/><asset-clip ref="b" name="other" start="${n}s" duration="6s">
    <filter-audio ref="e2" name="Gain"/></asset-clip><mc-clip ref="m1" name="third"
    duration="3s"><mc-source angleID="A"/></mc-clip></audition>`,
  filtered: (at: number, n: number) => `<asset-clip ref="b" name="f${n}" offset="${at}s"
    start="${n}s" duration="4s"><marker start="${n}s" duration="1/25s" value="x"/>
    <filter-video ref="e1" name="Blur" enabled="0"><data key="k">AAA=</data>
    <param name="Amount" key="1" value="${n}"/></filter-video>
    <filter-audio ref="e2" name="Gain"/></asset-clip>`,
  gap: (at: number) => `<gap offset="${at}s" start="0s" duration="4s"/>`,
};
const TELLING = /<(mc-clip|sync-clip|audition|filter-video|filter-audio|mc-source|sync-source)\b/g;
const told = (text: string) => (text.match(TELLING) ?? []).toSorted().join(' ');

describe('what only Final Cut Pro has', () => {
  it('[TL25] multicam, synchronised clips, auditions and filters come back as they were', () => {
    const kinds = fc.constantFrom(...(Object.keys(PARTS) as (keyof typeof PARTS)[]));
    const several = fc.array(fc.tuple(kinds, fc.nat(50)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(several, (parts) => {
        const text = project(parts.map(([kind, n], at) => PARTS[kind](at * 4, n)).join(''));
        const cut = firstTimeline(value(readFcpxml(encode(text))));
        const written = writeFcpxml(cut);
        expect(written.findings).toEqual([]);
        const once = decode(value(written));
        expect(told(once)).toBe(told(text));
        expect(once.match(/<multicam\b/g)?.length ?? 0).toBeLessThanOrEqual(2);
        const again = firstTimeline(value(readFcpxml(value(written))));
        expect(structure(again)).toBe(structure(cut));
        expect(decode(value(writeFcpxml(again)))).toBe(once);
      }),
      { numRuns: 60 },
    );
  });

  it.skipIf(ABSENT !== '')('[TL25] samples are the same after one pass, nothing left out', () => {
    for (const path of fixtures('fcpxml', /(?:Multicam|Sync|Audition|GeneralDemo).*fcpxml$/)) {
      const source = fixture(path);
      const cut = firstTimeline(value(readFcpxml(source)));
      const written = writeFcpxml(cut);
      expect([path, codes(written)]).toEqual([path, []]);
      const once = decode(value(written));
      expect([path, told(once)]).toEqual([path, told(decode(source))]);
      const again = firstTimeline(value(readFcpxml(value(written))));
      expect(structure(again) === structure(cut), path).toBe(true);
      expect(decode(value(writeFcpxml(again))) === once, path).toBe(true);
      // What is kept passes through OpenTimelineIO's own format too.
      const carried = firstTimeline(value(readOtio(writeOtio(cut))));
      const back = decode(value(writeFcpxml(carried)));
      expect([path, told(back)]).toEqual([path, told(once)]);
    }
  });

  it('[TL25] resources that name each other in a circle are left out, not followed', () => {
    const named = (ref: string) =>
      ({ element: 'media', attributes: { id: 'x', ref }, children: [] });
    const kept = { element: 'asset-clip', attributes: { ref: 'r1' }, children: [] };
    const resources = { r1: named('r2'), r2: named('r1') };
    const metadata = { fcpx_audition: [{ ...kept, resources }] };
    const media = { DEFAULT_MEDIA: external('file:///a.mov') };
    const pick = { name: 'pick', sourceRange: range(0, 25, rateOfDouble(25)) };
    const cut = timeline([track({ children: [clip({ ...pick, metadata, media })] })]);
    expect(decode(value(writeFcpxml(cut)))).toContain('<audition');
  });
});
