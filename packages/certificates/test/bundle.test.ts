import { describe, expect, it } from 'vitest';
import { generateRsaKey, nodeCryptography } from '@yinglian/host';
import { encodeUtf8 } from '@yinglian/core';
import {
  type BundleLeaf,
  type Certificate,
  deviceName,
  type KeyUsage,
  leavesForKeys,
  makeCertificate,
  makeChain,
  readBundle,
  writePem,
  writePemChain,
} from '../src/index.ts';

const DAY = 86_400_000;
const shared = { organizationUnit: 'maker.example', notBefore: 0, notAfter: 9000 * DAY };

async function maker() {
  const key = await generateRsaKey();
  const made = await makeChain(
    {
      ...shared,
      organization: 'maker.example',
      name: 'maker',
      roles: ['SM'],
      serials: { root: 1n, intermediate: 2n, leaf: 3n },
    },
    { root: key, intermediate: key, leaf: key },
    nodeCryptography,
  );
  if (!made.ok) throw new Error('no chain');
  const [, intermediate, root] = made.value;
  let serial = 10n;
  const device = async (entity: string): Promise<Certificate> => {
    const leaf = await makeCertificate(
      {
        ...shared,
        kind: 'leaf',
        roles: ['SM'],
        entity,
        publicKey: key.publicKey,
        serial: serial++,
      },
      { privateKey: key.privateKey, certificate: intermediate },
      nodeCryptography,
    );
    if (!leaf.ok) throw new Error(leaf.findings.map((each) => each.code).join());
    return leaf.value;
  };
  return { intermediate, root, device };
}
const made = maker();

describe('bundles', () => {
  it('[CE17] sorts PEM, DER, chains in nested folders, copies and other files', async () => {
    const { intermediate, root, device } = await made;
    const [one, two] = [await device('Dolby.CAT745.00123456'), await device('GDC.SX-4000.A01234')];
    const outcome = readBundle(
      [
        { path: 'ca/root.pem', bytes: encodeUtf8(writePem('CERTIFICATE', root.der)) },
        { path: 'ca/int.crt', bytes: intermediate.der },
        { path: '2026/a/one.der', bytes: one.der },
        { path: '2026/a/copy.pem', bytes: encodeUtf8(writePemChain([one, intermediate, root])) },
        { path: '2026/b/two.pem', bytes: encodeUtf8(`Device two\n${writePemChain([two])}`) },
        { path: 'README.txt', bytes: encodeUtf8('Certificates of the year.') },
        { path: 'broken.pem', bytes: encodeUtf8('nothing') },
        { path: 'leaf.key', bytes: encodeUtf8('secret') },
      ],
      nodeCryptography,
    );
    if (!outcome.ok) throw new Error('refused');
    const { leaves, authorities } = outcome.value;
    expect(leaves.map((each) => [each.path, each.chain.length, each.serial])).toEqual([
      ['2026/a/one.der', 3, '00123456'],
      ['2026/b/two.pem', 3, 'A01234'],
    ]);
    expect(authorities.length).toBe(2);
    expect(new Set(outcome.findings.map((each) => each.at['file']))).toEqual(
      new Set(['broken.pem']),
    );
  });

  it('[CE17] a device without authorities is a chain of one; nothing is refused', async () => {
    const { device } = await made;
    const lone = readBundle(
      [{ path: 'x.pem', bytes: (await device('m.n.1234')).der }],
      nodeCryptography,
    );
    expect(lone.ok && lone.value.leaves[0]!.chain.length).toBe(1);
    const none = readBundle([{ path: 'a.pdf', bytes: new Uint8Array(9) }], nodeCryptography);
    expect(none.findings.map((each) => each.code)).toEqual(['missing_certificate']);
  });

  it('[CE20] gives keys to the certificate that is for them', async () => {
    const { device } = await made;
    const of = async (entity: string, usage: KeyUsage): Promise<BundleLeaf> => {
      const leaf = await device(entity);
      const keyUsage = { critical: true, usages: new Set([usage]) };
      const chain = [{ ...leaf, extensions: { ...leaf.extensions, keyUsage } }];
      return { chain, path: `${usage}.pem`, ...deviceName(leaf) };
    };
    const signs = await of('m.n.1234', 'digitalSignature');
    const opens = await of('m.n.1234', 'keyEncipherment');
    const alone = await of('m.n.5678', 'digitalSignature');
    expect(leavesForKeys([signs, opens, alone])).toEqual([opens, alone]);
  });

  it.each([
    ['Dolby.CAT745.00123456', '', { maker: 'Dolby', model: 'CAT745', serial: '00123456' }],
    ['DOREMI.DCP2000-227183', '', { maker: 'DOREMI', model: 'DCP2000', serial: '227183' }],
    ['DCP2000-227183', '', { maker: 'maker.example', model: 'DCP2000', serial: '227183' }],
    ['QubeXPi.30012', '', { maker: 'maker.example', model: 'QubeXPi', serial: '30012' }],
    [
      'Barco.ICMP',
      'certs/ICMP_2590012345.pem',
      { maker: 'Barco', model: 'ICMP', serial: '2590012345' },
    ],
    ['Christie.IMB-S2', 'a/IMB_sha256.pem', { maker: 'Christie', model: 'IMB-S2' }],
  ])('[CE18] %s in %s', async (entity, path, expected) => {
    const { device } = await made;
    expect(deviceName(await device(entity), path)).toEqual(expected);
  });
});
