import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes, digest, encodeUtf8, fromHex, toHex } from '@yinglian/core';
import {
  createFileSink,
  folderReader,
  folderWriter,
  generateRsaKey,
  nodeCryptography,
  openFile,
  pathParts,
  publicKeyOf,
  randomBytes,
  readPrivateKey,
  seededRandomBytes,
  UnsafePathError,
} from '@yinglian/host';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yinglian-host-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('cryptography', () => {
  it('[HO1] agrees with published vectors', () => {
    expect(toHex(digest(nodeCryptography, 'sha1', encodeUtf8('abc')))).toBe(
      'a9993e364706816aba3e25717850c26c9cd0d89d',
    );
    // RFC 2202, HMAC-SHA-1 case 2.
    const hmac = nodeCryptography.hmac('sha1', encodeUtf8('Jefe'));
    hmac.update(encodeUtf8('what do ya want for nothing?'));
    expect(toHex(hmac.digest())).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79');
    // NIST SP 800-38A, F.1.1 and F.2.1.
    const key = fromHex('2b7e151628aed2a6abf7158809cf4f3c');
    const plain = fromHex('6bc1bee22e409f96e93d7e117393172a');
    const iv = fromHex('000102030405060708090a0b0c0d0e0f');
    expect(toHex(nodeCryptography.encryptAesEcb(key, plain))).toBe(
      '3ad77bb40d7a3660a89ecaf32466ef97',
    );
    const cipher = nodeCryptography.encryptAesCbc(key, iv, plain);
    expect(toHex(cipher)).toBe('7649abac8119b246cee98e9b12e9197d');
    expect(nodeCryptography.decryptAesCbc(key, iv, cipher)).toEqual(plain);
  });

  it('[HO1] signs, verifies, wraps and opens', async () => {
    const [mine, other] = await Promise.all([generateRsaKey(), generateRsaKey()]);
    const message = encodeUtf8('message');
    for (const hash of ['sha1', 'sha256'] as const) {
      const signature = await nodeCryptography.signRsa(hash, mine.privateKey, message);
      expect(nodeCryptography.verifyRsa(hash, mine.publicKey, message, signature)).toBe(true);
      expect(nodeCryptography.verifyRsa(hash, other.publicKey, message, signature)).toBe(false);
      expect(nodeCryptography.verifyRsa(hash, mine.publicKey, message, signature.subarray(1))).toBe(
        false,
      );
      expect(nodeCryptography.verifyRsa(hash, Uint8Array.of(1), message, signature)).toBe(false);
    }
    const cipher = nodeCryptography.encryptRsaOaep(mine.publicKey, message);
    expect(cipher).toHaveLength(256);
    expect(nodeCryptography.decryptRsaOaep(mine.privateKey, cipher)).toEqual(
      new Uint8Array(message),
    );
    expect(nodeCryptography.decryptRsaOaep(other.privateKey, cipher)).toBeUndefined();
    expect(nodeCryptography.decryptRsaOaep(mine.privateKey, cipher.subarray(1))).toBeUndefined();
    await expect(nodeCryptography.signRsa('sha256', Uint8Array.of(1), message)).rejects.toThrow();
    expect(publicKeyOf(mine.privateKey)).toEqual(mine.publicKey);
  });

  it('[HO2] gives seeded bytes by seed alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(100), { maxLength: 10 }), (seed, lengths) => {
        const pieces = seededRandomBytes(seed);
        const whole = seededRandomBytes(seed);
        const total = lengths.reduce((sum, length) => sum + length, 0);
        expect(concatBytes(...lengths.map((length) => pieces(length)))).toEqual(whole(total));
      }),
    );
    expect(seededRandomBytes('a')(16)).not.toEqual(seededRandomBytes('b')(16));
    expect(randomBytes(16)).not.toEqual(randomBytes(16));
  });

  it('[HO3] reads private keys in all their forms', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
    const forms = [
      privateKey.export({ format: 'pem', type: 'pkcs1' }),
      privateKey.export({ format: 'pem', type: 'pkcs8' }),
      privateKey.export({ format: 'der', type: 'pkcs1' }),
      pkcs8,
    ];
    for (const form of forms) {
      expect(readPrivateKey(typeof form === 'string' ? encodeUtf8(form) : form)).toEqual(pkcs8);
    }
    const locked = privateKey.export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-128-cbc',
      passphrase: 'x',
    });
    expect(readPrivateKey(encodeUtf8(String(locked)))).toBeUndefined();
    expect(readPrivateKey(encodeUtf8(String(locked)), 'x')).toEqual(pkcs8);
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(
      readPrivateKey(encodeUtf8(String(curve.export({ format: 'pem', type: 'pkcs8' })))),
    ).toBeUndefined();
    expect(readPrivateKey(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});

describe('files', () => {
  it('[HO4] reads any place of a file', async () => {
    writeFileSync(join(folder, 'a'), 'hello');
    const source = await openFile(join(folder, 'a'));
    expect(source.sizeBytes).toBe(5);
    const text = async (offset: number, length: number) =>
      new TextDecoder().decode(await source.read(offset, length));
    expect(await text(0, 5)).toBe('hello');
    expect(await text(3, 100)).toBe('lo');
    expect(await text(5, 1)).toBe('');
    expect(await text(9, 1)).toBe('');
    await expect(source.read(-1, 1)).rejects.toThrow();
    await source.close!();
    symlinkSync(join(folder, 'a'), join(folder, 'link'));
    await expect(openFile(join(folder, 'link'))).rejects.toThrow(UnsafePathError);
    await expect(openFile(folder)).rejects.toThrow(UnsafePathError);
  });

  it('[HO5] shows a file only when it is whole', async () => {
    const path = join(folder, 'sub', 'file');
    const sink = await createFileSink(path);
    const large = new Uint8Array(300_000).fill(7);
    await sink.write(encodeUtf8('head'));
    await sink.write(large);
    await sink.write(encodeUtf8('tail'));
    await sink.patch(1, encodeUtf8('EA'));
    await expect(sink.patch(300_007, encodeUtf8('xx'))).rejects.toThrow(RangeError);
    expect(existsSync(path)).toBe(false);
    await sink.close();
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(300_008);
    expect(bytes.subarray(0, 5)).toEqual(Buffer.from([104, 69, 65, 100, 7]));
    expect(bytes.subarray(-4).toString()).toBe('tail');
    expect(readdirSync(join(folder, 'sub'))).toEqual(['file']);
    await expect(sink.write(large)).rejects.toThrow();
  });

  it('[HO5] leaves nothing after abort, and the old file untouched', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    const sink = await createFileSink(path, { durable: false });
    await sink.write(encodeUtf8('new'));
    await sink.abort();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('[HO6] refuses every path that could leave its folder', async () => {
    for (const path of [
      '',
      '/a',
      '..',
      'a/../b',
      'a//b',
      './a',
      'a/',
      'a\\b',
      'C:a',
      'a\0b',
      'a'.repeat(300),
    ]) {
      expect(pathParts(path), path).toBeUndefined();
      await expect(folderReader(folder).open(path)).rejects.toThrow(UnsafePathError);
      await expect(folderWriter(folder).create(path)).rejects.toThrow(UnsafePathError);
    }
    expect(pathParts('a/b..c/…')).toEqual(['a', 'b..c', '…']);
  });

  it('[HO6] follows no link below its folder', async () => {
    const outside = join(folder, 'outside');
    const inside = join(folder, 'inside');
    mkdirSync(outside);
    mkdirSync(inside);
    writeFileSync(join(outside, 'secret'), 'x');
    symlinkSync(outside, join(inside, 'door'));
    symlinkSync(join(outside, 'secret'), join(inside, 'window'));
    const reader = folderReader(inside);
    await expect(reader.open('door/secret')).rejects.toThrow(UnsafePathError);
    await expect(reader.open('window')).rejects.toThrow(UnsafePathError);
    expect(await reader.list()).toEqual([]);
    const writer = folderWriter(inside);
    await expect(writer.create('door/new')).rejects.toThrow(UnsafePathError);
    await expect(writer.create('window')).rejects.toThrow(UnsafePathError);
    expect(readdirSync(outside)).toEqual(['secret']);
  });

  it('[HO7] knows names by more than their bytes', async () => {
    writeFileSync(join(folder, 'cine\u0301ma'), 'x');
    const source = await folderReader(folder).open('cin\u00e9ma');
    expect(source?.sizeBytes).toBe(1);
    await source?.close?.();
    expect(await folderReader(folder).open('nothing')).toBeUndefined();
    expect(await folderReader(folder).open('nothing/below')).toBeUndefined();
    const writer = folderWriter(join(folder, 'out'));
    await (await writer.create('Reel\u00e9.mxf')).close();
    await expect(writer.create('reele\u0301.mxf')).rejects.toThrow(UnsafePathError);
    await (await writer.create('Reel\u00e9.mxf')).close();
  });

  it('[HO8] lists files sorted, with sizes', async () => {
    const writer = folderWriter(folder, { durable: false });
    for (const [path, length] of [
      ['b', 1],
      ['a/z', 2],
      ['a/b/c', 3],
    ] as const) {
      const sink = await writer.create(path);
      await sink.write(new Uint8Array(length));
      await sink.close();
    }
    expect(await folderReader(folder).list()).toEqual([
      { path: 'a/b/c', sizeBytes: 3 },
      { path: 'a/z', sizeBytes: 2 },
      { path: 'b', sizeBytes: 1 },
    ]);
  });
});
