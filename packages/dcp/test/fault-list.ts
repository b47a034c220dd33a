import { encodeUtf8 } from '@yinglian/core';
import { type Fault, patch, type Target } from './faults.ts';

/** Changes the first place that matches. */
const swap =
  (from: string | RegExp, to: string) =>
  (text: string): string =>
    text.replace(from, to);
const cpl = (
  name: string,
  code: string,
  from: string | RegExp,
  to: string,
  base?: Fault['base'],
): Fault => ({
  name,
  code,
  ...(base === undefined ? {} : { base }),
  apply: (target) => target.cpl(swap(from, to)),
});
const pkl = (name: string, code: string, from: string | RegExp, to: string): Fault => ({
  name,
  code,
  apply: (target) => target.pkl(swap(from, to)),
});
const map = (name: string, code: string, from: string | RegExp, to: string): Fault => ({
  name,
  code,
  apply: (target) => target.map(swap(from, to)),
});
const mxf = (
  name: string,
  code: string,
  file: string,
  from: string,
  to: string,
  options: { base?: Fault['base']; only?: number } = {},
): Fault => ({
  name,
  code,
  ...(options.base === undefined ? {} : { base: options.base }),
  apply: (target) => target.mxf(file, (bytes) => patch(bytes, from, to, options.only)),
});
const raw = (
  name: string,
  code: string,
  apply: (target: Target) => void,
  base?: Fault['base'],
): Fault => ({ name, code, apply, ...(base === undefined ? {} : { base }) });

/** Cuts, lengthens or flips bytes of a file and leaves hashes as they were. */
const flip =
  (begin: string, at: number) =>
  (target: Target): void => {
    const bytes = target.files.get(target.path(begin))!;
    bytes[at < 0 ? bytes.length + at : at]! ^= 0x55;
  };

const STRUCTURE: readonly Fault[] = [
  raw('the map is gone', 'missing_asset_map', (t) => void t.files.delete('ASSETMAP.xml')),
  raw('the map has the Interop name', 'misnamed_asset_map', (t) => {
    t.files.set('ASSETMAP', t.files.get('ASSETMAP.xml')!);
    t.files.delete('ASSETMAP.xml');
  }),
  raw(
    'the volume index is gone',
    'missing_volume_index',
    (t) => void t.files.delete('VOLINDEX.xml'),
  ),
  raw('the volume index is not a number', 'invalid_value', (t) =>
    t.edit('VOLINDEX', swap('<Index>1<', '<Index>one<')),
  ),
  map('an asset twice in the map', 'duplicate_asset_id', /(<Asset>[\s\S]*?<\/Asset>)/, '$1$1'),
  raw('two assets on one file', 'duplicate_asset_path', (t) =>
    t.map((text) => text.replace(t.path('sound_', 1), t.path('sound_', 0))),
  ),
  map('an empty path', 'empty_asset_path', /<Path>sound_[^<]*</, '<Path><'),
  map('a path that leads outside', 'escaping_asset_path', /<Path>sound_/, '<Path>../sound_'),
  map('an absolute path', 'escaping_asset_path', /<Path>sound_/, '<Path>/etc/sound_'),
  map('a path with a backslash', 'escaping_asset_path', /<Path>sound_/, '<Path>a\\sound_'),
  raw('a path with a space', 'unconventional_asset_path', (t) => {
    const path = t.path('sound_');
    t.files.set('my sound.mxf', t.files.get(path)!);
    t.files.delete(path);
    t.map(swap(path, 'my sound.mxf'));
  }),
  raw('a file is gone', 'missing_asset_file', (t) => void t.files.delete(t.path('sound_'))),
  map('a chunk of the wrong length', 'mismatched_chunk_length', /<Length>\d+</, '<Length>77<'),
  map(
    'no packing list is named',
    'missing_packing_list',
    /\s*<PackingList>true<\/PackingList>/,
    '',
  ),
  raw(
    'a file nobody names',
    'unexpected_file',
    (t) => void t.files.set('Thumbs.db', encodeUtf8('x')),
  ),
  map(
    'an asset of the map in no list',
    'unpacked_asset',
    /<\/AssetList>/,
    '<Asset><Id>urn:uuid:99999999-9999-4999-8999-999999999999</Id><ChunkList><Chunk><Path>VOLINDEX.xml</Path></Chunk></ChunkList></Asset></AssetList>',
  ),
  map('an asset in two chunks', 'split_asset', /(<Chunk>\s*<Path>sound_[\s\S]*?<\/Chunk>)/, '$1$1'),
  map(
    'an asset on another volume',
    'other_volume_asset',
    /<VolumeCount>1<([\s\S]*)<Path>sound_[^<]*<\/Path>\s*<VolumeIndex>1</,
    '<VolumeCount>2<$1<Path>elsewhere.mxf</Path><VolumeIndex>2<',
  ),
  map(
    'the packing list under another id',
    'mismatched_document_id',
    /<Id>urn:uuid:[0-9a-f-]{36}(<\/Id>\s*<PackingList>)/,
    '<Id>urn:uuid:88888888-8888-4888-8888-888888888888$1',
  ),
  map('an unknown namespace', 'unknown_namespace', '429-9/2007/AM', '429-9/2050/AM'),
  map(
    'elements out of order',
    'misplaced_element',
    /(<Creator>[^<]*<\/Creator>)\s*(<VolumeCount>1<\/VolumeCount>)/,
    '$2$1',
  ),
  map(
    'an element nobody knows',
    'unexpected_element',
    '<VolumeCount>',
    '<Colour>red</Colour><VolumeCount>',
  ),
  map(
    'an id that is no UUID',
    'invalid_value',
    /<Id>urn:uuid:[0-9a-f]{8}/,
    '<Id>urn:uuid:zzzzzzzz',
  ),
  map('stray text', 'unexpected_text', '<AssetList>', '<AssetList>stray'),
  raw('a document type', 'unexpected_document_type', (t) =>
    t.edit('ASSETMAP', swap('?>', '?><!DOCTYPE AssetMap SYSTEM "file:///etc/passwd">')),
  ),
];

const PACKING: readonly Fault[] = [
  raw('one byte of sound flipped', 'mismatched_hash', flip('sound_', 60_000)),
  raw('one byte of picture flipped', 'mismatched_hash', flip('picture_', -9000)),
  raw('a size that is wrong', 'mismatched_size', (t) =>
    t.edit('pkl_', swap(/<Size>\d+</, '<Size>12<')),
  ),
  raw('a hash that is no hash', 'invalid_hash', (t) =>
    t.edit('pkl_', swap(/<Hash>[^<]*</, '<Hash>AAAA<')),
  ),
  pkl(
    'another annotation',
    'mismatched_packing_list_annotation',
    /<AnnotationText>[^<]*</,
    '<AnnotationText>Other<',
  ),
  pkl('an asset twice in the list', 'duplicate_asset_id', /(<Asset>[\s\S]*?<\/Asset>)/, '$1$1'),
  pkl('a type that does not fit', 'unexpected_asset_type', 'application/mxf', 'image/gif'),
  pkl(
    'an Interop type',
    'unexpected_asset_type',
    'application/mxf',
    'application/x-smpte-mxf;asdcpKind=Picture',
  ),
  pkl(
    'an asset the map does not know',
    'missing_mapped_asset',
    '</AssetList>',
    '<Asset><Id>urn:uuid:77777777-7777-4777-8777-777777777777</Id><Hash>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</Hash><Size>1</Size><Type>text/xml</Type></Asset></AssetList>',
  ),
  pkl('no issuer', 'missing_element', /<Issuer>[^<]*<\/Issuer>/, ''),
  pkl(
    'a size of zero',
    'invalid_value',
    /<\/AssetList>/,
    '<Asset><Id>urn:uuid:77777777-7777-4777-8777-777777777777</Id><Hash>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</Hash><Size>0</Size><Type>text/xml</Type></Asset></AssetList>',
  ),
  pkl(
    'an Interop list in a SMPTE package',
    'mismatched_document_standard',
    'http://www.smpte-ra.org/schemas/429-8/2007/PKL',
    'http://www.digicine.com/PROTO-ASDCP-PKL-20040311#',
  ),
  raw('a list without compositions', 'missing_composition', (t) => {
    t.edit('pkl_', (text) =>
      text.replace(
        /<Asset>\s*<Id>[^<]*<\/Id>\s*<Hash>[^<]*<\/Hash>\s*<Size>\d+<\/Size>\s*<Type>text\/xml<\/Type>[\s\S]*?<\/Asset>/,
        '',
      ),
    );
  }),
];

const COMPOSITION: readonly Fault[] = [
  cpl(
    'another annotation',
    'mismatched_composition_annotation',
    /<AnnotationText>[^<]*</,
    '<AnnotationText>Other<',
  ),
  cpl('an unknown kind', 'invalid_content_kind', '>short<', '>blockbuster<'),
  cpl('a fraction of a second', 'fractional_issue_date', '20:46:31+', '20:46:31.250+'),
  cpl('a date without seconds', 'invalid_value', '20:46:31+00:00', '20:46'),
  cpl('no content version', 'missing_element', /<ContentVersion>[\s\S]*?<\/ContentVersion>/, ''),
  cpl('no reels', 'empty_reel_list', /<ReelList>[\s\S]*<\/ReelList>/, '<ReelList/>'),
  cpl('an empty reel', 'empty_reel', /<AssetList>[\s\S]*?<\/AssetList>/, '<AssetList/>'),
  raw('one reel twice', 'duplicate_reel_id', (t) =>
    t.cpl((text) => {
      const ids = [...text.matchAll(/<Reel>\s*<Id>([^<]*)</g)].map((match) => match[1]!);
      return text.replace(ids[1]!, ids[0]!);
    }),
  ),
  cpl('a reel without picture', 'missing_picture', /<MainPicture>[\s\S]*?<\/MainPicture>/, ''),
  cpl('a reel without sound', 'missing_sound', /<MainSound>[\s\S]*?<\/MainSound>/, ''),
  cpl(
    'an asset of another package',
    'external_asset',
    /(<MainSound>\s*<Id>urn:uuid:)[0-9a-f]{8}/,
    '$166666666',
  ),
  cpl(
    'a fractional edit rate',
    'unexpected_edit_rate',
    /(<MainSound>[\s\S]*?)<EditRate>24 1</,
    '$1<EditRate>30000 1001<',
  ),
  cpl(
    'another edit rate than the file',
    'mismatched_edit_rate',
    /(<MainSound>[\s\S]*?)<EditRate>24 1</,
    '$1<EditRate>25 1<',
  ),
  cpl(
    'two rates in a reel',
    'mismatched_reel_rates',
    /(<MainSound>[\s\S]*?)<EditRate>24 1</,
    '$1<EditRate>48 1<',
  ),
  cpl(
    'another rate in the second reel',
    'changed_edit_rate',
    /([\s\S]*<MainPicture>[\s\S]*?)<EditRate>24 1</,
    '$1<EditRate>25 1<',
  ),
  cpl('another frame rate', 'mismatched_frame_rate', '<FrameRate>24 1<', '<FrameRate>48 1<'),
  cpl(
    'one frame too many',
    'mismatched_intrinsic_duration',
    /(<MainPicture>[\s\S]*?)<IntrinsicDuration>24</,
    '$1<IntrinsicDuration>25<',
  ),
  cpl(
    'longer than it is',
    'excessive_duration',
    /(<MainSound>[\s\S]*?)<Duration>24</,
    '$1<Duration>48<',
  ),
  cpl('an entry point beyond the end', 'excessive_duration', /<EntryPoint>0</, '<EntryPoint>24<'),
  cpl(
    'less than a second',
    'short_duration',
    /(<MainPicture>[\s\S]*?)<Duration>24</,
    '$1<Duration>12<',
  ),
  cpl(
    'sound shorter than picture',
    'mismatched_reel_duration',
    /(<MainSound>[\s\S]*?)<Duration>24</,
    '$1<Duration>23<',
  ),
  raw('the wrong hash in the composition', 'mismatched_reel_hash', (t) => {
    t.edit('cpl_', swap(/<Hash>[^<]{4}/, '<Hash>AAAA'));
  }),
  cpl('no hash in the composition', 'missing_reel_hash', /\s*<Hash>[^<]*<\/Hash>/, ''),
  cpl(
    'a key id for a plain file',
    'unexpected_key_id',
    '<Hash>',
    '<KeyId>urn:uuid:55555555-5555-4555-8555-555555555555</KeyId><Hash>',
  ),
  cpl(
    'no key id for an encrypted file',
    'missing_key_id',
    /<KeyId>[^<]*<\/KeyId>/,
    '',
    'encrypted',
  ),
  cpl(
    'the key id of another file',
    'mismatched_key_id',
    /<KeyId>urn:uuid:[0-9a-f]{8}/,
    '<KeyId>urn:uuid:44444444',
    'encrypted',
  ),
  cpl('some assets plain', 'partial_encryption', /<KeyId>[^<]*<\/KeyId>/, '', 'encrypted'),
  raw(
    'one key for two files',
    'reused_key',
    (t) =>
      t.cpl((text) => {
        const ids = [...text.matchAll(/<KeyId>([^<]*)</g)].map((match) => match[1]!);
        return text.replace(ids[1]!, ids[0]!);
      }),
    'encrypted',
  ),
  cpl('another aspect ratio', 'mismatched_aspect_ratio', '1998 1080', '2048 858'),
  cpl(
    'sound used as picture',
    'mismatched_asset_kind',
    /<MainSound>([\s\S]*?)<Language>[^<]*<\/Language>\s*<\/MainSound>/,
    '<MainSubtitle>$1</MainSubtitle>',
  ),
  cpl('a language tag with an underscore', 'invalid_value', '<Language>en-US<', '<Language>en_US<'),
  cpl(
    'another language than the file',
    'mismatched_language',
    '<Language>en-US<',
    '<Language>de-DE<',
  ),
  cpl(
    'another id than listed',
    'mismatched_document_id',
    /<Id>urn:uuid:[0-9a-f]{8}/,
    '<Id>urn:uuid:33333333',
  ),
  cpl('cut in the middle', 'malformed_xml', /<ReelList>[\s\S]*/, ''),
  cpl(
    'the content kind of a feature without credits',
    'missing_credits_marker',
    '>short<',
    '>feature<',
  ),
];

const MARKERS: readonly Fault[] = [
  cpl('no first frame of content', 'missing_first_frame_marker', 'FFOC', 'FFTC'),
  cpl('no last frame of content', 'missing_last_frame_marker', 'LFOC', 'LFTC'),
  cpl(
    'content begins at zero',
    'unexpected_first_frame_marker',
    /(FFOC<\/Label>\s*<Offset>)1/,
    '$10',
  ),
  cpl('content ends early', 'unexpected_last_frame_marker', /(LFOC<\/Label>\s*<Offset>)23/, '$120'),
  cpl(
    'a marker nobody knows',
    'unknown_marker',
    '<MarkerList>',
    '<MarkerList><Marker><Label>XXXX</Label><Offset>1</Offset></Marker>',
  ),
  cpl('a marker twice', 'duplicate_marker', /(<Marker>\s*<Label>FFOC[\s\S]*?<\/Marker>)/, '$1$1'),
  cpl(
    'a marker beyond the end',
    'excessive_marker_offset',
    '<MarkerList>',
    '<MarkerList><Marker><Label>FFEC</Label><Offset>99</Offset></Marker>',
  ),
  cpl(
    'credits end before they begin',
    'misordered_markers',
    '<MarkerList>',
    '<MarkerList><Marker><Label>FFEC</Label><Offset>9</Offset></Marker><Marker><Label>LFEC</Label><Offset>3</Offset></Marker>',
  ),
];

const METADATA: readonly Fault[] = [
  cpl(
    'no metadata',
    'missing_composition_metadata',
    /<meta:CompositionMetadataAsset[\s\S]*?<\/meta:CompositionMetadataAsset>/,
    '',
  ),
  raw('metadata in the second reel', 'misplaced_composition_metadata', (t) =>
    t.cpl((text) => {
      const match = /<meta:CompositionMetadataAsset[\s\S]*?<\/meta:CompositionMetadataAsset>/.exec(
        text,
      )!;
      const without = text.replace(match[0], '');
      const last = without.lastIndexOf('</AssetList>');
      return `${without.slice(0, last)}${match[0]}${without.slice(last)}`;
    }),
  ),
  cpl(
    'no version number',
    'missing_version_number',
    /<meta:VersionNumber>[^<]*<\/meta:VersionNumber>/,
    '',
  ),
  cpl(
    'no constraints profile',
    'missing_constraints_profile',
    /<meta:ExtensionMetadataList>[\s\S]*?<\/meta:ExtensionMetadataList>/,
    '',
  ),
  cpl(
    'another constraints profile',
    'unexpected_constraints_profile',
    'SMPTE-RDD-52:2020-Bv2.1',
    'SMPTE-RDD-52:2050-Bv9',
  ),
  cpl(
    'another stored area',
    'mismatched_stored_area',
    /(StoredArea>\s*<meta:Width>)1998/,
    '$12048',
  ),
  cpl(
    'an active area that is too large',
    'excessive_active_area',
    /(ActiveArea>\s*<meta:Width>)1998/,
    '$12048',
  ),
  cpl('an odd active area', 'odd_active_area', /(ActiveArea>\s*<meta:Width>)1998/, '$11997'),
  cpl(
    'another sound configuration',
    'mismatched_sound_configuration',
    '51/L,R,C,LFE,Ls,Rs',
    '71/L,R,C,LFE,Ls,Rs',
  ),
  cpl('another sampling rate', 'mismatched_sound_sample_rate', '48000 1', '96000 1'),
  cpl(
    'no sound labels',
    'missing_sound_labels',
    /<mca:MCASubDescriptors[\s\S]*?<\/mca:MCASubDescriptors>/,
    '',
  ),
  cpl('other sound labels', 'mismatched_sound_labels', '>chRs<', '>chRss<'),
  cpl(
    'an area without height',
    'missing_element',
    /(StoredArea>\s*<meta:Width>1998<\/meta:Width>)\s*<meta:Height>1080<\/meta:Height>/,
    '$1',
  ),
  cpl(
    'luminance without units',
    'missing_attribute',
    '<meta:MainSoundConfiguration>',
    '<meta:Luminance>14</meta:Luminance><meta:MainSoundConfiguration>',
  ),
];

const NAMES: readonly Fault[] = [
  ...(
    [
      ['another type', '_SHR-1_', '_TLR-1_'],
      ['another aspect', '_F_EN', '_S_EN'],
      ['another audio', '_51_', '_71_'],
      ['another resolution', '_2K_', '_4K_'],
      ['another standard', '_SMPTE_', '_IOP_'],
      ['three dimensions', '_SMPTE_', '_SMPTE-3D_'],
    ] as const
  ).map(([name, from, to]): Fault =>
    raw(`the name says ${name}`, 'mismatched_name', (t) => {
      t.edit('cpl_', (text) => text.replaceAll(from, to));
      t.edit('pkl_', (text) => text.replaceAll(from, to));
      t.renew();
    }),
  ),
  raw('a field against the convention', 'invalid_name_field', (t) => {
    t.edit('cpl_', (text) => text.replaceAll('_20261122_', '_20261341_'));
    t.edit('pkl_', (text) => text.replaceAll('_20261122_', '_20261341_'));
    t.renew();
  }),
  raw('no convention at all', 'unconventional_name', (t) => {
    t.edit('cpl_', (text) => text.replaceAll(/Faulty_[^<]*/g, 'Faulty'));
    t.edit('pkl_', (text) => text.replaceAll(/Faulty_[^<]*/g, 'Faulty'));
    t.renew();
  }),
];

const TRACK_FILES: readonly Fault[] = [
  raw('no track file at all', 'unreadable_track_file', (t) =>
    t.mxf('picture_', (bytes) => bytes.fill(0, 16, 17)),
  ),
  raw('the id of another asset', 'mismatched_asset_id', (t) =>
    t.mxf('picture_', (bytes) => {
      const id = t.path('picture_').slice('picture_'.length, -'.mxf'.length).replaceAll('-', '');
      return patch(bytes, id, `ff${id.slice(2)}`);
    }),
  ),
  mxf(
    'Interop labels',
    'mismatched_label_set',
    'picture_',
    '060e2b34040101020d01020110000000',
    '060e2b34040101010d01020110000000',
  ),
  mxf(
    'another operational pattern',
    'unexpected_operational_pattern',
    'picture_',
    '060e2b34040101020d01020110000000',
    '060e2b34040101020d01020101010900',
  ),
  mxf(
    'an open header',
    'incomplete_header',
    'picture_',
    '060e2b34020501010d01020101020400',
    '060e2b34020501010d01020101020300',
  ),
  mxf(
    'no primer',
    'invalid_header_metadata',
    'picture_',
    '060e2b34020501010d01020101050100',
    '060e2b34010101020301021001000000',
  ),
  mxf(
    'a key that is none',
    'invalid_klv',
    'sound_',
    '060e2b34010201010d01030116010101',
    '160e2b34010201010d01030116010101',
    { only: 3 },
  ),
  raw('a cut file', 'invalid_klv', (t) =>
    t.mxf('sound_', (bytes) => bytes.slice(0, bytes.length - 300)),
  ),
  mxf(
    'no index',
    'missing_index',
    'picture_',
    '060e2b34025301010d01020101100100',
    '060e2b34010101020301021001000000',
  ),
  mxf(
    'an index entry elsewhere',
    'mismatched_index',
    'picture_',
    '0000800000000000001ba2',
    '0000800000000000001ba3',
  ),
  raw('no random index', 'missing_random_index', (t) =>
    t.mxf('picture_', (bytes) => bytes.slice(0, bytes.length - 60)),
  ),
  mxf(
    'a random index elsewhere',
    'mismatched_random_index',
    'picture_',
    '000000010000000000004000',
    '000000010000000000004001',
  ),
  mxf(
    'one frame more declared',
    'mismatched_frame_count',
    'picture_',
    '300200080000000000000018',
    '300200080000000000000019',
  ),
  mxf(
    'another essence',
    'unexpected_essence',
    'picture_',
    '060e2b34040101070d010301020c0100',
    '060e2b34040101070d01030102ff0100',
  ),
  mxf(
    'another height in the header',
    'mismatched_picture_size',
    'picture_',
    '3202000400000438',
    '3202000400000440',
  ),
  mxf(
    'another sampling rate',
    'unexpected_sampling_rate',
    'sound_',
    '3d0300080000bb8000000001',
    '3d0300080000ac4400000001',
  ),
  mxf('sixteen bits', 'unexpected_bit_depth', 'sound_', '3d01000400000018', '3d01000400000010'),
  mxf('no channels', 'unexpected_channel_count', 'sound_', '3d07000400000006', '3d07000400000000'),
  mxf(
    'an odd number of channels',
    'odd_channel_count',
    'sound_',
    '3d07000400000006',
    '3d07000400000007',
  ),
  mxf(
    'another channel configuration',
    'unexpected_channel_configuration',
    'sound_',
    '060e2b340401010b0402021003010400',
    '060e2b340401010b0402021003010100',
  ),
  mxf(
    'a soundfield of eight channels',
    'incomplete_soundfield',
    'sound_',
    '0073006700350031',
    '0073006700370031',
  ),
  mxf(
    'one channel labelled twice',
    'invalid_channel_label',
    'sound_',
    '000400000002',
    '000400000001',
  ),
  mxf('another block size', 'mismatched_sound_frame', 'sound_', '3d0a00020012', '3d0a00020018'),
  mxf('no JPEG 2000', 'invalid_codestream', 'picture_', 'ff4fff51', 'ff4fff00', { only: 2 }),
  mxf('two guard bits', 'mismatched_guard_bits', 'picture_', 'ff5c002322', 'ff5c002342'),
  mxf(
    'no cinema profile',
    'mismatched_profile',
    'picture_',
    'ff4fff51002f0003',
    'ff4fff51002f0000',
  ),
];

const ENCRYPTION: readonly Fault[] = [
  raw(
    'a composition without signature',
    'unsigned_encrypted_document',
    (t) => t.cpl(swap(/<Signer[\s\S]*<\/dsig:Signature>/, '')),
    'encrypted',
  ),
  cpl('no Signer element', 'missing_signer_element', /<Signer[\s\S]*<\/Signer>/, '', 'signed'),
  cpl(
    'changed after signing',
    'mismatched_signature_digest',
    '<Issuer>Yinglian<',
    '<Issuer>Somebody<',
    'signed',
  ),
  cpl(
    'another signature value',
    'mismatched_signature_value',
    /(<dsig:SignatureValue>)..../,
    '$1AAAA',
    'signed',
  ),
  raw(
    'a chain without its intermediate',
    'incomplete_chain',
    (t) =>
      t.cpl((text) => {
        const parts = text.match(
          /<dsig:X509Data>\s*<dsig:X509IssuerSerial>[\s\S]*?<dsig:X509Certificate>[\s\S]*?<\/dsig:X509Data>/g,
        )!;
        return text.replace(parts[1]!, '');
      }),
    'signed',
  ),
  mxf(
    'an unknown cipher',
    'unknown_cipher',
    'picture_',
    '060e2b34040101070209020101000000',
    '060e2b34040101070209020109000000',
    { base: 'encrypted' },
  ),
  mxf(
    'no encryption in the header',
    'unexpected_encrypted_frame',
    'picture_',
    '060e2b34025301010d01040102020000',
    '060e2b34025301010d010401020200ff',
    { base: 'encrypted' },
  ),
  raw(
    'one frame of another context',
    'mismatched_context',
    (t) =>
      t.mxf('picture_', (bytes) => {
        const at = Buffer.from(bytes).indexOf(
          Buffer.from('060e2b34020401010d010301027e0100', 'hex'),
        );
        bytes[at + 16 + 4 + 4]! ^= 1;
        return bytes;
      }),
    'encrypted',
  ),
  raw(
    'two frames exchanged',
    'mismatched_sequence',
    (t) =>
      t.mxf('sound_', (bytes) => {
        const key = Buffer.from('060e2b34020401010d010301027e0100', 'hex');
        const first = Buffer.from(bytes).indexOf(key);
        const second = Buffer.from(bytes).indexOf(key, first + 1);
        const size = second - first;
        const copy = bytes.slice(first, second);
        bytes.copyWithin(first, second, second + size);
        bytes.set(copy, second);
        return bytes;
      }),
    'encrypted',
  ),
  raw(
    'one encrypted byte flipped',
    'mismatched_integrity_code',
    (t) =>
      t.mxf('picture_', (bytes) => {
        const at = Buffer.from(bytes).indexOf(
          Buffer.from('060e2b34020401010d010301027e0100', 'hex'),
        );
        bytes[at + 4000]! ^= 1;
        return bytes;
      }),
    'encrypted',
  ),
  raw(
    'a wrong check value',
    'mismatched_key',
    (t) =>
      t.mxf('picture_', (bytes) => {
        const at = Buffer.from(bytes).indexOf(
          Buffer.from('060e2b34020401010d010301027e0100', 'hex'),
        );
        bytes[at + 20 + 64 + 4 + 18]! ^= 1;
        return bytes;
      }),
    'encrypted',
  ),
  raw(
    'a triplet of the wrong length',
    'invalid_encrypted_frame',
    (t) =>
      t.mxf('picture_', (bytes) => {
        const at = Buffer.from(bytes).indexOf(
          Buffer.from('060e2b34020401010d010301027e0100', 'hex'),
        );
        bytes[at + 20 + 4 + 16 + 4 + 8 + 4 + 16 + 4 + 7]! ^= 0x40;
        return bytes;
      }),
    'encrypted',
  ),
];

export const FILE_FAULTS: readonly Fault[] = [
  ...STRUCTURE,
  ...PACKING,
  ...COMPOSITION,
  ...MARKERS,
  ...METADATA,
  ...NAMES,
  ...TRACK_FILES,
  ...ENCRYPTION,
];
