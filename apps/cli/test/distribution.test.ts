import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WAVE_HEAD_BYTES } from '@yinglian/dcp';
import { plantSecrets } from '../../../test/discipline/planted.ts';
import { main } from '../src/index.ts';
import { EXIT } from '../src/kernel/exit-codes.ts';

const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '../../../../shared/fixtures/dcp');
const HAS = existsSync(FIXTURES);
if (!HAS) console.log('skipped where marked: the fixtures are not beside the checkout');

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'yinglian-distribution-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]) => join(folder, ...parts);

let out = '';
let err = '';
beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => vi.restoreAllMocks());

type Found = { readonly code: string; readonly severity: string };

/** Runs a command and gives its code and its JSON answer. */
async function run(...argv: string[]): Promise<{ code: number; json: Record<string, unknown> }> {
  out = '';
  err = '';
  const code = await main(['--json', '--language', 'en', ...argv]);
  return { code, json: out === '' ? {} : (JSON.parse(out) as Record<string, unknown>) };
}
const errorsOf = (json: Record<string, unknown>) =>
  (json['findings'] as Found[]).filter((each) => each.severity === 'error').map(({ code }) => code);

/** A second of 24-bit PCM at 48 kHz in six channels. */
function writeSound(path: string, seconds: number, more: { rate?: number; silent?: boolean } = {}) {
  const rate = more.rate ?? 48_000;
  const data = Buffer.alloc(seconds * rate * 18);
  const loud = more.silent === true ? 0 : data.length;
  for (let i = 0; i < loud; i++) data[i] = i % 3 === 2 ? (i >> 9) & 3 : (i * 7) & 0xff;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(6, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 18, 28);
  head.writeUInt16LE(18, 32);
  head.writeUInt16LE(24, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(data.length, 40);
  writeFileSync(path, Buffer.concat([head, data]));
}

const TITLE = 'Hello_SHR-1_F_EN-EN_CN_51_2K_YL_20261122_YL_SMPTE_OV';

describe('certificates', () => {
  it('makes a chain and a device below an authority, clean by strict rules', async () => {
    const made = await run(
      'cert',
      'make',
      '--name',
      'post',
      '--organization',
      'p.example',
      '--out',
      at('signer'),
    );
    expect(made.code).toBe(EXIT.done);
    const device = await run(
      'cert', 'make', '--name', 'maker.IMB.001234', '--roles', 'SM,MIC', '--unit', 'p.example',
      '--issuer', at('signer/intermediate.pem'), at('signer/root.pem'),
      '--issuer-key', at('signer/intermediate.key'), '--out', at('device'),
    ); // prettier-ignore
    expect(device.code, err).toBe(EXIT.done);
    for (const chain of ['signer', 'device']) {
      const checked = await run('cert', 'check', '--strict', at(chain, 'chain.pem'));
      expect(checked.json['findings']).toEqual([]);
    }
    for (const key of ['signer/leaf.key', 'signer/root.key', 'device/leaf.key']) {
      expect(statSync(at(key)).mode & 0o077).toBe(0);
    }
    const wrong = await run(
      'cert', 'make', '--name', 'x.y.z', '--roles', 'SM', '--issuer', at('signer/root.pem'),
      '--issuer-key', at('signer/leaf.key'), '--out', at('never'),
    ); // prettier-ignore
    expect(wrong.code).toBe(EXIT.misused);
  });

  it('sorts a delivery in folders and archives into devices', async () => {
    mkdirSync(at('delivery/2026'), { recursive: true });
    writeFileSync(at('delivery/2026/one.pem'), readFileSync(at('device/leaf.pem')));
    writeFileSync(at('delivery/authorities.crt'), readFileSync(at('signer/chain.pem')));
    const packed = spawnSync('tar', ['-czf', at('delivery.tgz'), '-C', folder, 'delivery']);
    const sources = packed.status === 0 ? [at('delivery'), at('delivery.tgz')] : [at('delivery')];
    const { code, json } = await run('cert', 'chain', ...sources, '--out', at('sorted'));
    expect(code).toBe(EXIT.done);
    const devices = json['devices'] as { serial: string; complete: boolean; roles: string[] }[];
    const device = devices.find((each) => each.roles.includes('SM'));
    expect(device).toMatchObject({ serial: '001234', complete: true });
    expect(readdirSync(at('sorted'))).toContain('maker_IMB_001234.pem');
  });
});

describe('certificates of several devices', () => {
  it('are each judged with their chain, and told by both thumbprints', async () => {
    const { code, json } = await run('cert', 'check', at('delivery'));
    expect([code, errorsOf(json)]).toEqual([EXIT.done, []]);
    const shown = json['certificates'] as Record<string, string>[];
    expect(shown.map((each) => each['entity']).sort()).toContain('maker.IMB.001234');
    expect(shown.length).toBe(4);
    for (const { thumbprint, thumbprintByText } of shown) {
      expect(thumbprintByText).toMatch(/^[A-Za-z0-9+/]{27}=$/);
      expect(thumbprintByText).not.toBe(thumbprint);
    }
  });
});

describe.skipIf(!HAS)('packages and keys', () => {
  it('builds an encrypted package, keeps its keys apart, and judges it clean', async () => {
    mkdirSync(at('j2c'));
    const frame = readFileSync(join(FIXTURES, 'generated/j2k/1998x1080-cinema2k-gb1.j2c'));
    for (let i = 0; i < 24; i++) writeFileSync(at('j2c', `f${i}.j2c`), frame);
    writeSound(at('sound.wav'), 1);
    const build = (target: string, ...more: string[]) =>
      run(
        'dcp', 'build', at(target), '--picture', at('j2c'), '--sound', at('sound.wav'),
        '--title', TITLE, '--kind', 'SHR', '--sound-language', 'en', '--seed', 'x',
        '--date', '2026-11-22T10:00:00+00:00', ...more,
      ); // prettier-ignore
    const signer = ['--signer', at('signer/chain.pem'), '--signer-key', at('signer/leaf.key')];
    const { code, json } = await build(
      'pkg',
      ...signer,
      '--encrypt',
      '--keys-out',
      at('keys.json'),
    );
    expect(code, err).toBe(EXIT.done);
    expect(errorsOf(json)).toEqual([]);
    expect((json['loudness'] as { seconds: number }[])[0]!.seconds).toBe(1);
    expect(existsSync(at('pkg.work'))).toBe(false);
    expect(statSync(at('keys.json')).mode & 0o077).toBe(0);
    const { keys } = JSON.parse(readFileSync(at('keys.json'), 'utf8')) as {
      keys: { key: string }[];
    };
    plantSecrets(keys.map(({ key }) => Buffer.from(key, 'hex')));
    for (const { key } of keys) expect(out + err).not.toContain(key);
    await build('again', ...signer, '--encrypt', '--keys-out', at('again.json'));
    const files = readdirSync(at('pkg')).sort();
    expect(readdirSync(at('again')).sort()).toEqual(files);
    for (const file of files) {
      expect(readFileSync(at('again', file)).equals(readFileSync(at('pkg', file))), file).toBe(
        true,
      );
    }
    const refused = await build('never', '--encrypt');
    expect(refused.code).toBe(EXIT.misused);
    const over = await build('again');
    expect([over.code, readdirSync(at('again')).sort()]).toEqual([EXIT.misused, files]);
  });

  it('decrypts, encrypts again, and what plays is the same', async () => {
    const signer = ['--signer', at('signer/chain.pem'), '--signer-key', at('signer/leaf.key')];
    const plain = await run(
      'dcp',
      'decrypt',
      at('pkg'),
      at('plain'),
      '--keys',
      at('keys.json'),
      ...signer,
    );
    expect(plain.code, err).toBe(EXIT.done);
    const without = await run('dcp', 'decrypt', at('pkg'), at('empty'));
    expect([without.code, errorsOf(without.json)]).toEqual([EXIT.faulty, ['missing_key']]);
    const closed = await run(
      'dcp',
      'encrypt',
      at('plain'),
      at('closed'),
      '--keys-out',
      at('k2.json'),
      ...signer,
    );
    expect(closed.code, err).toBe(EXIT.done);
    const judged = await run('dcp', 'verify', at('closed'), '--keys', at('k2.json'));
    expect(errorsOf(judged.json)).toEqual([]);
    expect((judged.json['checked'] as { integrityCodes: number }).integrityCodes).toBe(48);
    const same = await run('dcp', 'compare', at('pkg'), at('plain'), '--keys', at('keys.json'));
    expect(same.json['findings']).toEqual([]);
  });

  it('takes essence out, and sound back as it went in', async () => {
    const name = readdirSync(at('pkg')).find((each) => each.startsWith('sound'))!;
    await run('dcp', 'unwrap', at('pkg', name), at('out.wav'), '--keys', at('keys.json'));
    expect(
      readFileSync(at('out.wav'))
        .subarray(WAVE_HEAD_BYTES)
        .equals(readFileSync(at('sound.wav')).subarray(44)),
    ).toBe(true);
    const picture = readdirSync(at('pkg')).find((each) => each.startsWith('picture'))!;
    const argv = ['dcp', 'unwrap', at('pkg', picture), at('frames'), '--from', '3', '--count', '2'];
    expect((await run(...argv)).code).toBe(EXIT.faulty);
    expect((await run(...argv, '--keys', at('keys.json'))).json['elements']).toBe(2);
    expect(readFileSync(at('frames/000004.j2c')).equals(readFileSync(at('j2c/f4.j2c')))).toBe(true);
  });

  it('writes the verdict as HTML, PDF, JSON; a stored one stands for an original', async () => {
    const files = ['r.html', 'r.pdf', 'r.json'].map((name) => at(name));
    const { code } = await run('dcp', 'report', at('plain'), ...files, '--loudness');
    expect(code).toBe(EXIT.done);
    expect(readFileSync(at('r.html'), 'utf8')).toContain('data:image/png');
    expect(readFileSync(at('r.pdf')).subarray(0, 8).toString()).toBe('%PDF-1.7');
    expect(
      (JSON.parse(readFileSync(at('r.json'), 'utf8')) as { loudness: unknown[] }).loudness.length,
    ).toBe(1);
    const version = await run(
      'dcp', 'build', at('vf'), '--ov', at('plain'), '--title', TITLE.replace('OV', 'VF'),
      '--kind', 'SHR',
      '--sound', at('sound.wav'), '--sound-language', 'fr', '--date', '2026-11-22T10:00:00+00:00',
    ); // prettier-ignore
    expect(errorsOf(version.json), err).toEqual([]);
    const known = await run('dcp', 'verify', at('vf'), '--known', at('r.json'));
    expect(errorsOf(known.json)).toEqual([]);
    writeFileSync(at('house.json'), '{"base":"bv21","severities":{"missing_key":"error"}}');
    const house = await run('dcp', 'verify', at('pkg'), '--profile', at('house.json'));
    expect(errorsOf(house.json)).toContain('missing_key');
    expect((await run('dcp', 'verify', at('pkg'), '--profile', 'strictest')).code).toBe(
      EXIT.misused,
    );
  });

  it('makes keys for a device and a facility, goes on where it was, and opens them', async () => {
    const make = (...more: string[]) =>
      run(
        'kdm', 'make', '--keys', at('keys.json'), '--signer', at('signer/chain.pem'),
        '--signer-key', at('signer/leaf.key'), '--to', at('device'), '--from', '2026-12-01T10:00',
        '--until', '2026-12-08T23:59', '--out', at('kdms'), ...more,
      ); // prettier-ignore
    const list = join(FIXTURES, 'generated/flm/st430-16-two-screens.xml');
    const first = await make('--facility', list, '--zip');
    expect(first.code, err).toBe(EXIT.done);
    expect((first.json['made'] as unknown[]).length).toBe(3);
    expect((first.json['zips'] as unknown[]).length).toBe(2);
    const second = await make();
    expect([(second.json['made'] as unknown[]).length, second.json['kept']]).toEqual([0, 1]);
    const later = await make('--until', '2026-12-08T23:00', '--zip');
    expect([later.code, errorsOf(later.json)]).toEqual([EXIT.faulty, ['mismatched_kept_message']]);
    expect([later.json['kept'], later.json['zips']]).toEqual([0, []]);
    expect((await make('--time-zone', 'Mars/Base')).code).toBe(EXIT.misused);
    const file = readdirSync(at('kdms')).find((name) => /001234.*xml$/.test(name))!;
    const checked = await run(
      'kdm', 'check', at('kdms', file), '--device', at('device/leaf.pem'),
      '--private-key', at('device/leaf.key'),
    ); // prettier-ignore
    expect(errorsOf(checked.json)).toEqual([]);
    expect(checked.json['openedKeys']).toBe(2);
    const opened = await run(
      'kdm',
      'open',
      at('kdms', file),
      '--private-key',
      at('device/leaf.key'),
      '--out',
      at('k3.json'),
    );
    expect(opened.code, err).toBe(EXIT.done);
    const judged = await run('dcp', 'verify', at('pkg'), '--keys', at('k3.json'));
    expect((judged.json['checked'] as { integrityCodes: number }).integrityCodes).toBe(48);
    const direct = await run(
      'dcp',
      'verify',
      at('pkg'),
      '--kdm',
      at('kdms', file),
      '--kdm-key',
      at('device/leaf.key'),
    );
    expect(errorsOf(direct.json)).toEqual([]);
    const { keys } = JSON.parse(readFileSync(at('keys.json'), 'utf8')) as {
      keys: { key: string }[];
    };
    for (const { key } of keys) expect(out + err).not.toContain(key);
    const bundle = await run('kdm', 'bundle', at('kdms'), '--out', at('all.zip'));
    expect((bundle.json['messages'] as unknown[]).length).toBeGreaterThanOrEqual(3);
    const wrong = await run(
      'kdm',
      'open',
      at('kdms', file),
      '--private-key',
      at('signer/leaf.key'),
      '--out',
      at('no.json'),
    );
    expect([wrong.code, existsSync(at('no.json'))]).toEqual([EXIT.faulty, false]);
  });

  it('makes keys for a version from those of its original, and tells other kept ones', async () => {
    const cpl = readdirSync(at('pkg')).find((name) => /^cpl_/i.test(name))!;
    const original = readFileSync(at('pkg', cpl), 'utf8');
    const id = /<Id>urn:uuid:([^<]+)/.exec(original)![1]!;
    const version = `abababab${id.slice(8)}`;
    writeFileSync(at('version.xml'), original.replaceAll(id, version));
    const makeOf = (keys: string, ...more: string[]) =>
      run(
        'kdm', 'make', '--keys', at(keys), at(keys),
        '--signer', at('signer/chain.pem'), '--signer-key', at('signer/leaf.key'),
        '--to', at('device'), '--from', '2026-12-01T10:00',
        '--until', '2026-12-08T23:59', '--out', at('versions'), ...more,
      ); // prettier-ignore
    const make = (...more: string[]) => makeOf('keys.json', ...more);
    const made = await make('--cpl', at('version.xml'));
    expect(made.code, err).toBe(EXIT.done);
    expect(err).toContain(id);
    const { file } = (made.json['made'] as { file: string }[])[0]!;
    const checked = await run('kdm', 'check', at('versions', file), '--cpl', at('version.xml'));
    expect([checked.json['cplId'], errorsOf(checked.json)]).toEqual([version, []]);
    const again = await make('--cpl', at('version.xml'), '--formulation', 'dci-any');
    expect(errorsOf(again.json)).toEqual(['mismatched_kept_message']);
    const kept = JSON.parse(readFileSync(at('keys.json'), 'utf8')) as object;
    const compositions = [id, version].map((each) => ({ id: each, title: TITLE }));
    writeFileSync(at('both.json'), JSON.stringify({ ...kept, compositions }));
    const both = await makeOf('both.json', '--cpl', at('version.xml'));
    expect(both.code, err).toBe(EXIT.done);
    expect(err).not.toContain('another composition');
  });

  it('refuses what a media block would refuse', async () => {
    const { code, json } = await run(
      'kdm', 'make', '--keys', at('keys.json'), '--signer', at('signer/chain.pem'),
      '--signer-key', at('signer/leaf.key'), '--to', at('device'), '--from', '2026-12-01T10:00',
      '--until', '2099-12-08T23:59', '--out', at('kdms-late'),
    ); // prettier-ignore
    expect(code).toBe(EXIT.faulty);
    expect(errorsOf(json)).toContain('excessive_recipient_window');
    expect(readdirSync(at('kdms-late'))).toEqual([]);
  });

  it('reads, converts and checks facility lists', async () => {
    const list = join(FIXTURES, 'generated/flm/st430-16-two-screens.xml');
    const read = await run('facility', 'read', list);
    expect((read.json['facility'] as { auditoriums: unknown[] }).auditoriums.length).toBe(2);
    expect((await run('facility', 'convert', list, at('list.xml'))).code).toBe(EXIT.done);
    expect((await run('facility', 'convert', list, at('list.json'))).code).toBe(EXIT.done);
    const diff = await run('facility', 'diff', list, at('list.xml'));
    expect(diff.json['changes']).toEqual([]);
    const later = join(FIXTURES, 'generated/flm/st430-16-two-screens-update.xml');
    const update = await run('facility', 'diff', list, later);
    const kinds = (update.json['changes'] as { kind: string }[]).map((each) => each.kind);
    expect([update.code, kinds]).toEqual([
      EXIT.done,
      ['replaced_security_manager', 'removed_auditorium'],
    ]);
    expect((await run('facility', 'convert', list, at('list.csv'))).code).toBe(EXIT.misused);
  });

  it('judges master packages', async () => {
    const path = join(FIXTURES, 'photon/TestIMP/MERIDIAN_Netflix_Photon_161006');
    const { code, json } = await run('imf', 'verify', path);
    expect(code).toBe(EXIT.faulty);
    expect(errorsOf(json)).toContain('missing_asset_file');
    expect((await run('imf', 'info', path)).code).toBe(EXIT.done);
  });
});

describe.skipIf(!HAS)('builds of several reels and runs', () => {
  const reels = ['--picture', at('j2c'), at('j2c')];
  const build = (target: string, ...more: string[]) =>
    run('dcp', 'build', at(target), '--title', TITLE, '--kind', 'SHR', '--seed', 'x', ...more);
  const documentOf = (folder: string) =>
    readFileSync(
      at(
        folder,
        readdirSync(at(folder)).find((name) => name.startsWith('cpl'))!,
      ),
      'utf8',
    );

  it('keep sound of one name in two folders apart', async () => {
    for (const [name, silent] of [
      ['r1', false],
      ['r2', true],
    ] as const) {
      mkdirSync(at(name));
      writeSound(at(name, 'mix.wav'), 1, { rate: 44_100, silent });
    }
    const sound = ['--sound', at('r1/mix.wav'), at('r2/mix.wav')];
    const { code, json } = await build('reels', ...reels, ...sound);
    expect(code, err).toBe(EXIT.done);
    const peaks = (json['loudness'] as { truePeakDbtp: number[] }[]).map(
      ({ truePeakDbtp }) => Math.max(...truePeakDbtp) > -100,
    );
    expect(peaks).toEqual([true, false]);
  });

  it('cut one text of the film for every reel, and say what a composition is', async () => {
    const cue = (n: number, from: string, to: string) =>
      `${n}\n00:00:${from} --> 00:00:${to}\nHi\n`;
    writeFileSync(at('film.srt'), `${cue(1, '00,200', '00,900')}\n${cue(2, '01,200', '01,900')}`);
    const about = [
      '--territory', 'CN', '--distributor', 'House', '--version-number', '2', '--version-status',
      'final', '--luminance', '14fl', '--rating', 'http://rating.example/=PG',
    ]; // prettier-ignore
    const { code, json } = await build('texts', ...reels, '--subtitle', at('film.srt'), ...about);
    expect([code, errorsOf(json)], err).toEqual([EXIT.done, []]);
    const cpl = documentOf('texts');
    expect(cpl.match(/<MainSubtitle>/g)?.length).toBe(2);
    for (const text of ['>CN<', '>House<', 'status="final">2<', 'foot-lambert">14<', '>PG<']) {
      expect(cpl).toContain(text);
    }
    expect(errorsOf(json)).not.toContain('overrunning_text');
    for (const wrong of [
      ['--mode', 'best'],
      ['--encoder', 'best'],
      ['--space', 'rec700'],
      ['--luminance', 'bright'],
    ]) {
      expect((await build('wrong', ...reels, ...wrong)).code).toBe(EXIT.misused);
    }
  });

  it.skipIf(!hasFfmpeg)('take a film with each of eight channels in a stream as 7.1', async () => {
    const film = at('eight.mov');
    const maps = Array.from({ length: 8 }, () => ['-map', '0']).flat();
    const tone = ['-f', 'lavfi', '-i', 'sine=duration=1:sample_rate=48000'];
    spawnSync('ffmpeg', ['-v', 'error', ...tone, ...maps, '-c', 'pcm_s24le', film]);
    const { code } = await build('eight', '--picture', at('j2c'), '--sound', film);
    expect(code, err).toBe(EXIT.done);
    expect(documentOf('eight')).toContain('71/L,R,C,LFE,Lss,Rss,Lrs,Rrs');
  });

  it('take nothing from a run that was cut whose sources were others', async () => {
    const sound = (name: string) => ['--picture', at('j2c'), '--sound', at(name)];
    writeSound(at('quiet.wav'), 1, { silent: true });
    const date = ['--date', '2026-11-22T10:00:00+00:00'];
    await build('cut', ...sound('sound.wav'), ...date);
    await build('fresh', ...sound('quiet.wav'), ...date);
    for (const name of readdirSync(at('cut'))) {
      if (/^(?:ASSETMAP|cpl|pkl)/i.test(name)) rmSync(at('cut', name));
    }
    mkdirSync(at('cut.work'));
    const begun = { seed: 'x', issueDate: date[1], essence: 'of the other sound' };
    writeFileSync(at('cut.work/begun.json'), JSON.stringify(begun));
    expect((await build('cut', ...sound('quiet.wav'), ...date)).code, err).toBe(EXIT.done);
    const files = readdirSync(at('fresh')).sort();
    expect(readdirSync(at('cut')).sort()).toEqual(files);
    for (const name of files) {
      expect(readFileSync(at('cut', name)).equals(readFileSync(at('fresh', name))), name).toBe(
        true,
      );
    }
  });
});

describe('playback logs', () => {
  it('does not call nothing a success', async () => {
    mkdirSync(at('nothing'), { recursive: true });
    expect((await run('playlog', 'read', at('nothing'))).code).toBe(EXIT.faulty);
    writeFileSync(at('heading.csv'), 'CPL UUID,Title,Start Time,End Time\n');
    const { json } = await run('playlog', 'read', at('heading.csv'));
    expect(json['findings']).toMatchObject([{ code: 'empty_log' }]);
    // Doors were opened and nothing was shown.
    writeFileSync(
      at('doors.xml'),
      '<LogReport xmlns="http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/"><reportDate>' +
        '2026-12-02T00:00:00+08:00</reportDate><LogRecordElement><LogRecordHeader><EventID>' +
        'urn:uuid:00000000-0000-4000-8000-000000000001</EventID><TimeStamp>' +
        '2026-12-01T10:00:00+08:00</TimeStamp><EventSequence>1</EventSequence><EventType>' +
        'Operations</EventType></LogRecordHeader><LogRecordBody><EventSubType>SPBOpen' +
        '</EventSubType></LogRecordBody></LogRecordElement></LogReport>',
    );
    const doors = await run('playlog', 'read', at('doors.xml'));
    const codes = (doors.json['findings'] as { code: string }[]).map((each) => each.code);
    expect(codes).toContain('missing_playback');
  });

  it('reads tables, writes them for joining, and tells what is no log', async () => {
    writeFileSync(
      at('tms.csv'),
      'CPL UUID,Title,Start Time,End Time\n,x,2026-12-01 19:00,2026-12-01 21:00\n',
    );
    const { code, json } = await run('playlog', 'read', at('tms.csv'), '--out', at('joined.csv'));
    expect(code).toBe(EXIT.done);
    expect((json['playbacks'] as { startedAt: string }[])[0]!.startedAt).toBe(
      '2026-12-01T19:00:00+08:00',
    );
    expect(readFileSync(at('joined.csv'), 'utf8')).toContain(
      '2026-12-01T21:00:00+08:00,7200,true,false',
    );
    writeFileSync(at('no.xml'), '<a/>');
    const wrong = await run('playlog', 'check', at('no.xml'));
    expect([wrong.code, errorsOf(wrong.json)]).toEqual([EXIT.faulty, ['unexpected_root_element']]);
    expect((await run('playlog', 'check', at('nowhere.xml'))).code).toBe(EXIT.misused);
  });
});

describe('wrong files', () => {
  const text = (name: string, content: string | Buffer) => {
    writeFileSync(at(name), content);
    return at(name);
  };

  it('are refused by what they are, in both languages, and never by a stack', async () => {
    mkdirSync(at('nothing'), { recursive: true });
    const picture = text('wrong.jpg', Buffer.from('ffd8ffe000104a46494600', 'hex'));
    const page = text('wrong.html', '<!DOCTYPE html><html><body>moved<br></body></html>');
    const archive = text('wrong.zip', Buffer.from('504b0506000000000000000000000000', 'hex'));
    const empty = text('wrong.pem', '');
    const note = text('wrong.txt', 'see you tomorrow');
    const cases: [string, string[]][] = [
      ['missing_asset_map', ['dcp', 'verify', at('nothing')]],
      ['missing_asset_map', ['dcp', 'info', at('nothing')]],
      ['missing_asset_map', ['imf', 'info', at('nothing')]],
      ['unexpected_file_kind', ['kdm', 'check', picture]],
      ['unexpected_file_kind', ['kdm', 'check', page]],
      ['empty_document', ['kdm', 'check', empty]],
      ['malformed_xml', ['kdm', 'check', note]],
      ['missing_certificate', ['cert', 'check', empty]],
      ['unexpected_file_kind', ['cert', 'check', picture]],
      ['unreadable_certificate', ['cert', 'check', note]],
      ['unexpected_file_kind', ['facility', 'check', page]],
      ['unexpected_file_kind', ['playlog', 'check', archive]],
    ];
    for (const [code, argv] of cases) {
      const { code: exit, json } = await run(...argv);
      expect([argv.join(' '), errorsOf(json)]).toEqual([
        argv.join(' '),
        expect.arrayContaining([code]),
      ]);
      expect(exit).toBe(EXIT.faulty);
      for (const language of ['zh-CN', 'en']) {
        out = '';
        err = '';
        expect(await main(['--language', language, ...argv])).toBe(EXIT.faulty);
        expect(out + err).toContain(code);
        expect(out + err).not.toMatch(/\n\s+at |\{\w+\}/);
        if (language === 'zh-CN') expect(out + err).toMatch(/✗ .*[\u4e00-\u9fff]/);
      }
    }
    for (const file of [note, at('absent')]) {
      expect(await main(['--language', 'en', 'dcp', 'verify', file])).toBe(EXIT.misused);
      expect(out + err).not.toMatch(/\n\s+at /);
    }
  });

  it.skipIf(!HAS)('a master package is no cinema package, nor the other way', async () => {
    const cinema = await run('imf', 'info', join(FIXTURES, 'generated/dcp/smpte-plain'));
    expect(cinema.code).toBe(EXIT.faulty);
    expect(errorsOf(cinema.json)).toContain('unexpected_cinema_document');
    const master = join(FIXTURES, 'photon/TestIMP/MERIDIAN_Netflix_Photon_161006');
    const judged = await run('dcp', 'verify', master);
    expect(judged.code).toBe(EXIT.faulty);
    expect(errorsOf(judged.json)).toContain('unexpected_master_document');
  });
});
