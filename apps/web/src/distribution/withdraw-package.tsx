import { useQuery } from '@tanstack/react-query';
import type { contract, OutputOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';

type Package = OutputOf<typeof contract.distribution.package.result>;
const PACKAGES_MAX = 500;

/** Takes a package back from every cinema; first it says what goes with it. */
export function WithdrawPackage({ data }: { data: Package }) {
  const { t } = useTranslation('distribution');
  const kernel = useTranslation('kernel').t;
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const withdraw = async () => {
    try {
      await api.sites.withdrawPackage({ params: { id: data.id } });
      setOpen(false);
      await forget('distribution', 'sites', 'shows', 'bookings');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        {t('withdraw')}
      </button>
      <Dialog
        title={t('withdrawTitle')}
        open={open}
        onClose={() => setOpen(false)}
        actions={
          <>
            <button type="button" className="button" onClick={() => setOpen(false)}>
              {kernel('cancel')}
            </button>
            <button type="button" className="button button-first" onClick={() => void withdraw()}>
              {t('withdraw')}
            </button>
          </>
        }
      >
        <p>{t('withdrawText')}</p>
        {open ? <WhatHangsOnIt data={data} /> : null}
        <ProblemNote fault={fault} />
      </Dialog>
    </>
  );
}

function WhatHangsOnIt({ data }: { data: Package }) {
  const { t } = useTranslation('distribution');
  const query = { filmId: data.filmId, limit: PACKAGES_MAX };
  const list = useQuery(ask('distribution', 'packages', { query }));
  if (list.isPending) return <Waiting />;
  const gone = dependants(data.id, list.data?.rows ?? []);
  if (gone.length === 0) return <p>{t('withdrawAlone')}</p>;
  return (
    <>
      <p>{t('withdrawWith', { count: gone.length })}</p>
      <ul>
        {gone.map((each) => (
          <li key={each.id}>{each.title}</li>
        ))}
      </ul>
    </>
  );
}

/** Version files that do not play without a package, through as many steps as there are. */
function dependants(id: string, packages: readonly Package[]): Package[] {
  const gone = new Set([id]);
  const found: Package[] = [];
  for (;;) {
    const next = packages.filter(
      (each) =>
        !gone.has(each.id) &&
        each.withdrawnAt === null &&
        each.originalIds.some((original) => gone.has(original)),
    );
    if (next.length === 0) return found;
    for (const each of next) gone.add(each.id);
    found.push(...next);
  }
}
