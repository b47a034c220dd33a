import type { ColumnType, Generated } from 'kysely';

/** The kernel's tables as kysely sees them; the truth is `migrations/*.sql`. */

type Instant = ColumnType<Date, Date | string | undefined, Date | string>;
type Maybe<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;
/** Columns of type json: read parsed, written as text. */
type Json = ColumnType<unknown, string, string>;
type MaybeJson = ColumnType<unknown, string | null | undefined, string | null>;

export type OrganisationTable = {
  id: string;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
  name: string;
  name_english: string | null;
  kind: string;
  credit_code: string | null;
};
export type MemberTable = {
  organisation_id: string;
  user_id: string;
  roles: string[];
  created_at: Instant;
};
export type OperatorTable = { user_id: string; created_at: Instant };
export type OwnerLinkTable = { token_hash: string; created_at: Instant; used_at: Maybe<Date> };
export type UserSettingTable = { user_id: string; language: string; theme: string };
export type InvitationTable = {
  id: string;
  organisation_id: string;
  email: string;
  roles: string[];
  token_hash: string;
  created_by: string | null;
  created_at: Instant;
  expires_at: Instant;
  accepted_at: Maybe<Date>;
};
export type RoomMemberTable = {
  film_id: string;
  organisation_id: string;
  halls: string[];
  owner: Generated<boolean>;
  created_at: Instant;
};
export type FileTable = {
  id: string;
  organisation_id: string;
  film_id: string | null;
  hall: string | null;
  name: string;
  media_type: string;
  size_bytes: bigint;
  digest: string;
  created_at: Instant;
};
export type UploadTable = {
  id: string;
  organisation_id: string;
  user_id: string;
  name: string;
  media_type: string;
  size_bytes: bigint;
  offset_bytes: Generated<bigint>;
  digest: string | null;
  state: Generated<string>;
  file_id: Maybe<string>;
  created_at: Instant;
  updated_at: Instant;
};
export type JobTable = {
  id: string;
  kind: string;
  lane: string;
  organisation_id: string | null;
  user_id: string | null;
  film_id: string | null;
  input: Json;
  state: Generated<string>;
  progress: Maybe<number>;
  step: Maybe<string>;
  findings: ColumnType<unknown, string | undefined, string>;
  result: MaybeJson;
  error: Maybe<string>;
  failures: Generated<number>;
  cancel_requested: Generated<boolean>;
  instance: Maybe<number>;
  message_id: Maybe<string>;
  not_before: Maybe<Date>;
  created_at: Instant;
  started_at: Maybe<Date>;
  finished_at: Maybe<Date>;
};
export type JobStepTable = {
  job_id: string;
  ordinal: number;
  code: string;
  state: string;
  output: MaybeJson;
  facts: MaybeJson;
  started_at: Instant;
  finished_at: Maybe<Date>;
};
export type IdempotencyTable = {
  scope: string;
  key: string;
  request_hash: string;
  status: Generated<number>;
  answer: MaybeJson;
  created_at: Instant;
};
export type AuditTable = {
  sequence: bigint;
  at: ColumnType<Date, Date | string, never>;
  organisation_id: string | null;
  actor: string | null;
  action: string;
  subject_kind: string;
  subject_id: string;
  facts: Json;
  previous_hash: string;
  hash: string;
};
export type WebhookTable = {
  id: string;
  organisation_id: string;
  url: string;
  events: string[];
  secret: string;
  created_at: Instant;
  failing_since: Maybe<Date>;
  disabled_at: Maybe<Date>;
};
export type WebhookAttemptTable = {
  delivery_id: string;
  ordinal: number;
  at: Date;
  status: number | null;
  fault: string | null;
  milliseconds: number;
};
export type WebhookDeliveryTable = {
  id: string;
  webhook_id: string;
  event: string;
  payload: string;
  attempts: Generated<number>;
  status: Maybe<number>;
  at: Instant;
  delivered_at: Maybe<Date>;
  created_at: Instant;
  given_up_at: Maybe<Date>;
  repeats: Maybe<string>;
};

export type SignInProviderTable = {
  id: string;
  name: string;
  issuer: string;
  domain: string;
  client_id: string;
  client_secret: string;
  created_at: Instant;
};

/** The columns of better-auth's tables that the kernel itself reads. */
export type IdentityUserTable = { id: string; name: string; email: string };
export type IdentitySessionTable = {
  id: string;
  token: string;
  userId: string;
  organisation_id: string | null;
};

export type KernelTables = {
  'kernel.organisation': OrganisationTable;
  'kernel.member': MemberTable;
  'kernel.operator': OperatorTable;
  'kernel.owner_link': OwnerLinkTable;
  'kernel.user_setting': UserSettingTable;
  'kernel.invitation': InvitationTable;
  'kernel.room_member': RoomMemberTable;
  'kernel.file': FileTable;
  'kernel.upload': UploadTable;
  'kernel.job': JobTable;
  'kernel.job_step': JobStepTable;
  'kernel.idempotency': IdempotencyTable;
  'kernel.audit': AuditTable;
  'kernel.webhook': WebhookTable;
  'kernel.webhook_delivery': WebhookDeliveryTable;
  'kernel.webhook_attempt': WebhookAttemptTable;
  'kernel.sign_in_provider': SignInProviderTable;
  'identity.user': IdentityUserTable;
  'identity.session': IdentitySessionTable;
};
