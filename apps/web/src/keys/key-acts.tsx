import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Findings, type WireFinding } from '../kernel/parts/findings.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { Records } from '../kernel/parts/records.tsx';

type Said = { readonly text: string; readonly findings: readonly WireFinding[] };

/** What can be done to chosen keys: another window, or no further delivery. */
export function KeyActs({ chosen, onDone }: { chosen: ReadonlySet<string>; onDone: () => void }) {
  const { t } = useTranslation('keys');
  const [open, setOpen] = useState<'change' | 'withhold'>();
  const [said, setSaid] = useState<Said>();
  const done = async (answer: Said) => {
    setSaid(answer);
    setOpen(undefined);
    onDone();
    await forget('distribution', 'keys', 'jobs', 'shows');
  };
  return (
    <>
      {chosen.size === 0 ? null : (
        <p className="row">
          <span>{t('selected', { count: chosen.size })}</span>
          <button type="button" className="button" onClick={() => setOpen('change')}>
            {t('extend')}
          </button>
          <button type="button" className="button" onClick={() => setOpen('withhold')}>
            {t('withhold')}
          </button>
        </p>
      )}
      {said === undefined ? null : (
        <div role="status">
          <p>{said.text}</p>
          <Findings findings={said.findings} />
        </div>
      )}
      <ChangeWindow
        keyIds={[...chosen]}
        open={open === 'change'}
        onClose={() => setOpen(undefined)}
        onDone={(answer) => void done(answer)}
      />
      <Withhold
        keyIds={[...chosen]}
        open={open === 'withhold'}
        onClose={() => setOpen(undefined)}
        onDone={(answer) => void done(answer)}
      />
    </>
  );
}

type ActProps = {
  keyIds: string[];
  open: boolean;
  onClose: () => void;
  onDone: (answer: Said) => void;
};

function ChangeWindow({ keyIds, open, onClose, onDone }: ActProps) {
  const { t } = useTranslation('keys');
  const [notBefore, setNotBefore] = useState('');
  const [notAfter, setNotAfter] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const change = async () => {
    try {
      const answer = await api.keys.change({
        body: {
          keyIds,
          ...(notBefore === '' ? {} : { notBefore }),
          ...(notAfter === '' ? {} : { notAfter }),
        },
      });
      setFault(null);
      const waiting =
        answer.proposals.length === 0
          ? ''
          : ` · ${t('proposed', { count: answer.proposals.length })}`;
      onDone({
        text: t('ordered', { screens: answer.screens }) + waiting,
        findings: answer.findings,
      });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('extend')}
      open={open}
      onClose={onClose}
      actions={
        <button
          type="button"
          className="button button-first"
          disabled={notAfter === '' && notBefore === ''}
          onClick={() => void change()}
        >
          {t('extend')}
        </button>
      }
    >
      <div className="stack">
        <p>{t('changeHint')}</p>
        <label className="field">
          <span>{t('newEnd')}</span>
          <input
            className="input"
            type="datetime-local"
            value={notAfter}
            onChange={(event) => setNotAfter(event.target.value.slice(0, 16))}
          />
        </label>
        <label className="field">
          <span>{t('newBegin')}</span>
          <input
            className="input"
            type="datetime-local"
            value={notBefore}
            onChange={(event) => setNotBefore(event.target.value.slice(0, 16))}
          />
        </label>
        <ProblemNote fault={fault} />
      </div>
    </Dialog>
  );
}

function Withhold({ keyIds, open, onClose, onDone }: ActProps) {
  const { t } = useTranslation('keys');
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const withhold = async () => {
    try {
      const answer = await api.keys.withdraw({ body: { keyIds, reason } });
      setFault(null);
      onDone({
        text: t('withdrawn', { count: answer.withdrawn, held: answer.held }),
        findings: answer.findings,
      });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('withhold')}
      open={open}
      onClose={onClose}
      actions={
        <button
          type="button"
          className="button button-first"
          disabled={reason.trim() === ''}
          onClick={() => void withhold()}
        >
          {t('withhold')}
        </button>
      }
    >
      <div className="stack">
        <p>{t('withholdHint')}</p>
        <label className="field">
          <span>{t('reasonField')}</span>
          <input
            className="input"
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <ProblemNote fault={fault} />
      </div>
    </Dialog>
  );
}

/** Every word that came back about one key's way. */
export function Receipts({
  id,
  name,
  onClose,
}: {
  id: string | undefined;
  name: string;
  onClose: () => void;
}) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const receipts = useQuery({
    ...ask('keys', 'receipts', { params: { id: id ?? '' } }),
    enabled: id !== undefined,
  });
  const rows = receipts.data?.rows ?? [];
  return (
    <Dialog title={`${t('receipts')} · ${name}`} open={id !== undefined} onClose={onClose}>
      <ProblemNote fault={receipts.error} />
      {receipts.isSuccess && rows.length === 0 ? <p>{t('receiptNone')}</p> : null}
      {rows.length === 0 ? null : (
        <Records
          label={t('receipts')}
          rows={rows}
          keyOf={(each) => `${each.way} ${each.at} ${each.detail}`}
          columns={[
            { title: t('receipts'), head: true, cell: (each) => t(`receiptWay.${each.way}`) },
            { title: t('state'), cell: (each) => t(`receiptState.${each.state}`) },
            { title: t('expires'), figure: true, cell: (each) => format.moment(each.at) },
            { title: t('note'), cell: (each) => each.detail },
          ]}
        />
      )}
    </Dialog>
  );
}
