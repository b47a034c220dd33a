import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../src/kernel/audit/audit.ts';
import type { Database } from '../../src/kernel/database/database.ts';
import { createTestServer, type TestServer } from '../support/server.ts';

describe('the audit log', () => {
  let server: TestServer;
  let database: Database;
  beforeAll(async () => {
    server = await createTestServer();
    ({ database } = server.network.running.kernel);
    await server.newOrganisation('producer');
    await server.newOrganisation('circuit');
  });
  afterAll(() => server.close());

  it('[KA1] chains every change, and the operator can verify it', async () => {
    const owner = await server.owner();
    const report = await owner.client.audit.verify();
    expect(report).toMatchObject({ intact: true, findings: [] });
    expect(report.entries).toBeGreaterThan(5);
    const { rows } = await owner.client.audit.list({ query: {} });
    expect(rows.map((row) => row.action)).toContain('organisation.create');
  });

  it('[KA2] refuses update, delete and truncate in the database itself', async () => {
    for (const change of [
      sql`update kernel.audit set action = 'x'`,
      sql`delete from kernel.audit`,
      sql`truncate kernel.audit`,
    ]) {
      await expect(change.execute(database)).rejects.toThrow(/append-only/);
    }
  });

  it('[KA3] names the entry that was forged behind the guards', async () => {
    await sql`alter table kernel.audit disable trigger all`.execute(database);
    await sql`update kernel.audit set facts = '{"name":"另一个"}' where sequence = 3`.execute(
      database,
    );
    const forged = await verifyAudit(database);
    expect(forged).toMatchObject({
      intact: false,
      entries: 2,
      findings: [{ code: 'mismatched_hash', at: { sequence: 3 } }],
    });
    await sql`delete from kernel.audit where sequence = 3`.execute(database);
    const removed = await verifyAudit(database);
    expect(removed).toMatchObject({ findings: [{ code: 'missing_entry', at: { sequence: 3 } }] });
  });
});
