-- Providers of single sign-on (OpenID Connect). The secret is sealed; better-auth gets the
-- providers at run time and keeps none in its own table.

create table kernel.sign_in_provider (
  id text primary key,
  name text not null,
  issuer text not null,
  domain text not null,
  client_id text not null,
  client_secret text not null,
  created_at timestamptz not null default now()
);

-- With verified domains better-auth 1.7.6 expects this column.
alter table identity."ssoProvider" add column "domainVerified" boolean;
