import type { keys } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable } from '../../kernel/database/database.ts';

export type Receipt = z.output<typeof keys.receipts.result>['rows'][number];

/** Every word of a key's way to its cinema, the latest first. */
export async function readReceipts(database: Queryable, keyId: string): Promise<Receipt[]> {
  const result = await sql<{
    way: Receipt['way'];
    state: Receipt['state'];
    at: Date | null;
    detail: string;
  }>`
    select 'site' as way, 'received' as state, held.received_at as at, site.name as detail
    from distribution.site_key as held join distribution.site on site.id = held.site_id
    where held.key_id = ${keyId}
    union all
    select 'link', case when link.fetches > 0 then 'received' else 'waiting' end,
      coalesce(link.last_fetched_at, link.created_at), link.fetches || '/' || link.fetches_max
    from distribution.key_link_key as held
    join distribution.key_link as link on link.id = held.link_id
    where held.key_id = ${keyId}
    union all
    select 'mail', case mail.state when 'accepted' then 'accepted' when 'waiting' then 'waiting'
        else 'failed' end,
      coalesce(mail.accepted_at, mail.created_at), mail.address || ' ' || mail.answer
    from distribution.key_mail_key as held
    join distribution.key_mail as mail on mail.id = held.mail_id
    where held.key_id = ${keyId}
    order by at desc nulls last`.execute(database);
  return result.rows.map((row) => ({ ...row, at: row.at?.toISOString() ?? null }));
}
