import type { ColumnType } from 'kysely';

type Instant = ColumnType<Date, Date | string | undefined, Date | string>;

export type DemonstrationTables = {
  'demonstration.person': {
    user_id: string;
    organisation_id: string;
    part: string;
    name: string;
    created_at: Instant;
  };
  'demonstration.performance': {
    job_id: string;
    film_id: ColumnType<string | null, string | null | undefined, string | null>;
    created_at: Instant;
  };
};
