// Key messages against the RSA-2048 signing limit of the machine, in the same run.
// The limit signs nothing but the same number of short texts through the same port; both use the
// thread pool, so both use all cores. Interleaved rounds keep a busy machine from favouring one.
import { makeChain, readCertificate } from '@yinglian/certificates';
import { encodeUtf8, uuidFromRandom } from '@yinglian/core';
import { generateRsaKey, nodeCryptography, seededRandomBytes } from '@yinglian/host';
import { issueKdms, kdmIssuer } from '@yinglian/kdm';
import { isMain } from './measure.mjs';
import { printTable } from './table.mjs';

export const name = 'key messages';

const ROUNDS = 4;
const MESSAGES_PER_ROUND = 1000;
const DEVICES = 50;
const AHEAD = 16;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22);

export async function run() {
  const random = seededRandomBytes('bench');
  const { issuer, devices, signer } = await prepare(random);
  const opens = { instant: NOW, offsetMinutes: 480 };
  const window = { notBefore: opens, notAfter: { instant: NOW + 240 * HOUR, offsetMinutes: 480 } };
  // Certificates are read anew for every message, or their parsed keys would be shared.
  const recipients = () =>
    Array.from({ length: MESSAGES_PER_ROUND }, (_, i) => ({
      chain: devices[i % DEVICES].map(({ der }) => readCertificate(der).value),
      window,
      formulation: 'modified-transitional-1',
    }));
  const issueAll = async (all) => {
    let bytes = 0;
    for await (const { outcome } of issueKdms(issuer, all, AHEAD)) {
      if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
      bytes += outcome.value.bytes.length;
    }
    if (bytes < MESSAGES_PER_ROUND * 4000) throw new Error('messages are too small to be messages');
  };
  const text = encodeUtf8('x'.repeat(1500));
  const signAll = async () => {
    const running = [];
    for (let i = 0; i < MESSAGES_PER_ROUND; i++) {
      running.push(nodeCryptography.signRsa('sha256', signer.privateKey, text));
      if (running.length >= AHEAD) await running.shift();
    }
    await Promise.all(running);
  };
  await issueAll(recipients());
  await signAll();
  const ours = { wall: 0, cpu: 0 };
  const limit = { wall: 0, cpu: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const all = recipients();
    await timed(() => issueAll(all), ours);
    await timed(signAll, limit);
  }
  const count = ROUNDS * MESSAGES_PER_ROUND;
  const row = (what, a, b) => ({
    what,
    unit: 'ms each',
    ours: (a * 1000) / count,
    limit: (b * 1000) / count,
    ratio: a / b,
    cpuSeconds: ours.cpu + limit.cpu,
  });
  return [
    row('KDM, 2 keys ÷ one RSA-2048 signature, CPU (goal ≤ 1.25)', ours.cpu, limit.cpu),
    row('KDM, 2 keys ÷ one RSA-2048 signature, wall, all cores', ours.wall, limit.wall),
  ];
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
  const issuer = await kdmIssuer(batch, nodeCryptography, random);
  const devices = [];
  for (let i = 0; i < DEVICES; i++) {
    const device = { ...keys, leaf: await generateRsaKey() };
    const serials = { ...request.serials, leaf: BigInt(100 + i) };
    const chain = { ...request, serials, name: `maker.model.${i}`, roles: ['SM', 'MIC'] };
    devices.push((await makeChain(chain, device, nodeCryptography)).value);
  }
  return { issuer: issuer.value, devices, signer: batch.signer };
}

if (isMain(import.meta)) printTable([{ name, rows: await run() }]);
