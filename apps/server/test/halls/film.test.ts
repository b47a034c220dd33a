import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWorkbook } from '@yinglian/host';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { bytesOf, problemOf, refusalCodes, upload } from './support.ts';

const EIDR = '10.5240/7791-8534-2C23-9030-8610-5';
const version = (fields: object = {}) => ({
  format: '2D' as const,
  filmCode: null,
  audioLanguage: null,
  subtitleLanguages: [],
  runtimeSeconds: null,
  ...fields,
});

describe('the film register', () => {
  let server: TestServer;
  let producer: TestPerson;
  beforeAll(async () => {
    server = await createTestServer();
    producer = await server.newOrganisation('producer', '制片方');
  });
  afterAll(() => server.close());

  it('[HA1] keeps identifiers canonical and refuses a wrong check character', async () => {
    const made = await producer.client.film.create({
      body: {
        title: '长夜',
        eidr: EIDR.toLowerCase(),
        versions: [version({ filmCode: '001100012026' })],
      },
    });
    expect(made.eidr).toBe(EIDR);
    expect(made.findings.map((each) => each.code)).not.toContain('missing_film_code');
    const wrong = producer.client.film.create({
      body: { title: '长夜二', eidr: EIDR.replace(/5$/, '6') },
    });
    const problem = await problemOf(wrong);
    expect(problem.status).toBe(PROBLEM_INVALID);
    expect(problem.findings?.[0]?.at).toMatchObject({ field: 'eidr' });
  });

  it('[HA2] refuses the same EIDR a second time with the film that has it', async () => {
    const problem = await problemOf(
      producer.client.film.create({ body: { title: '又一部', eidr: EIDR } }),
    );
    expect(problem.code).toBe('invalid');
    expect(problem.findings?.map((each) => each.code)).toEqual(['duplicate_eidr']);
  });

  it('[HA3] keeps the ids of versions, and takes none of another film', async () => {
    const { film } = producer.client;
    const made = await film.create({
      body: {
        title: '版本',
        versions: [version({ filmCode: '001100022026' }), version({ format: '3D' })],
      },
    });
    const [first, second] = made.versions;
    const changed = await film.update({
      params: { id: made.id },
      body: {
        version: made.version,
        title: '版本',
        versions: [{ ...second!, runtimeSeconds: 60 }, first!],
      },
    });
    expect(changed.versions.map((each) => each.id)).toEqual([second!.id, first!.id]);
    expect(changed.versions[0]).toMatchObject({ format: '3D', runtimeSeconds: 60 });
    const stolen = film.create({
      body: { title: '借用', versions: [{ ...version(), id: first!.id }] },
    });
    expect(await refusalCodes(stolen)).toEqual(['foreign_version']);
    expect((await film.get({ params: { id: made.id } })).versions).toHaveLength(2);
  });

  it('[HA4] answers a late write with both versions and loses neither', async () => {
    const { film } = producer.client;
    const made = await film.create({ body: { title: '并发' } });
    const params = { id: made.id };
    await film.update({ params, body: { version: 1, title: '先到' } });
    const problem = await problemOf(film.update({ params, body: { version: 1, title: '后到' } }));
    expect(problem).toMatchObject({
      code: 'conflict',
      status: 409,
      stored: { title: '先到', version: 2 },
      sent: { title: '后到' },
    });
    expect((await film.get({ params })).title).toBe('先到');
  });

  it('[HA5] finds films that seem to be the same, by the surest reason once', async () => {
    const person = await server.newOrganisation('producer');
    const { film } = person.client;
    const coded = (title: string, filmCode: string) =>
      film.create({ body: { title, versions: [version({ filmCode })] } });
    await coded('甲', '051a00392020');
    await coded('乙', '051A00392020');
    await film.create({ body: { title: 'The  Long Night', year: 2026 } });
    await film.create({ body: { title: 'ＴＨＥ long-night', year: 2026 } });
    await film.create({ body: { title: 'The Long Night', year: 1999 } });
    const { groups } = await film.duplicates();
    expect(groups.map((group) => [group.reason, group.films.length])).toEqual([
      ['same_film_code', 2],
      ['same_title', 2],
    ]);
  });

  it('[HA6] refuses repeated film codes and windows that end before they begin', async () => {
    const { film } = producer.client;
    const filmCode = '001100032026';
    const codes = await refusalCodes(
      film.create({
        body: {
          title: '重复',
          versions: [version({ filmCode }), version({ filmCode })],
          rights: [
            {
              holder: '甲',
              territories: ['CN'],
              media: 'theatrical',
              from: '2026-02-01',
              to: '2026-01-01',
              exclusive: true,
            },
          ],
        },
      }),
    );
    expect(codes).toEqual(expect.arrayContaining(['duplicate_film_code', 'invalid_window']));
  });

  for (const format of ['csv', 'xlsx'] as const) {
    it(`[HA7] brings films out as ${format} and in again without doubling one`, async () => {
      const person = await server.newOrganisation('producer');
      const { film } = person.client;
      await film.create({
        body: {
          title: '=1+1',
          titleEnglish: 'A, "B"',
          year: 2026,
          country: '中国',
          versions: [
            version({ filmCode: '001100042026', runtimeSeconds: 5400 }),
            version({ format: '3D' }),
          ],
        },
      });
      await film.create({ body: { title: '无版本' } });
      const sheet = await bytesOf(await film.exportFile({ query: { format } }));
      if (format === 'xlsx') expect((await readWorkbook(sheet)).ok).toBe(true);
      const own = await upload(person, `films.${format}`, sheet);
      const again = await film.importFile({ body: { fileId: own, commit: true } });
      expect(again).toMatchObject({ added: 0 });
      expect(again.findings.map((each) => each.code)).toContain('known_film');
      const other = await server.newOrganisation('producer');
      const fileId = await upload(other, `films.${format}`, sheet);
      const trial = await other.client.film.importFile({ body: { fileId } });
      expect(trial.added).toBe(2);
      expect((await other.client.film.list({ query: {} })).rows).toHaveLength(0);
      await other.client.film.importFile({ body: { fileId, commit: true } });
      const { rows } = await other.client.film.list({ query: { search: '1+1' } });
      expect(rows[0]).toMatchObject({ titleEnglish: 'A, "B"', year: 2026, country: '中国' });
      expect(
        rows[0]!.versions.map((each) => [each.format, each.filmCode, each.runtimeSeconds]),
      ).toEqual([
        ['2D', '001100042026', 5400],
        ['3D', null, null],
      ]);
    });
  }

  it('[HA8] imports all rows or none, and says which row is wrong', async () => {
    const person = await server.newOrganisation('producer');
    const text = `片名,年份,EIDR\n好片,2026,\n坏片,2026,${EIDR.replace(/5$/, '6')}\n`;
    const fileId = await upload(person, 'films.csv', text);
    const problem = await problemOf(
      person.client.film.importFile({ body: { fileId, commit: true } }),
    );
    expect(problem.findings?.[0]?.at).toMatchObject({ row: 3, field: 'eidr' });
    expect((await person.client.film.list({ query: {} })).rows).toHaveLength(0);
    const nothing = await upload(person, 'nothing.csv', 'a,b\n1,2\n');
    expect(
      await refusalCodes(
        person.client.film.importFile({ body: { fileId: nothing, commit: true } }),
      ),
    ).toEqual(['missing_heading']);
  });

  it('[HA9] turns pages without losing a film, and refuses forged pages', async () => {
    const person = await server.newOrganisation('producer');
    const { film } = person.client;
    for (const title of ['一', '二', '三', '四', '五']) await film.create({ body: { title } });
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await film.list({
        query: { limit: 2, ...(after === undefined ? {} : { after }) },
      });
      seen.push(...page.rows.map((each) => each.title));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(seen).toEqual(['五', '四', '三', '二', '一']);
    const forged = Buffer.from('["x\'; drop table","y"]').toString('base64url');
    for (const page of ['zzz', forged]) {
      expect((await problemOf(film.list({ query: { after: page } }))).code).toBe('invalid');
    }
  });
});

const PROBLEM_INVALID = 422;
