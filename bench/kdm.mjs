// Key messages against the RSA-2048 signing limit of the machine, in the same run.
// The limit signs nothing but the same number of short texts through the same port; both use the
// thread pool, so both use all cores. Interleaved rounds keep a busy machine from favouring one.
// Beside the bare signature stand fuller limits: what a message cannot be made without at all.
import { makeCertificate, makeChain, readCertificate } from '@yinglian/certificates';
import { encodeUtf8, uuidFromRandom } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, seededRandomBytes } from '@yinglian/host';
import { CertificateMemory, issueKdms, kdmIssuer } from '@yinglian/kdm';
import { isMain } from './measure.mjs';
import { printTable } from './table.mjs';

export const name = 'key messages';

const ROUNDS = 16;
const MESSAGES_PER_ROUND = 250;
const AHEAD = 16;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22);

export async function run() {
  const random = seededRandomBytes('bench');
  const { batch, devices } = await prepare(random);
  const opens = { instant: NOW, offsetMinutes: 480 };
  const window = { notBefore: opens, notAfter: { instant: NOW + 240 * HOUR, offsetMinutes: 480 } };
  // Certificates are read anew for every round, or their parsed keys would be shared.
  const recipients = () =>
    devices.map((chain) => ({
      chain: chain.map(({ der }) => readCertificate(der).value),
      window,
      formulation: 'modified-transitional-1',
    }));
  const issueAll = async (all, memory) => {
    const issuer = await kdmIssuer({ ...batch, memory }, nodeCryptography, random);
    let bytes = 0;
    for await (const { outcome } of issueKdms(issuer.value, all, AHEAD)) {
      if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
      bytes += outcome.value.bytes.length;
    }
    if (bytes < MESSAGES_PER_ROUND * 4000) throw new Error('messages are too small to be messages');
  };
  const { signAll, signAndEncryptAll, signAndMeetAll } = limits(batch, devices, random(138));
  const shared = new CertificateMemory();
  await issueAll(recipients(), shared);
  await signAll();
  await signAndEncryptAll();
  await signAndMeetAll(strangersOf(devices));
  const [fresh, known, limit, whole, meet] = [1, 2, 3, 4, 5].map(() => ({ wall: 0, cpu: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    const [strangers, friends] = [recipients(), recipients()];
    const met = strangersOf(devices);
    await timed(() => issueAll(strangers, new CertificateMemory()), fresh);
    await timed(signAll, limit);
    await timed(() => issueAll(friends, shared), known);
    await timed(signAndEncryptAll, whole);
    await timed(() => signAndMeetAll(met), meet);
  }
  const count = ROUNDS * MESSAGES_PER_ROUND;
  const beside = new Map([
    [whole, ' and two key blocks'],
    [meet, ', two key blocks, its key and its signature'],
  ]);
  const row = (what, ours, clock, than = limit) => ({
    what:
      `${what} ÷ RSA-2048 signature${beside.get(than) ?? ''}, ` +
      (clock === 'cpu' ? 'CPU' : 'wall, all cores'),
    unit: 'ms each',
    ours: (ours[clock] * 1000) / count,
    limit: (than[clock] * 1000) / count,
    ratio: ours[clock] / than[clock],
    cpuSeconds: ours.cpu,
  });
  return [
    row('KDM to a known screen (goal ≤ 1.25)', known, 'cpu'),
    row('KDM to a known screen', known, 'cpu', whole),
    row('KDM to a known screen', known, 'wall'),
    row('KDM to a new screen', fresh, 'cpu'),
    row('KDM to a new screen', fresh, 'cpu', meet),
    row('KDM to a new screen', fresh, 'wall'),
  ];
}

/** What a message cannot do without: its signature, and a block under RSA for each of its keys. */
function limits(batch, devices, block) {
  const known = devices[0][0].key.info;
  const issuer = devices[0][1].key.info;
  const text = encodeUtf8('x'.repeat(1500));
  const all = async (blocks, strangers = []) => {
    const running = [];
    for (let i = 0; i < MESSAGES_PER_ROUND; i++) {
      const { key, signedPart, signature } = strangers[i] ?? { key: known };
      for (let k = 0; k < blocks; k++) nodeCryptography.encryptRsaOaep(key, block);
      if (signature) nodeCryptography.verifyRsa('sha256', issuer, signedPart, signature);
      running.push(nodeCryptography.signRsa('sha256', batch.signer.privateKey, text));
      if (running.length >= AHEAD) await running.shift();
    }
    await Promise.all(running);
  };
  return {
    signAll: () => all(0),
    signAndEncryptAll: () => all(batch.keys.length),
    signAndMeetAll: (strangers) => all(batch.keys.length, strangers),
  };
}

/** The bytes of certificates nobody has seen: their keys have to be read before their first use. */
function strangersOf(devices) {
  return devices.map(([{ key, signedPart, signature }]) => ({
    key: key.info.slice(),
    signedPart,
    signature,
  }));
}

async function timed(body, sum) {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  await body();
  const used = process.cpuUsage(cpu);
  sum.wall += (performance.now() - wall) / 1000;
  sum.cpu += (used.user + used.system) / 1e6;
}

async function prepare(random) {
  const [root, intermediate, leaf] = await Promise.all([1, 2, 3].map(() => generateRsaKey()));
  const request = {
    organization: 'bench.example',
    organizationUnit: 'bench.example',
    notBefore: NOW - 1000 * HOUR,
    notAfter: NOW + 90_000 * HOUR,
    serials: { root: 1n, intermediate: 2n, leaf: 3n },
  };
  const keys = { root, intermediate, leaf };
  const made = await makeChain(
    { ...request, name: 'signer', roles: ['CS'] },
    keys,
    nodeCryptography,
  );
  const batch = {
    cplId: uuidFromRandom(random(16)),
    contentTitle: 'Bench_FTR-1_S_ZH-XX_CN_51_2K_YL_20261122_YL_SMPTE_OV',
    standard: 'smpte',
    keys: ['MDIK', 'MDAK'].map((keyType) => ({
      keyId: uuidFromRandom(random(16)),
      keyType,
      key: random(16),
    })),
    signer: { chain: made.value, privateKey: leaf.privateKey },
    issueDate: { instant: NOW, offsetMinutes: 480 },
  };
  const maker = await makeChain(
    { ...request, name: 'maker.model', roles: ['SM', 'MIC'] },
    keys,
    nodeCryptography,
  );
  const [, certificate, top] = maker.value;
  const devices = [];
  for (let i = 0; i < MESSAGES_PER_ROUND; i++) {
    const device = await makeCertificate(
      {
        kind: 'leaf',
        organizationUnit: 'bench.example',
        roles: ['SM', 'MIC'],
        entity: `maker.model.${i}`,
        publicKey: root.publicKey,
        serial: BigInt(100 + i),
        notBefore: request.notBefore,
        notAfter: request.notAfter,
      },
      { privateKey: intermediate.privateKey, certificate },
      nodeCryptography,
    );
    devices.push([device.value, certificate, top]);
  }
  return { batch, devices };
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
