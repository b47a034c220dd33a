import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FRAME_RATES } from '@yinglian/core';
import {
  MARKER_FORMATS,
  type MarkerFormat,
  recordBytes,
  type SignedRecord,
} from '@yinglian/review';
import { readEdlText, writeOtio } from '@yinglian/timeline';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { arrow, type Drawing, listen, renderBars, tokenOf } from './room-lines.ts';
import { bytesOf, jobEnded, problemOf, refusalCodes, upload } from './support.ts';

const FRAMES = 50;

describe('the review room', () => {
  let server: TestServer;
  let studio: TestPerson;
  let editor: TestPerson;
  let vendor: TestPerson;
  let outsider: TestPerson;
  let filmId = '';
  let assetId = '';
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinglian-review-'));
    server = await createTestServer();
    studio = await server.newOrganisation('producer', '星河影业');
    editor = await server.newMember(studio, ['production.reviewer']);
    vendor = await server.newOrganisation('producer', '视效公司');
    outsider = await server.newOrganisation('distributor');
    filmId = (await studio.client.film.create({ body: { title: '长夜' } })).id;
    await studio.client.rooms.admit({
      params: { id: filmId, organisationId: vendor.organisationId },
      body: { halls: ['production'] },
    });
    assetId = await ingest('reel 1 v001.mp4');
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ingest(name: string): Promise<string> {
    const output = await renderBars(folder, name, FRAMES);
    const fileId = await upload(studio, name, new Uint8Array(readFileSync(output)));
    const asset = await studio.client.production.ingest({ body: { filmId, fileId } });
    await jobEnded(studio, asset.jobId!);
    return asset.id;
  }
  const at = () => ({ params: { id: assetId } });

  it('[HV1] keeps threads, mentions and statuses, and internal remarks inside', async () => {
    const { production, review } = studio.client;
    const people = (await review.people(at())).rows;
    expect(people.map((each) => each.id).toSorted()).toEqual(
      [studio.userId, editor.userId, vendor.userId].toSorted(),
    );
    const note = await production.addNote({
      ...at(),
      body: {
        frame: 10,
        toFrame: 20,
        text: '脸太暗 @人员',
        mentions: [vendor.userId, outsider.userId],
      },
    });
    expect(note).toMatchObject({ state: 'open', doneBy: null, origin: 'room', internal: false });
    expect(note.mentions.map((each) => each.id)).toEqual([vendor.userId]);
    const named = await vendor.client.review.mentions({ query: {} });
    expect(named.rows).toMatchObject([{ id: note.id, assetTitle: 'reel 1 v001.mp4' }]);
    const answer = await vendor.client.production.addNote({
      ...at(),
      body: {
        frame: 10,
        text: '下一版改',
        parentId: note.id,
      },
    });
    expect(answer.parentId).toBe(note.id);
    expect(
      await refusalCodes(
        production.addNote({
          ...at(),
          body: {
            frame: 1,
            text: 'x',
            parentId: answer.id,
          },
        }),
      ),
    ).toEqual(['foreign_parent']);
    const change = { version: 1, text: note.text, state: 'done' as const };
    const done = await vendor.client.production.changeNote({
      params: { id: note.id },
      body: change,
    });
    expect(done).toMatchObject({ state: 'done', version: 2 });
    expect(done.doneBy).toMatch(/^人员/);
    expect(done.doneAt).not.toBeNull();
    const reworded = vendor.client.production.changeNote({
      params: { id: note.id },
      body: { version: 2, text: '不是我说的', state: 'done' },
    });
    expect((await problemOf(reworded)).code).toBe('not_allowed');
    const again = await production.changeNote({
      params: { id: note.id },
      body: { version: 2, text: note.text, state: 'open' },
    });
    expect(again).toMatchObject({ doneBy: null, doneAt: null });
    expect(await refusalCodes(review.removeNote({ params: { id: note.id } }))).toEqual([
      'answered_note',
    ]);
  });

  it('[HV1] keeps what is internal inside, and removes it', async () => {
    const { production, review } = studio.client;
    const inside = await production.addNote({
      ...at(),
      body: {
        frame: 5,
        text: '预算超了',
        internal: true,
      },
    });
    const seen = (await vendor.client.production.notes(at())).rows.map((each) => each.id);
    expect(seen).not.toContain(inside.id);
    expect((await problemOf(vendor.client.review.note({ params: { id: inside.id } }))).code).toBe(
      'not_found',
    );
    expect(
      (await problemOf(vendor.client.review.removeNote({ params: { id: inside.id } }))).code,
    ).toBe('not_found');
    await review.removeNote({ params: { id: inside.id } });
    expect((await problemOf(review.note({ params: { id: inside.id } }))).code).toBe('not_found');
  });

  it('[HV2] keeps every version of a drawing', async () => {
    const { production, review } = studio.client;
    const note = await production.addNote({
      ...at(),
      body: {
        frame: 12,
        text: '这里',
        drawing: arrow('a'),
      },
    });
    expect(note.drawing?.shapes[0]).toMatchObject({
      colour: '#ff0000',
      points: [
        [0.1, 0.2],
        [0.6, 0.7],
      ],
    });
    const body = { version: 1, text: note.text, state: note.state, drawing: arrow('b') };
    const redrawn = await production.changeNote({ params: { id: note.id }, body });
    expect(redrawn).toMatchObject({ drawingNumber: 2, drawing: { shapes: [{ id: 'b' }] } });
    const gone = await production.changeNote({
      params: { id: note.id },
      body: { ...body, version: 2, drawing: null },
    });
    expect(gone.drawing).toBeNull();
    const { rows } = await review.drawings({ params: { id: note.id } });
    expect(rows.map((each) => [each.number, each.drawing.shapes[0]?.id])).toEqual([
      [2, 'b'],
      [1, 'a'],
    ]);
    const wrong = {
      shapes: [{ ...arrow('a').shapes[0]!, points: [[0.1, 0.2]] as [number, number][] }],
    };
    expect(
      await refusalCodes(
        production.addNote({
          ...at(),
          body: {
            frame: 1,
            text: 'x',
            drawing: wrong,
          },
        }),
      ),
    ).toEqual(['invalid_shape']);
  });

  it('[HV3] signs a reviewer’s word on the very bytes', async () => {
    const { review, production } = vendor.client;
    const asked = await studio.client.review.askApproval({
      ...at(),
      body: {
        reviewers: [vendor.userId, editor.userId],
        dueDate: '2026-12-01',
      },
    });
    expect(asked.requests.map((each) => each.answered)).toEqual([false, false]);
    expect(
      await refusalCodes(
        studio.client.review.askApproval({
          ...at(),
          body: {
            reviewers: [outsider.userId],
          },
        }),
      ),
    ).toEqual(['unknown_reviewer']);
    const first = await review.approve({
      ...at(),
      body: { decision: 'changes', text: '再暗一点' },
    });
    const second = await review.approve({ ...at(), body: { decision: 'approved' } });
    const { rows, requests } = await studio.client.review.approvals(at());
    expect(rows.map((each) => [each.id, each.replaced])).toEqual([
      [second.id, false],
      [first.id, true],
    ]);
    expect(requests.find((each) => each.reviewerId === vendor.userId)?.answered).toBe(true);
    const bytes = await bytesOf(
      await studio.client.review.approvalRecord({ params: { id: second.id } }),
    );
    const signed = JSON.parse(new TextDecoder().decode(bytes)) as SignedRecord;
    const asset = await production.asset(at());
    expect(signed.record).toMatchObject({
      decision: 'approved',
      replaces: first.id,
      asset: { original: asset.original.digest, frames: FRAMES },
      reviewer: { organisation: '视效公司' },
    });
    const key = createPublicKey({
      key: Buffer.from(signed.signature.publicKey, 'base64'),
      format: 'der',
      type: 'spki',
    });
    const proves = (record: SignedRecord['record']) =>
      verify(null, recordBytes(record), key, Buffer.from(signed.signature.signature, 'base64'));
    expect(proves(signed.record)).toBe(true);
    expect(proves({ ...signed.record, decision: 'rejected' })).toBe(false);
    const refused = outsider.client.review.approvalRecord({ params: { id: second.id } });
    expect((await problemOf(refused)).code).toBe('not_found');
  });

  /** The page of a guest, once their copy is made. */
  async function watchable(pass: string) {
    const guest = server.stranger.client.reviewLink;
    let view = await guest.view({ body: { pass } });
    const deadline = Date.now() + 120_000;
    while (view.ticket === null && !view.failed && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      view = await guest.view({ body: { pass } });
    }
    return view;
  }

  it('[HV4] lets people outside watch their own marked copy, for a while', async () => {
    const { review } = studio.client;
    const made = await review.createLink({
      body: { assetId, label: '导演组', password: 'eight letters', viewersMax: 2 },
    });
    const token = tokenOf(made.address);
    const guest = server.stranger.client.reviewLink;
    expect(await guest.open({ body: { token } })).toMatchObject({
      organisation: '星河影业',
      title: 'reel 1 v001.mp4',
      needsPassword: true,
    });
    const wrong = guest.enter({ body: { token, name: 'Li Lei', password: 'nine letters' } });
    expect((await problemOf(wrong)).code).toBe('not_allowed');
    const { pass, code } = await guest.enter({
      body: { token, name: 'Li Lei', password: 'eight letters' },
    });
    const view = await watchable(pass);
    expect(view).toMatchObject({ viewer: 'Li Lei', frames: FRAMES, failed: false });
    const picture = () => guest.picture({ params: { ticket: view.ticket! } });
    const copy = await bytesOf(await picture());
    const asset = await studio.client.production.asset(at());
    const proxy = await bytesOf(
      await studio.client.files.download({ params: { id: asset.proxyFileId! }, query: {} }),
    );
    expect(Buffer.compare(copy, proxy)).not.toBe(0);
    expect(Buffer.from(copy.subarray(4, 8)).toString('latin1')).toBe('ftyp');
    const note = await guest.addNote({
      body: { pass, frame: 3, text: '客人的话', drawing: arrow('g') },
    });
    expect(note.author).toBe('Li Lei');
    expect((await studio.client.review.note({ params: { id: note.id } })).origin).toBe('link');
    expect((await problemOf(guest.original({ body: { pass } }))).code).toBe('not_allowed');
    expect((await review.linkViewers({ params: { id: made.link.id } })).rows).toMatchObject([
      { name: 'Li Lei', code },
    ]);
    await guest.enter({ body: { token, name: '韩梅梅', password: 'eight letters' } });
    expect(
      await refusalCodes(
        guest.enter({ body: { token, name: '第三人', password: 'eight letters' } }),
      ),
    ).toEqual(['excessive_viewers']);
    for (let i = 0; i < 6; i++) {
      await problemOf(guest.enter({ body: { token, name: 'x', password: `guess ${i}` } }));
    }
    expect(
      await refusalCodes(guest.enter({ body: { token, name: 'x', password: 'eight letters' } })),
    ).toEqual(['excessive_attempts']);
    expect(
      (await problemOf(vendor.client.review.revokeLink({ params: { id: made.link.id } }))).code,
    ).toBe('not_found');
    await review.revokeLink({ params: { id: made.link.id } });
    const unknown = () => guest.picture({ params: { ticket: 'x'.repeat(40) } });
    const again = () => guest.view({ body: { pass } });
    for (const call of [picture, unknown, again, () => guest.open({ body: { token } })]) {
      expect((await problemOf(call())).code).toBe('not_found');
    }
    const { rows } = await review.links({ query: {} });
    expect(rows).toMatchObject([{ label: '导演组', state: 'revoked', viewers: 2 }]);
    expect((await vendor.client.review.links({ query: {} })).rows).toEqual([]);
    for (const secret of [token, pass, 'eight letters']) {
      expect(server.logLines.some((line) => line.includes(secret))).toBe(false);
    }
  });

  it('[HV5] sends remarks to editing systems and takes what is new', async () => {
    const { review, production } = studio.client;
    const before = (await production.notes(at())).rows.length;
    for (const format of Object.keys(MARKER_FORMATS) as MarkerFormat[]) {
      const file = await review.exportNotes({ ...at(), query: { format } });
      const fileId = await upload(studio, `markers.${format}`, await bytesOf(file));
      const back = await review.importNotes({ ...at(), body: { fileId } });
      expect([format, back.added]).toEqual([format, 0]);
      expect(back.known).toBeGreaterThan(1);
    }
    expect((await production.notes(at())).rows).toHaveLength(before);
    const list =
      'Editor\t01:00:01:05\tV1\tred\tnew note\t1\r\nEditor\t09:00:00:00\tV1\tred\tfar\t1\r\n';
    const fileId = await upload(studio, 'avid.txt', list);
    const trial = await review.importNotes({ ...at(), body: { fileId, trial: true } });
    expect(trial).toMatchObject({
      added: 1,
      rows: [{ frame: 30, author: 'Editor', text: 'new note' }],
    });
    expect(trial.findings.map((each) => each.code)).toEqual(['excluded_marker']);
    expect((await production.notes(at())).rows).toHaveLength(before);
    await review.importNotes({ ...at(), body: { fileId } });
    const again = await review.importNotes({ ...at(), body: { fileId } });
    expect(again).toMatchObject({ added: 0, known: 1 });
    const kept = (await production.notes(at())).rows;
    expect(kept).toHaveLength(before + 1);
    expect(kept.find((each) => each.origin === 'markers')).toMatchObject({
      author: 'Editor',
      frame: 30,
    });
    const nothing = await upload(studio, 'x.txt', 'hello');
    expect(await refusalCodes(review.importNotes({ ...at(), body: { fileId: nothing } }))).toEqual([
      'unknown_marker_format',
    ]);
  });

  it('[HV6] prints remarks with the pictures of their frames', async () => {
    const pdf = await bytesOf(await studio.client.review.noteSheet(at()));
    const text = Buffer.from(pdf).toString('latin1');
    expect(text.startsWith('%PDF-1.4')).toBe(true);
    const frames = new Set(
      (await studio.client.production.notes(at())).rows
        .filter((each) => each.parentId === null)
        .map((each) => each.frame),
    );
    expect(new Set(text.match(/\/P\d+ Do/g)).size).toBeGreaterThanOrEqual(frames.size);
  });

  it('[HV7] shows a cut and what changed against another', async () => {
    const { review } = studio.client;
    const other = await twin('reel 1 v002.mp4');
    const list = (events: string) => `TITLE: R1\nFCM: NON-DROP FRAME\n\n${events}`;
    const first = list(
      '001  A001     V     C        00:00:10:00 00:00:11:00 01:00:00:00 01:00:01:00\n' +
        '* FROM CLIP NAME: SH010\n' +
        '002  A002     V     C        00:00:20:00 00:00:21:00 01:00:01:00 01:00:02:00\n' +
        '* FROM CLIP NAME: SH020\n',
    );
    const second = list(
      '001  A001     V     C        00:00:10:00 00:00:10:20 01:00:00:00 01:00:00:20\n' +
        '* FROM CLIP NAME: SH010\n' +
        '002  A003     V     C        00:00:30:00 00:00:31:05 01:00:00:20 01:00:02:00\n' +
        '* FROM CLIP NAME: SH030\n',
    );
    expect(await review.cut({ ...at(), query: {} })).toMatchObject({ version: 0, events: [] });
    await review.setCut({
      ...at(),
      body: { fileId: await upload(studio, 'v1.edl', first), version: 0 },
    });
    const set = await review.setCut({
      params: { id: other },
      body: { fileId: await upload(studio, 'v2.edl', second), version: 0 },
    });
    expect(set).toMatchObject({ version: 1, events: 2 });
    const cut = await review.cut({ params: { id: other }, query: { against: assetId } });
    expect(cut.events.map((each) => [each.name, each.from, each.to, each.changes])).toEqual([
      ['SH010', 0, 19, ['trimmed']],
      ['SH030', 20, 49, ['new']],
    ]);
    expect(cut.omitted).toMatchObject([{ shot: 'SH020', from: 25, to: 49 }]);
    const sequences = ['R1', 'R2'].map((name, index) => {
      const read = readEdlText([first, second][index]!.replace('TITLE: R1', `TITLE: ${name}`), {
        rate: FRAME_RATES['25'],
      });
      if (!read.ok) throw new Error(name);
      return JSON.parse(new TextDecoder().decode(writeOtio(read.value))) as object;
    });
    const several = { OTIO_SCHEMA: 'SerializableCollection.1', name: '', children: sequences };
    const fileId = await upload(studio, 'reels.otio', JSON.stringify(several));
    const third = await twin('reel 1 v003.mp4');
    const choose = (version: number, timeline?: number) =>
      review.setCut({ params: { id: third }, body: { fileId, version, timeline } });
    const assumed = await choose(0);
    expect(assumed).toMatchObject({ timelines: ['R1', 'R2'] });
    expect(assumed.findings.map((each) => each.code)).toContain('assumed_sequence');
    expect((await choose(1, 1)).findings).toEqual([]);
    const chosen = await review.cut({ params: { id: third }, query: { against: assetId } });
    expect(chosen).toMatchObject({ timelines: ['R1', 'R2'], timeline: 1, findings: [] });
    expect(chosen.events.map((each) => each.changes)).toEqual([['trimmed'], ['new']]);
    expect(await refusalCodes(choose(2, 2))).toEqual(['unknown_sequence']);
    const late = review.setCut({
      params: { id: other },
      body: {
        fileId: await upload(studio, 'v3.edl', second),
        version: 0,
      },
    });
    expect((await problemOf(late)).code).toBe('conflict');
    const bad = review.setCut({
      params: { id: other },
      body: {
        fileId: await upload(studio, 'v3.edl', 'nonsense'),
        version: 1,
      },
    });
    expect(await refusalCodes(bad)).toEqual(['unknown_timeline_format']);
  });

  it('[HV8] leads a live room, hands it over and lets people in late', async () => {
    const { review } = studio.client;
    const room = await review.openRoom({ body: { assetId } });
    const params = { id: room.id };
    const early = await listen(studio, room.id);
    expect((await early.next('state')).state).toMatchObject({
      seq: 0,
      host: studio.userId,
      assetId,
    });
    const stroke = arrow('s1').shapes[0]!;
    await review.act({
      params,
      body: {
        acts: [
          { kind: 'control', frame: 12, speed: 0 },
          { kind: 'draw', frame: 12, shape: stroke },
        ],
      },
    });
    expect((await early.next('event')).event).toMatchObject({ seq: 1, act: { kind: 'control' } });
    expect((await early.next('event')).event).toMatchObject({ seq: 2, act: { kind: 'draw' } });
    const late = await listen(vendor, room.id);
    expect((await late.next('state')).state).toMatchObject({
      seq: 2,
      control: { frame: 12 },
      shapes: [{ by: studio.userId, frame: 12 }],
    });
    const people = await early.until('people', (each) => each.people.length === 2);
    expect(people.people.map((each) => each.organisation)).toEqual(['星河影业', '视效公司']);
    const lead = { kind: 'control', frame: 1, speed: 1 } as const;
    expect(
      await refusalCodes(vendor.client.review.act({ params, body: { acts: [lead] } })),
    ).toEqual(['missing_lead']);
    expect(
      await refusalCodes(vendor.client.review.act({ params, body: { acts: [{ kind: 'take' }] } })),
    ).toEqual(['present_host']);
    expect(
      await refusalCodes(
        vendor.client.review.act({ params, body: { acts: [{ kind: 'erase', shapes: ['s1'] }] } }),
      ),
    ).toEqual(['foreign_shape']);
    await vendor.client.review.ink({
      params,
      body: {
        stroke: 'live',
        frame: 12,
        colour: '#00ff00',
        width: 0.01,
        points: [[0.5, 0.5]],
      },
    });
    expect(await early.until('ink', () => true)).toMatchObject({
      by: vendor.userId,
      ink: { stroke: 'live' },
    });
    await handedOver(room.id, early, late, stroke);
  });

  type Line = Awaited<ReturnType<typeof listen>>;
  async function handedOver(
    id: string,
    early: Line,
    late: Line,
    stroke: Drawing['shapes'][number],
  ): Promise<void> {
    const { review } = studio.client;
    const params = { id };
    const lead = { kind: 'control', frame: 1, speed: 1 } as const;
    await review.act({ params, body: { acts: [{ kind: 'hand', to: vendor.userId }] } });
    await vendor.client.review.act({ params, body: { acts: [lead] } });
    const note = await studio.client.production.addNote({
      ...at(),
      body: { frame: 2, text: '现场意见' },
    });
    const told = await late.until('event', (each) => each.event.act.kind === 'note');
    expect(told.event.act).toMatchObject({ note: { id: note.id, version: 1 } });
    early.close();
    await late.until('people', (each) => each.people.length === 1);
    late.close();
    expect((await problemOf(outsider.client.review.room({ params }))).code).toBe('not_found');
    const deaf = await outsider.send(`/api/production/review-rooms/${id}/events`);
    expect(deaf.status).toBe(404);
    expect((await outsider.client.review.rooms({ query: {} })).rows).toEqual([]);
    const now = await review.room({ params });
    expect(now.state).toMatchObject({ host: vendor.userId, control: { frame: 1, speed: 1 } });
    await vendor.client.review.act({ params, body: { acts: [{ kind: 'close' }] } });
    expect(
      await refusalCodes(
        studio.client.review.act({
          params,
          body: { acts: [{ kind: 'draw', frame: 1, shape: { ...stroke, id: 's2' } }] },
        }),
      ),
    ).toEqual(['closed_room']);
    expect((await review.rooms({ query: { filmId } })).rows).toMatchObject([{ id }]);
  }

  it('[HV9] keeps an organisation outside the room away from all of it', async () => {
    const guest = outsider.client;
    const calls: (() => Promise<unknown>)[] = [
      () => guest.production.notes(at()),
      () => guest.review.people(at()),
      () => guest.review.createLink({ body: { assetId, label: 'x' } }),
      () => guest.review.openRoom({ body: { assetId } }),
      () => guest.review.approvals(at()),
      () => guest.review.cut({ ...at(), query: {} }),
      () => guest.review.noteSheet(at()),
      () => guest.review.exportNotes({ ...at(), query: { format: 'csv' } }),
      () => guest.production.addNote({ ...at(), body: { frame: 1, text: 'x' } }),
    ];
    for (const call of calls) expect((await problemOf(call())).code).toBe('not_found');
    expect((await guest.review.mentions({ query: {} })).rows).toEqual([]);
    const other = await twin('another.mp4');
    await turnOver(assetId);
    const said = await guest.production.addNote({ ...at(), body: { frame: 7, text: '外包方' } });
    expect((await guest.production.notes(at())).rows.map((each) => each.id)).toContain(said.id);
    expect((await studio.client.review.note({ params: { id: said.id } })).organisation).not.toBe(
      '星河影业',
    );
    const hidden = guest.production.notes({ params: { id: other } });
    expect((await problemOf(hidden)).code).toBe('not_found');
    const link = guest.review.createLink({ body: { assetId, label: 'x' } });
    expect((await problemOf(link)).code).toBe('not_allowed');
  });

  /** The same media under another name. */
  async function twin(title: string): Promise<string> {
    const id = crypto.randomUUID();
    await sql`insert into production.asset (id, organisation_id, film_id, title, state,
        original_file_id, media, proxy_file_id)
      select ${id}, organisation_id, film_id, ${title}, state, original_file_id, media,
        proxy_file_id from production.asset where id = ${assetId}`.execute(database());
    return id;
  }
  const database = () => server.network.running.kernel.database;

  /** What the project rooms write when something is turned over. */
  async function turnOver(id: string): Promise<void> {
    const [project, turnover] = [crypto.randomUUID(), crypto.randomUUID()];
    await sql`insert into production.project (id, organisation_id, film_id, name, code, frame_rate)
      values (${project}, ${studio.organisationId}, ${filmId}, 'VFX', 'VFX', '25')`.execute(
      database(),
    );
    await sql`insert into production.participant (project_id, organisation_id, role, scope, state)
      values (${project}, ${outsider.organisationId}, 'vfx', 'turnover', 'joined')`.execute(
      database(),
    );
    await sql`insert into production.turnover (id, project_id, organisation_id, number, name, state)
      values (${turnover}, ${project}, ${outsider.organisationId}, 1, 'one', 'sent')`.execute(
      database(),
    );
    await sql`insert into production.turnover_asset (turnover_id, asset_id)
      values (${turnover}, ${id})`.execute(database());
  }
});
