import {
  type Certificate,
  makeCertificate,
  serialFromRandom,
  writePemChain,
} from '@yinglian/certificates';
import { contract, type EndpointShape, type Problem, ProblemError } from '@yinglian/contract';
import { generateRsaKey, nodeCryptography, randomBytes } from '@yinglian/host';
import { plantPrivateKeys } from '../../../../test/discipline/planted.ts';
import type { TestPerson } from '../support/server.ts';

/** Sends bytes through the resumable upload, in two parts where there are two. Gives the file. */
export async function upload(
  person: Pick<TestPerson, 'client'>,
  name: string,
  content: Uint8Array | string,
): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const { files } = person.client;
  let stored = await files.createUpload({ body: { name, sizeBytes: bytes.length } });
  const cuts = [0, Math.floor(bytes.length / 2), bytes.length];
  for (let part = 0; part < 2; part++) {
    if (part === 0 && cuts[1] === 0) continue;
    stored = await files.append({
      params: { id: stored.id },
      query: { offset: cuts[part]! },
      bytes: new Uint8Array(bytes.subarray(cuts[part], cuts[part + 1])),
    });
  }
  if (stored.fileId === null) throw new Error(`the upload of ${name} is not complete`);
  return stored.fileId;
}

/** A device's key, which nothing that the run says may hold. */
function planted(privateKey: Uint8Array): Uint8Array {
  plantPrivateKeys([privateKey]);
  return privateKey;
}

const JOB_WITHIN_MS = 240_000;
const ENDED: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled']);

/** A job of media takes its time on a busy machine. */
export async function jobEnded(person: Pick<TestPerson, 'client'>, jobId: string) {
  const deadline = Date.now() + JOB_WITHIN_MS;
  for (;;) {
    const job = await person.client.jobs.get({ params: { id: jobId } });
    if (ENDED.has(job.state)) return job;
    if (Date.now() > deadline) throw new Error(`${job.kind} is still ${job.state} at ${job.step}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The problem that a call is refused with; fails when it is not refused. */
export async function problemOf(call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (thrown) {
    if (thrown instanceof ProblemError) return thrown.problem;
    throw thrown;
  }
  throw new Error('the call was not refused');
}

/** The codes of a refusal's findings, in order. */
export async function refusalCodes(call: Promise<unknown>): Promise<string[]> {
  return ((await problemOf(call)).findings ?? []).map((each) => each.code);
}

export async function bytesOf(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer());
}

const DAY_MS = 86_400_000;

export type TestMaker = {
  /** PEM of a device's leaf and its issuers; `days` of validity from yesterday. */
  device(
    serial: string,
    days?: number,
  ): Promise<{
    readonly pem: string;
    readonly leafPem: string;
    readonly privateKey: Uint8Array;
    readonly chain: readonly Certificate[];
  }>;
};

/** A maker of media blocks with a chain of its own. */
export async function makeMaker(now = Date.now()): Promise<TestMaker> {
  const notBefore = Math.floor(now / DAY_MS) * DAY_MS - 30 * DAY_MS;
  const shared = {
    notBefore,
    notAfter: notBefore + 3650 * DAY_MS,
    organizationUnit: 'devices.test',
  };
  const serial = () => serialFromRandom(randomBytes(8));
  const rootKey = await generateRsaKey(2048);
  const issuingKey = await generateRsaKey(2048);
  const root = taken(
    await makeCertificate(
      {
        ...shared,
        kind: 'authority',
        organization: 'maker.test',
        entity: 'devices.ROOT',
        publicKey: rootKey.publicKey,
        serial: serial(),
        pathLength: 2,
      },
      { privateKey: rootKey.privateKey },
      nodeCryptography,
    ),
  );
  const issuing = taken(
    await makeCertificate(
      {
        ...shared,
        kind: 'authority',
        entity: 'devices.ISSUING',
        publicKey: issuingKey.publicKey,
        serial: serial(),
      },
      { privateKey: rootKey.privateKey, certificate: root },
      nodeCryptography,
    ),
  );
  return {
    async device(name, days = 3650) {
      const key = await generateRsaKey(2048);
      const leaf = taken(
        await makeCertificate(
          {
            notBefore,
            notAfter: notBefore + days * DAY_MS,
            organizationUnit: 'devices.test',
            kind: 'leaf',
            roles: ['SM', 'SPB', 'MDI', 'MDA', 'FMI', 'FMA'],
            entity: `Maker.IMB1.${name}`,
            publicKey: key.publicKey,
            serial: serial(),
          },
          { privateKey: issuingKey.privateKey, certificate: issuing },
          nodeCryptography,
        ),
      );
      const chain = [leaf, issuing, root];
      return {
        pem: writePemChain(chain),
        leafPem: writePemChain([leaf]),
        privateKey: planted(key.privateKey),
        chain,
      };
    },
  };
}

function taken<Value>(
  outcome:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly findings: readonly { readonly code: string }[] },
): Value {
  if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join(', '));
  return outcome.value;
}

const CINEMA_FIELDS = {
  name: '测试影院',
  nameEnglish: null,
  code: null,
  circuitId: null,
  organisationId: null,
  province: null,
  city: null,
  address: null,
  timeZone: 'Asia/Shanghai',
  email: null,
  equipment: null,
};

/** A cinema's fields with the given ones in place. */
export function cinemaFields<Fields extends object>(
  fields: Fields,
): Omit<typeof CINEMA_FIELDS, keyof Fields> & Fields {
  return { ...CINEMA_FIELDS, ...fields };
}

/**
 * Tries every endpoint of the contract that takes an id with each of these ids, and gives those
 * that answered: with anything at all, or to a plain reading with more than "there is no such".
 */
export async function endpointsAnswering(
  person: Pick<TestPerson, 'send'>,
  ids: readonly string[],
): Promise<string[]> {
  const answering: string[] = [];
  for (const [group, members] of Object.entries(contract)) {
    for (const [name, shape] of Object.entries(members as Record<string, EndpointShape>)) {
      // A year or a code in a path is no record of anybody's.
      const named = /:(?:id|[A-Za-z]+Id)\b/.test(shape.path);
      if (!named || shape.permission === 'public') continue;
      for (const id of ids) {
        const sends = shape.body !== undefined || shape.bytesIn === true;
        const response = await person.send(shape.path.replace(/:[A-Za-z]+/g, id), {
          method: shape.method,
          ...(sends ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
        });
        await response.body?.cancel();
        const plain = shape.method === 'GET' && shape.query === undefined;
        if (response.status < 400 || (plain && response.status !== 404)) {
          answering.push(`${group}.${name} ${id}: ${response.status}`);
        }
      }
    }
  }
  return answering;
}
