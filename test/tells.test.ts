import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { noteSaid, TELLS_FOLDER, tellsIn, tellsOfRun } from './discipline/planted.ts';

const folder = mkdtempSync(join(tmpdir(), 'yinglian-tells-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the search for planted keys', () => {
  const key = randomBytes(16);
  const tells = (text: string | Buffer) => tellsIn(Buffer.from(text as string), [key]);

  it('finds a key however it is written, and a private key of anybody', () => {
    expect(tells(`key=${key.toString('hex').toUpperCase()};`)).toHaveLength(1);
    for (const before of ['', 'x', 'xy']) {
      const longer = Buffer.concat([Buffer.from(before), key, Buffer.from('and more')]);
      expect(tells(`{"a":"${longer.toString('base64')}"}`)).toHaveLength(1);
      expect(tells(longer.toString('base64url')).length).toBeGreaterThan(0);
      expect(tells(longer)).toContain('a planted key as bytes');
    }
    expect(tells('-----BEGIN RSA PRIVATE KEY-----')).toEqual(['a private key']);
    const other = randomBytes(16);
    expect(tells(`${other.toString('hex')} ${other.toString('base64')}`)).toEqual([]);
  });

  it('reads all that a run wrote down, and nothing else', () => {
    writeFileSync(join(folder, 'secrets.txt'), `${key.toString('hex')}\n`);
    writeFileSync(join(folder, 'said-1.log'), 'a word');
    expect(tellsOfRun(folder)).toEqual([]);
    writeFileSync(join(folder, 'said-2.log'), `oops ${key.toString('hex')}`);
    expect(tellsOfRun(folder)).toEqual(['said-2.log: a planted key in hex']);
  });

  it('is told what children print and what tests catch', () => {
    const of = process.env[TELLS_FOLDER];
    expect(of, 'the run keeps no book').toBeDefined();
    const word = `a word of ${randomBytes(8).toString('hex')}`;
    const said = () =>
      readdirSync(of!).some((name) => readFileSync(join(of!, name), 'latin1').includes(word));
    execFileSync(process.execPath, ['-e', `console.log(${JSON.stringify(word)})`]);
    expect(said()).toBe(true);
    const caught = `${word} caught`;
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    process.stdout.write(caught);
    spy.mockRestore();
    noteSaid('');
    const files = readdirSync(of!).map((name) => readFileSync(join(of!, name), 'latin1'));
    expect(files.some((each) => each.includes(caught))).toBe(true);
  });
});
