import type { Fault } from './faults.ts';
import { cpl, map, mxf, raw, swap } from './fault-kinds.ts';

const HEADER = '060e2b34020501010d01020101020400';
const BODY = '060e2b34020501010d01020101030400';
const FOOTER = '060e2b34020501010d01020101040400';

/** A pack has a key of 16 bytes and a length of four before its fields. */
const pack = (name: string, key: string, offset: number, hex: string): Fault =>
  raw(name, 'mismatched_partition', (t) =>
    t.mxf('picture_', (bytes) => {
      const at = Buffer.from(bytes).indexOf(Buffer.from(key, 'hex'));
      if (at < 0) throw new Error(`no ${key}`);
      bytes.set(Buffer.from(hex, 'hex'), at + 20 + offset);
      return bytes;
    }),
  );
const field = (name: string, code: string, from: string, to: string, file = 'picture_'): Fault =>
  mxf(name, code, file, from, to);

const LONG = '0000000000000010';

const PARTITIONS: readonly Fault[] = [
  pack('a header that is elsewhere', HEADER, 8, LONG),
  pack('a header whose footer is elsewhere', HEADER, 24, LONG),
  pack('a header of another length', HEADER, 32, LONG),
  pack('a header of version nine', HEADER, 0, '0009'),
  pack('a header of another stream', HEADER, 60, '00000009'),
  pack('a header of another index', HEADER, 48, '00000009'),
  pack('a body that is elsewhere', BODY, 8, LONG),
  pack('a body after another partition', BODY, 16, LONG),
  pack('a body whose footer is elsewhere', BODY, 24, LONG),
  pack('a body of another stream', BODY, 60, '00000009'),
  pack('a footer that is elsewhere', FOOTER, 8, LONG),
  pack('a footer after another partition', FOOTER, 16, LONG),
  pack('a footer with an index of another length', FOOTER, 40, LONG),
  pack('a footer of another pattern', FOOTER, 64, '060e2b34040101020d01020101010900'),
  pack('a footer of another container', FOOTER, 88, '060e2b340401010d0d01030102060100'),
];

const VALUES: readonly Fault[] = [
  field(
    'an index of another rate',
    'mismatched_index_segment',
    '3f0b00080000001800000001',
    '3f0b00080000001900000001',
  ),
  field(
    'an index segment of another length',
    'mismatched_index_segment',
    '3f0d00080000000000000018',
    '3f0d00080000000000000017',
  ),
  field(
    'an index of another stream',
    'mismatched_partition',
    '3f07000400000001',
    '3f07000400000002',
  ),
  field(
    'a descriptor of another rate',
    'mismatched_descriptor',
    '300100080000001800000001',
    '300100080000001900000001',
  ),
  field(
    'a track that begins later',
    'mismatched_descriptor',
    '4b0200080000000000000000',
    '4b0200080000000000000005',
  ),
  field(
    'a sequence of half the length',
    'mismatched_descriptor',
    '020200080000000000000018',
    '02020008000000000000000c',
  ),
  field('fields instead of frames', 'mismatched_descriptor', '320c000100', '320c000101'),
  field(
    'the picture coding of 4K',
    'mismatched_descriptor',
    '060e2b34040101090401020203010103',
    '060e2b34040101090401020203010104',
  ),
  field(
    'a sound descriptor of another rate',
    'mismatched_descriptor',
    '300100080000001800000001',
    '300100080000001900000001',
    'sound_',
  ),
  field(
    'sound under the keys of pictures',
    'unexpected_element_key',
    '060e2b34010201010d01030116010101',
    '060e2b34010201010d01030115010101',
    'sound_',
  ),
  field('a set that is cut', 'invalid_header_metadata', '3b020008', '3b0200ff'),
];

const DOCUMENTS: readonly Fault[] = [
  cpl(
    'a version with a broken UUID',
    'invalid_value',
    /(<ContentVersion>\s*<Id>urn:uuid:)[0-9a-f]{8}/,
    '$1xyz',
  ),
  cpl(
    'a reel with the id of nobody',
    'unconventional_id',
    /(<Reel>\s*<Id>urn:uuid:)[^<]*/,
    '$100000000-0000-0000-0000-000000000000',
  ),
  cpl(
    'a reel with an id of no version',
    'unconventional_id',
    /(<Reel>\s*<Id>urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-)[0-9a-f]/,
    '$1f',
  ),
  cpl(
    'credits that only end',
    'unpaired_marker',
    '<MarkerList>',
    '<MarkerList><Marker><Label>LFEC</Label><Offset>9</Offset></Marker>',
  ),
  cpl(
    'an intermission without end',
    'unpaired_marker',
    '<MarkerList>',
    '<MarkerList><Marker><Label>FFOI</Label><Offset>12</Offset></Marker>',
  ),
  cpl(
    'a territory that is none',
    'unknown_territory',
    '<meta:VersionNumber>',
    '<meta:ReleaseTerritory>ZZZ</meta:ReleaseTerritory><meta:VersionNumber>',
  ),
  cpl(
    'a version of no status',
    'unknown_version_status',
    '<meta:VersionNumber>',
    '<meta:VersionNumber status="maybe">',
  ),
  cpl(
    'luminance in lux',
    'unknown_luminance_unit',
    '<meta:MainSoundConfiguration>',
    '<meta:Luminance units="lux">14</meta:Luminance><meta:MainSoundConfiguration>',
  ),
  cpl(
    'no light at all',
    'empty_luminance',
    '<meta:MainSoundConfiguration>',
    '<meta:Luminance units="foot-lambert">0</meta:Luminance><meta:MainSoundConfiguration>',
  ),
  cpl(
    'metadata of an unknown edition',
    'unknown_namespace',
    '429-16/2014/CPL-Metadata',
    '429-16/2050/CPL-Metadata',
  ),
  cpl(
    'a soundfield in another language than the file',
    'mismatched_sound_labels',
    /(<r0:SoundfieldGroupLabelSubDescriptor>[\s\S]*?RFC5646SpokenLanguage>)en-US/,
    '$1fr-FR',
  ),
  cpl(
    'a channel of a soundfield that is not there',
    'mismatched_sound_labels',
    /(<r1:SoundfieldGroupLinkID>urn:uuid:)[0-9a-f]{4}/,
    '$1ffff',
  ),
  cpl(
    'a channel under the label of another',
    'mismatched_sound_labels',
    '060e2b34.0401010d.03020106',
    '060e2b34.0401010d.03020107',
  ),
  map(
    'a packing list that is perhaps one',
    'invalid_value',
    '<PackingList>true',
    '<PackingList>perhaps',
  ),
  raw('a channel label that nobody knows', 'mismatched_sound_labels', (t) =>
    t.cpl(swap('>chC<', '>chX<')),
  ),
];

/** Changes the document inside a timed text file; its length stays, filled up with blanks. */
const text = (name: string, code: string, from: string, to: string): Fault =>
  raw(
    name,
    code,
    (t) =>
      t.mxf('text', (bytes) => {
        const at = Buffer.from(bytes).indexOf(from);
        if (at < 0 || to.length > from.length) throw new Error(`no room for ${to}`);
        bytes.set(Buffer.from(to.padEnd(from.length)), at);
        return bytes;
      }),
    'text',
  );
/** Changes a text of the header, which is UTF-16. */
const named = (name: string, code: string, from: string, to: string): Fault =>
  raw(
    name,
    code,
    (t) =>
      t.mxf('text', (bytes) => {
        const wide = (word: string) => Buffer.from(word, 'utf16le').swap16();
        const at = Buffer.from(bytes).indexOf(wide(from));
        if (at < 0 || to.length !== from.length) throw new Error(`no room for ${to}`);
        bytes.set(wide(to), at);
        return bytes;
      }),
    'text',
  );

const TEXTS: readonly Fault[] = [
  text('an attribute nobody knows', 'unexpected_text_attribute', ' Valign="', ' Velign="'),
  text('a time with a point', 'invalid_text_time', 'In="00:00:05:00"', 'In="00:00:05.00"'),
  text('a font of nothing', 'mismatched_resource_type', 'OTTO', 'XXXX'),
  named('a document in another encoding', 'mismatched_descriptor', 'UTF-8', 'UTF-9'),
  named('a font called a picture', 'mismatched_resource_type', 'application/x', 'image/png;a=b'),
  cpl(
    'captions of an unknown edition',
    'unknown_namespace',
    /<MainSubtitle>([\s\S]*?)<\/MainSubtitle>/,
    '<cc:MainClosedCaption xmlns:cc="http://example.com/TT">$1</cc:MainClosedCaption>',
    'text',
  ),
  cpl(
    'a stereoscopic picture of an unknown edition',
    'unknown_namespace',
    '429-10/2008',
    '429-10/2050',
    'stereoscopic',
  ),
];

/** Faults of values that are told twice, and of those that come from lists. */
export const VALUE_FAULTS: readonly Fault[] = [...PARTITIONS, ...VALUES, ...DOCUMENTS, ...TEXTS];
