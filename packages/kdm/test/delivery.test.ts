import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeUtf8, encodeUtf8 } from '@yinglian/core';
import { kdmMail, parseKdmTime, writeZip } from '@yinglian/kdm';
import { describe, expect, it } from 'vitest';
import { withFolder } from './fixtures.ts';

const AT = parseKdmTime('2026-12-01T23:59:58+08:00')!;
const HAS_UNZIP = spawnSync('python3', ['-c', 'import zipfile']).status === 0;
if (!HAS_UNZIP) console.warn('skipped: no python3 to read a ZIP');

describe('delivery', () => {
  it.runIf(HAS_UNZIP)('[KD24] others read our ZIP', () =>
    withFolder((folder) => {
      const entries = [
        { name: 'k_one.xml', bytes: encodeUtf8('<one/>') },
        { name: '影厅 2/k.xml', bytes: new Uint8Array(70_000).fill(65) },
        { name: 'empty', bytes: new Uint8Array(0) },
      ];
      const zip = writeZip(entries, AT);
      expect(writeZip(entries, AT)).toEqual(zip);
      const file = join(folder, 'keys.zip');
      writeFileSync(file, zip);
      const program =
        'import sys,zipfile,json;z=zipfile.ZipFile(sys.argv[1]);assert z.testzip() is None;' +
        'print(json.dumps([[i.filename,i.file_size,list(i.date_time)] for i in z.infolist()]))';
      const found = spawnSync('python3', ['-c', program, file]);
      expect(found.stderr.toString()).toBe('');
      const time = [2026, 12, 1, 23, 59, 58];
      expect(JSON.parse(found.stdout.toString())).toEqual([
        ['k_one.xml', 6, time],
        ['影厅 2/k.xml', 70_000, time],
        ['empty', 0, time],
      ]);
      zip[40] = zip[40]! ^ 1;
      writeFileSync(file, zip);
      expect(spawnSync('python3', ['-c', program, file]).status).not.toBe(0);
    }),
  );

  it('[KD24] refuses names that leave the folder or occur twice', () => {
    const bytes = new Uint8Array(1);
    expect(() => writeZip([{ name: '/etc/x', bytes }], AT)).toThrow();
    expect(() => writeZip([{ name: 'a\\b', bytes }], AT)).toThrow();
    const twice = [
      { name: 'a', bytes },
      { name: 'a', bytes },
    ];
    expect(() => writeZip(twice, AT)).toThrow();
    expect(decodeUtf8(writeZip([], AT))).toHaveLength(22);
  });

  it('[KD25] says what the projectionist needs', () => {
    const mail = {
      film: '影联\nBcc: x',
      cinema: '大光明 Grand',
      screens: [{ name: '1', fileName: 'k_1.xml' }],
      window: { notBefore: AT, notAfter: parseKdmTime('2026-12-08T23:59:00+08:00')! },
      timeZone: 'Asia/Shanghai',
      zipName: 'k_Film.zip',
      contact: 'keys@yinglian.example',
    };
    for (const locale of ['zh-CN', 'en'] as const) {
      const { subject, text } = kdmMail(mail, locale);
      expect(subject).toBe('k_Film');
      for (const part of ['影联 Bcc: x', '2026-12-01 23:59:58+08:00', 'Asia/Shanghai', 'k_1.xml']) {
        expect(text).toContain(part);
      }
      expect(text).not.toMatch(/^Bcc/m);
    }
    expect(kdmMail({ ...mail, zipName: 'a\r\nBcc: x.zip' }, 'en').subject).toBe('a Bcc: x');
  });
});
