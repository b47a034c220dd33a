import { webcrypto } from 'node:crypto';
import { encodeUtf8, fromBase64, fromHex, toBase64, toHex } from '@yinglian/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bid,
  blindProposal,
  BLINDED,
  checkBid,
  checkOpeners,
  checkSealed,
  commitmentOf,
  hybridOpen,
  hybridSeal,
  joinShares,
  type KeyPair,
  keyFor,
  openShare,
  openWithKey,
  openWithShares,
  PADDING_BYTES,
  readDocument,
  sealBid,
  type SealedBid,
  sealedBidShape,
  type Share,
  splitSecret,
  verifyShare,
} from '../src/index.ts';
import { indicator, milestone, newBid, RUNS, sealing, seeded } from './support.ts';

const openers = async (count: number) =>
  Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const keys = await sealing.newAgreementKey();
      return { id: `opener-${at + 1}`, keys, publicKey: toBase64(keys.publicKey) };
    }),
  );

const PLANTED = '植入词-PLANTED-7f3a';

async function newSealed(threshold = 2, count = 3, bid: Bid = newBid()) {
  const named = await openers(count);
  const made = await sealBid(sealing, {
    round: 'round-1',
    bidder: 'bidder-1',
    bid,
    openers: named,
    threshold,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.findings));
  return { ...made.value, named, bid };
}
const codesOf = (outcome: { findings: readonly { code: string }[] }) =>
  outcome.findings.map((each) => each.code);

describe('shares', () => {
  it('[OC4] any threshold of shares gives the secret back', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer(),
        (secret, threshold, more, seed) => {
          const random = seeded(seed);
          const bytes = (length: number) =>
            Uint8Array.from({ length }, () => Math.floor(random() * 256));
          const shares = splitSecret(secret, { threshold, count: threshold + more }, bytes);
          const some = shares.toSorted(() => random() - 0.5).slice(0, threshold);
          expect(toHex(joinShares(some))).toBe(toHex(secret));
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('[OC4] fewer shares fit every secret equally well', () => {
    // Over all coefficients of one byte, one share of two takes every value exactly once.
    for (const secret of [0, 1, 200, 255]) {
      const seen = new Set<number>();
      for (let coefficient = 0; coefficient < 256; coefficient++) {
        const plan = { threshold: 2, count: 3 };
        const shares = splitSecret(
          new Uint8Array([secret]),
          plan,
          () => new Uint8Array([coefficient]),
        );
        seen.add(shares[1]!.bytes[0]!);
      }
      expect(seen.size).toBe(256);
    }
  });
});

/** A key as RFC 9180 prints it, wrapped as WebCrypto reads it. */
async function pairOf(privateHex: string, publicHex: string): Promise<KeyPair> {
  const point = fromHex(publicHex);
  const url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: url(fromHex(privateHex)),
    x: url(point.subarray(1, 33)),
    y: url(point.subarray(33)),
  };
  const ecdh = { name: 'ECDH', namedCurve: 'P-256' };
  const key = await webcrypto.subtle.importKey('jwk', jwk, ecdh, true, ['deriveBits']);
  const exported = await webcrypto.subtle.exportKey('pkcs8', key);
  return { publicKey: point, privateKey: new Uint8Array(exported) };
}

describe('encryption to openers', () => {
  it('[OC5] reproduces vector A.3.1 of RFC 9180', async () => {
    const enc =
      '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9' +
      '8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4';
    const point =
      '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82' +
      '6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0';
    const cipher =
      '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e' +
      '3ab2523f39513434';
    const context = {
      info: fromHex('4f6465206f6e2061204772656369616e2055726e'),
      aad: fromHex('436f756e742d30'),
    };
    const plain = encodeUtf8('Beauty is truth, truth beauty');
    const ephemeral = await pairOf(
      '4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb',
      enc,
    );
    const recipient = await pairOf(
      'f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2',
      point,
    );
    const more = { ephemeral, keyBytes: 16 as const };
    const made = await hybridSeal(sealing, recipient.publicKey, { ...context, plain }, more);
    expect(toHex(made!.cipher)).toBe(cipher);
    const opened = await hybridOpen(
      sealing,
      recipient,
      { ...context, enc: fromHex(enc), cipher: fromHex(cipher) },
      16,
    );
    expect(toHex(opened!)).toBe(toHex(plain));
    const other = { ...context, aad: fromHex('00'), enc: fromHex(enc), cipher: fromHex(cipher) };
    expect(await hybridOpen(sealing, recipient, other, 16)).toBeUndefined();
    expect(await hybridSeal(sealing, new Uint8Array(65), { ...context, plain })).toBeUndefined();
  });
});

describe('seals', () => {
  it('[OC6] opens with the key, and with any threshold of shares', async () => {
    const { sealed, key, named, bid } = await newSealed();
    expect(readDocument(sealedBidShape, JSON.parse(JSON.stringify(sealed))).ok).toBe(true);
    const own = keyFor(sealed, key);
    const opened = own.ok ? await openWithKey(sealing, sealed, own.value) : own;
    expect(opened.ok && opened.value.bid).toEqual(bid);
    const shares: Share[] = [];
    for (const each of named) {
      const share = await openShare(sealing, sealed, each);
      if (share.ok) shares.push(share.value);
    }
    expect(shares).toHaveLength(3);
    for (const pair of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const some = pair.map((at) => shares[at]!);
      const together = await openWithShares(sealing, sealed, some);
      expect(together.ok && together.value.bid).toEqual(bid);
    }
    expect(codesOf(await openWithShares(sealing, sealed, [shares[0]!]))).toEqual([
      'missing_shares',
    ]);
    const twice = [shares[0]!, shares[0]!];
    expect(codesOf(await openWithShares(sealing, sealed, twice))).toEqual(['missing_shares']);
  });

  it('[OC6] one changed byte anywhere is a finding and never another bid', async () => {
    const { sealed, key } = await newSealed();
    const bytes = fromHex(key.key);
    const flip = (text: string, at: number) => {
      const changed = fromBase64(text);
      changed[at % changed.length]! ^= 1;
      return toBase64(changed);
    };
    const random = seeded(7);
    for (let round = 0; round < 40; round++) {
      const cipher = flip(sealed.cipher, Math.floor(random() * 20_000));
      const broken = await openWithKey(sealing, { ...sealed, cipher }, bytes);
      expect(codesOf(broken)).toEqual(['unopenable_bid']);
    }
    const changes: Partial<SealedBid>[] = [
      { nonce: flip(sealed.nonce, 3) },
      { round: 'round-2' },
      { bidder: 'bidder-2' },
      { threshold: 3 },
      { commitment: sealed.commitment.replace(/^./, 'g') },
      { nonce: '!' },
      { cipher: 'AAAA' },
      { cipher: '' },
    ];
    for (const change of changes) {
      const outcome = await openWithKey(sealing, { ...sealed, ...change }, bytes);
      expect(codesOf(outcome)[0], JSON.stringify(change).slice(0, 60)).toBe('unopenable_bid');
    }
    expect(codesOf(await openWithKey(sealing, sealed, new Uint8Array(31)))[0]).toBe(
      'unopenable_bid',
    );
    expect(codesOf(keyFor(sealed, { ...key, commitment: '0'.repeat(64) }))).toEqual([
      'mismatched_bid_key',
    ]);
  });

  it('[OC7] the commitment binds bid, salt, round and bidder', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ round: fc.string(), bidder: fc.string(), salt: fc.string(), bid: fc.string() }),
        fc.record({ round: fc.string(), bidder: fc.string(), salt: fc.string(), bid: fc.string() }),
        async (one, other) => {
          const whole = (each: typeof one) =>
            Object.values(each).every((text) => !/\p{Surrogate}/u.test(text));
          fc.pre(whole(one) && whole(other));
          const same = JSON.stringify(one) === JSON.stringify(other);
          const [a, b] = [await commitmentOf(sealing, one), await commitmentOf(sealing, other)];
          expect(a === b).toBe(same);
          // Moving a character from one part to the next changes it too.
          const shifted = { ...one, round: one.round + 'x', bidder: one.bidder };
          expect(await commitmentOf(sealing, shifted)).not.toBe(a);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('[OC7] whoever seals one thing and commits to another is found out', async () => {
    const { sealed, key, bid } = await newSealed();
    // A bidder with the key can make any cipher; the commitment was handed in and stays.
    const text = encodeUtf8(JSON.stringify({ salt: '0'.repeat(64), bid }));
    const plain = new Uint8Array(PADDING_BYTES);
    new DataView(plain.buffer).setUint32(0, text.length);
    plain.set(text, 4);
    const { round, bidder, commitment, threshold } = sealed;
    const aad = encodeUtf8(
      `{"bidder":"${bidder}","commitment":"${commitment}",` +
        `"round":"${round}","threshold":${threshold}}`,
    );
    const given = { nonce: fromBase64(sealed.nonce), aad, text: plain };
    const cipher = toBase64(await sealing.encryptGcm(fromHex(key.key), given));
    const outcome = await openWithKey(sealing, { ...sealed, cipher }, fromHex(key.key));
    expect(codesOf(outcome)).toEqual(['altered_bid']);
  });

  it('[OC8] names the opener whose share is false, and the rest open the bid', async () => {
    const { sealed, named, bid } = await newSealed();
    const good = await openShare(sealing, sealed, named[0]!);
    const other = await openShare(sealing, sealed, named[2]!);
    if (!good.ok || !other.ok) throw new Error('shares are readable');
    const bytes = other.value.bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
    const spoilt = { index: 3, bytes };
    const found = await openWithShares(sealing, sealed, [good.value, spoilt]);
    expect(found.findings).toMatchObject([
      { code: 'mismatched_share', facts: { opener: 'opener-3' } },
    ]);
    const opened = await openWithShares(sealing, sealed, [good.value, other.value]);
    expect(opened.ok && opened.value.bid).toEqual(bid);
    const stranger = { id: 'opener-2', keys: named[0]!.keys };
    expect(codesOf(await openShare(sealing, sealed, stranger))).toEqual(['unreadable_share']);
    const nobody = { id: 'opener-9', keys: named[0]!.keys };
    expect(codesOf(await openShare(sealing, sealed, nobody))).toEqual(['missing_share']);
    expect(codesOf(await verifyShare(sealing, sealed, { index: 9, bytes }))).toEqual([
      'missing_share',
    ]);
  });

  it('[OC9] what is handed in holds no byte of the bid, and tells blocks only', async () => {
    const planted = newBid({ proposal: { summary: PLANTED, title: `${PLANTED} 标题` } });
    const { sealed } = await newSealed(2, 3, planted);
    const text = JSON.stringify(sealed);
    for (const word of [PLANTED, 'PLANTED', '星河', '湘江大学', '王小明', '300000000']) {
      expect(text).not.toContain(word);
      expect(text).not.toContain(toBase64(encodeUtf8(word)).replace(/=+$/, '').slice(0, -2));
    }
    const raw = Buffer.from(fromBase64(sealed.cipher));
    expect(raw.includes(Buffer.from(PLANTED))).toBe(false);
    const short = await newSealed(2, 3, newBid({ proposal: { summary: '' } }));
    const longer = await newSealed(2, 3, newBid({ proposal: { summary: '长'.repeat(3_000) } }));
    expect(fromBase64(short.sealed.cipher).length).toBe(PADDING_BYTES + 16);
    expect(longer.sealed.cipher.length).toBe(short.sealed.cipher.length);
    // The same bid sealed twice has nothing in common.
    const again = await newSealed(2, 3, planted);
    expect(again.sealed.commitment).not.toBe(sealed.commitment);
  });

  it('[OC6] refuses openers that cannot do their work, and seals for somebody else', async () => {
    const named = await openers(3);
    expect(codesOf(checkOpeners(named, 1))).toEqual(['invalid_threshold']);
    expect(codesOf(checkOpeners(named, 4))).toEqual(['invalid_threshold']);
    expect(codesOf(checkOpeners([], 2))).toEqual(['invalid_threshold']);
    expect(checkOpeners([], 0).ok).toBe(true);
    expect(codesOf(checkOpeners(named, 3))).toEqual(['missing_spare_opener']);
    const double = [named[0]!, { ...named[1]!, publicKey: named[0]!.publicKey }, named[2]!];
    expect(codesOf(checkOpeners(double, 2))).toEqual(['duplicate_opener']);
    const broken = named.map((each) => ({ ...each, publicKey: toBase64(new Uint8Array(3)) }));
    expect(codesOf(checkOpeners([broken[0]!, ...named.slice(1)], 2))).toEqual([
      'invalid_opener_key',
    ]);
    const { sealed, named: own } = await newSealed();
    const wanted = { round: 'round-1', bidder: 'bidder-1', openers: own, threshold: 2 };
    expect(checkSealed(sealed, wanted).ok).toBe(true);
    expect(codesOf(checkSealed(sealed, { ...wanted, bidder: 'x' }))).toEqual([
      'foreign_sealed_bid',
    ]);
    expect(codesOf(checkSealed(sealed, { ...wanted, openers: named.slice(1) }))).toEqual([
      'mismatched_openers',
    ]);
    expect(codesOf(checkSealed({ ...sealed, nonce: 'A' }, wanted))).toEqual(['invalid_sealed_bid']);
  });

  it('[OC8] without openers only the bidder opens', async () => {
    const { sealed, key, bid } = await newSealed(0, 0);
    const opened = await openWithKey(sealing, sealed, fromHex(key.key));
    expect(opened.ok && opened.value.bid).toEqual(bid);
    expect(codesOf(await openWithShares(sealing, sealed, []))).toEqual(['missing_shares']);
  });
});

describe('blind reading', () => {
  it('[OC11] takes out the names in every form, and says where', () => {
    const bid = newBid({
      proposal: {
        title: '长沙星河科技有限公司的银梭解码器',
        summary: '星河科技联合湘江大学王小明教授；联系 wang@xju.edu.cn，13912345678。',
        approach: '编码 91430100MA4L0X0X0X 与 ＸＪＵ 无关',
        milestones: [milestone({ title: '银梭二号' })],
      },
    });
    const { proposal, findings } = blindProposal(bid);
    const text = JSON.stringify(proposal);
    for (const word of ['星河', '湘江', '王小明', '银梭', 'xju.edu', '13912345678', '91430100']) {
      expect(text).not.toContain(word);
    }
    expect(text).toContain(BLINDED);
    const paths = new Set(findings.map((each) => each.at['path']));
    expect([...paths]).toEqual(['$.title', '$.summary', '$.approach', '$.milestones[0].title']);
    expect(proposal.approach).toContain('无关');
    expect(proposal.milestones[0]?.indicators).toEqual(bid.proposal.milestones[0]?.indicators);
  });

  it('[OC11] does not take a name of nothing but places and trades apart', () => {
    const members = [
      { name: '湖南大学', creditCode: null, role: 'lead' as const, share: '1/2' },
      { name: '中国电影股份有限公司', creditCode: null, role: 'partner' as const, share: '1/2' },
    ];
    const approach = '湖南的电影技术；中国电影与湖南大学';
    const bid = newBid({ identity: { members, people: [] }, proposal: { approach } });
    const blind = `湖南的电影技术;${BLINDED}与${BLINDED}`;
    expect(blindProposal(bid).proposal.approach).toBe(blind);
  });

  it('[OC11] leaves what tells nothing as it was', () => {
    const bid = newBid();
    expect(blindProposal(bid)).toEqual({ proposal: bid.proposal, findings: [] });
  });
});

describe('bids', () => {
  const terms = {
    indicators: [indicator()],
    due: '2028-12-31',
    budgetFen: '500000000',
    excludedMax: 3,
  };
  const found = (bid: Bid) => checkBid(bid, terms).map((each) => each.code);

  it('[OC12] passes what answers its task and names what does not', () => {
    expect(found(newBid())).toEqual([]);
    const lead = newBid().identity.members[0]!;
    expect(found(newBid({ identity: { members: [lead, lead] } }))).toEqual([
      'mismatched_lead',
      'incomplete_member_shares',
    ]);
    expect(found(newBid({ proposal: { requestedFen: '500000001' } }))).toEqual([
      'excessive_request',
    ]);
    const weak = milestone({ indicators: [indicator({ threshold: '59' })] });
    expect(found(newBid({ proposal: { milestones: [weak] } }))).toEqual(['weakened_promise']);
    const strong = milestone({ indicators: [indicator({ threshold: '120' })] });
    expect(found(newBid({ proposal: { milestones: [strong] } }))).toEqual([]);
    const late = milestone({
      due: '2029-01-01',
      share: '0.5',
      indicators: [indicator({ code: 'I9' })],
    });
    expect(found(newBid({ proposal: { milestones: [late] } }))).toEqual([
      'incomplete_payment_shares',
      'late_milestone',
      'missing_promise',
    ]);
    const three = [1, 2, 3, 4].map((n) => ({
      name: `专家${n}`,
      employer: '某所',
      reason: '竞争关系',
    }));
    expect(found(newBid({ identity: { excluded: three } }))).toEqual(['excessive_exclusions']);
    const half = milestone({ share: '1/2' });
    expect(found(newBid({ proposal: { milestones: [half, half] } }))).toEqual([
      'duplicate_milestone',
    ]);
  });
});
