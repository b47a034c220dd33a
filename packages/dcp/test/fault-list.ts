import { encodeUtf8 } from '@yinglian/core';
import { type Fault, patch } from './faults.ts';
import { COMPOSITION_FAULTS } from './fault-list-composition.ts';
import { VALUE_FAULTS } from './fault-list-values.ts';
import { cpl, flip, map, mxf, pkl, raw, swap } from './fault-kinds.ts';

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
  map('a path through the folder itself', 'unconventional_asset_path', '<Path>s', '<Path>./s'),
  map(
    'a map with the id of an asset',
    'duplicate_asset_id',
    /(<AssetMap[^>]*>\s*<Id>)[^<]*([\s\S]*?<Asset>\s*<Id>)([^<]*)/,
    '$1$3$2$3',
  ),
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
  pkl(
    'a composition listed as a track file',
    'unexpected_asset_type',
    '<Type>text/xml<',
    '<Type>application/mxf<',
  ),
  raw('a volume beyond the count', 'excessive_volume_index', (t) =>
    t.edit('VOLINDEX', (xml) => xml.replace('<Index>1<', '<Index>2<')),
  ),
  map(
    'a volume that is not there',
    'missing_volume',
    /<VolumeCount>1<([\s\S]*)<Path>sound_[^<]*<\/Path>\s*<VolumeIndex>1</,
    '<VolumeCount>2<$1<Path>elsewhere.mxf</Path><VolumeIndex>2<',
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

const TRACK_FILES: readonly Fault[] = [
  raw('a text in the place of sound', 'unreadable_track_file', (t) =>
    t.mxf('sound_', () => encodeUtf8('this is no sound')),
  ),
  raw('nothing in the place of sound', 'unreadable_track_file', (t) =>
    t.mxf('sound_', () => new Uint8Array()),
  ),
  raw('a composition in UTF-16', 'unreadable_document', (t) => {
    const text = new TextDecoder().decode(t.files.get(t.path('cpl_')));
    t.files.set(t.path('cpl_'), new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le')));
    t.renew();
  }),
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

/** Every single fault in files, each with the code that must tell it. */
export const FILE_FAULTS: readonly Fault[] = [
  ...STRUCTURE,
  ...PACKING,
  ...COMPOSITION_FAULTS,
  ...TRACK_FILES,
  ...ENCRYPTION,
  ...VALUE_FAULTS,
];
