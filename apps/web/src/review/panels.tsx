import { useQuery } from '@tanstack/react-query';
import { addressOf, contract, MARKER_FORMAT_NAMES } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { startUpload } from '../kernel/uploads.ts';
import type { Asset } from '../production/media/asset.ts';

const DECISIONS = ['approved', 'changes', 'rejected'] as const;

/** Who was asked, who decided what, and one's own word with its signature. */
export function Approvals({ asset }: { asset: Asset }) {
  const { t } = useTranslation('review');
  const format = useFormat();
  const { can, user } = useSession();
  const params = { id: asset.id };
  const approvals = useQuery(ask('review', 'approvals', { params }));
  const [text, setText] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const tell = (work: Promise<unknown>) =>
    work
      .then(() => {
        setFault(null);
        setText('');
        return forget('review', 'production');
      })
      .catch(setFault);
  const { requests = [], rows = [] } = approvals.data ?? {};
  const asked = requests.some((each) => each.reviewerId === user?.id && !each.answered);
  return (
    <div className="stack">
      <h2>{t('approvals')}</h2>
      {asked ? <p className="room-asked">{t('askedForYou')}</p> : null}
      {can('production.review') ? (
        <div className="note-new">
          <label htmlFor="approval-text">{t('approvalText')}</label>
          <textarea
            id="approval-text"
            className="input"
            rows={2}
            value={text}
            maxLength={10_000}
            onChange={(event) => setText(event.target.value)}
          />
          <span className="row">
            {DECISIONS.map((each) => (
              <button
                key={each}
                type="button"
                className="button"
                onClick={() =>
                  void tell(api.review.approve({ params, body: { decision: each, text } }))
                }
              >
                {t(`decisions.${each}`)}
              </button>
            ))}
          </span>
          <small>{t('signedNote')}</small>
          <AskSomebody
            assetId={asset.id}
            onAsk={(who) =>
              void tell(api.review.askApproval({ params, body: { reviewers: [who] } }))
            }
          />
        </div>
      ) : null}
      <ProblemNote fault={fault ?? approvals.error} />
      <ol>
        {requests
          .filter((each) => !each.answered)
          .map((each) => (
            <li key={each.id} className="note">
              <p>
                {each.reviewer} · {each.organisation}
              </p>
              <small>
                {t('waiting')}
                {each.dueDate === null ? '' : ` · ${each.dueDate}`}
              </small>
            </li>
          ))}
        {rows.map((each) => (
          <li key={each.id} className={each.replaced ? 'note note-done' : 'note'}>
            <p>
              <strong>{t(`decisions.${each.decision}`)}</strong> {each.text}
            </p>
            <small>
              {each.reviewer} · {each.organisation} · {format.moment(each.createdAt)}
              {each.replaced ? ` · ${t('replaced')}` : ''}
            </small>
            <a
              className="room-button"
              download
              href={addressOf(contract.review.approvalRecord, { params: { id: each.id } })}
            >
              <Icon name="download" />
              {t('record')}
            </a>
          </li>
        ))}
      </ol>
    </div>
  );
}

function AskSomebody({ assetId, onAsk }: { assetId: string; onAsk: (who: string) => void }) {
  const { t } = useTranslation('review');
  const people = useQuery(ask('review', 'people', { params: { id: assetId } }));
  const [who, setWho] = useState('');
  return (
    <>
      <label htmlFor="approval-who">{t('askSomebody')}</label>
      <span className="row">
        <select
          id="approval-who"
          className="input"
          value={who}
          onChange={(event) => setWho(event.target.value)}
        >
          <option value="">—</option>
          {(people.data?.rows ?? []).map((each) => (
            <option key={each.id} value={each.id}>
              {each.name} · {each.organisation}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="button"
          disabled={who === ''}
          onClick={() => {
            onAsk(who);
            setWho('');
          }}
        >
          {t('ask')}
        </button>
      </span>
    </>
  );
}

/** Remarks out to editing systems and paper, and back. */
export function Markers({ asset }: { asset: Asset }) {
  const { t } = useTranslation('review');
  const { can } = useSession();
  const params = { id: asset.id };
  const [trial, setTrial] = useState<{
    fileId: string;
    answer: Awaited<ReturnType<typeof api.review.importNotes>>;
  } | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const look = async (file: File) => {
    setBusy(true);
    try {
      const fileId = await startUpload(file, { kind: 'hold' });
      setTrial({
        fileId,
        answer: await api.review.importNotes({ params, body: { fileId, trial: true } }),
      });
      setFault(null);
    } catch (caught) {
      setFault(caught);
    }
    setBusy(false);
  };
  const take = async () => {
    if (trial === null) return;
    try {
      await api.review.importNotes({ params, body: { fileId: trial.fileId } });
      setTrial(null);
      await forget('production');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <div className="stack">
      <h2>{t('markers')}</h2>
      <ul className="side-links">
        {MARKER_FORMAT_NAMES.map((format) => (
          <li key={format}>
            <a
              className="room-button"
              download
              href={addressOf(contract.review.exportNotes, { params, query: { format } })}
            >
              <Icon name="download" />
              {t(`formats.${format}`)}
            </a>
          </li>
        ))}
        <li>
          <a
            className="room-button"
            download
            href={addressOf(contract.review.noteSheet, { params })}
          >
            <Icon name="print" />
            {t('sheet')}
          </a>
        </li>
      </ul>
      {can('production.review') ? (
        <FilePicker busy={busy} label={t('takeMarkers')} onChoose={(file) => void look(file)} />
      ) : null}
      {trial === null ? null : (
        <div className="stack" role="status">
          <p>{t('trial', { added: trial.answer.added, known: trial.answer.known })}</p>
          <ol>
            {trial.answer.rows.slice(0, 20).map((each, index) => (
              <li key={index} className="note">
                <p>{each.text}</p>
                <small>
                  {each.author} · {each.frame}
                </small>
              </li>
            ))}
          </ol>
          <Findings findings={trial.answer.findings} />
          <button
            type="button"
            className="button"
            disabled={trial.answer.added === 0}
            onClick={() => void take()}
          >
            {t('takeThese')}
          </button>
        </div>
      )}
      <ProblemNote fault={fault} />
    </div>
  );
}

/** Links for people outside: made here, shown once, watched and revoked. */
export function Share({ asset }: { asset: Asset }) {
  const { t } = useTranslation('review');
  const format = useFormat();
  const { can } = useSession();
  const links = useQuery(ask('review', 'links', { query: { filmId: asset.filmId } }));
  const [made, setMade] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const rows = (links.data?.rows ?? []).filter((each) => each.assetId === asset.id);
  return (
    <div className="stack">
      <h2>{t('share')}</h2>
      {can('production.write') ? (
        <NewLink assetId={asset.id} onMade={setMade} onFault={setFault} />
      ) : null}
      {made === null ? null : (
        <div className="stack" role="status">
          <p>{t('linkOnce')}</p>
          <input
            className="input mono"
            readOnly
            value={made}
            aria-label={t('address')}
            onFocus={(event) => event.currentTarget.select()}
          />
          <button
            type="button"
            className="button"
            onClick={() => void navigator.clipboard.writeText(made)}
          >
            {t('copy')}
          </button>
        </div>
      )}
      <ProblemNote fault={fault ?? links.error} />
      <ol>
        {rows.map((each) => (
          <li key={each.id} className={each.state === 'open' ? 'note' : 'note note-done'}>
            <p>{each.label}</p>
            <small>
              {t(`linkStates.${each.state}`)} · {format.moment(each.expiresAt)}
              {' · '}
              {t('viewers', { count: each.viewers, most: each.viewersMax })}
              {each.hasPassword ? ` · ${t('password')}` : ''}
              {each.watermark ? ` · ${t('watermark')}` : ''}
            </small>
            <Viewers linkId={each.id} count={each.viewers} />
            {each.state === 'open' && can('production.write') ? (
              <button
                type="button"
                className="room-button"
                onClick={() =>
                  void api.review
                    .revokeLink({ params: { id: each.id } })
                    .then(() => forget('review'))
                    .catch(setFault)
                }
              >
                {t('revoke')}
              </button>
            ) : null}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Viewers({ linkId, count }: { linkId: string; count: number }) {
  const { t } = useTranslation('review');
  const [open, setOpen] = useState(false);
  const viewers = useQuery({
    ...ask('review', 'linkViewers', { params: { id: linkId } }),
    enabled: open,
  });
  if (count === 0) return null;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('whoWatched')}</summary>
      <ul>
        {(viewers.data?.rows ?? []).map((each) => (
          <li key={each.id}>
            {each.name} <span className="mono">{each.code}</span> · {each.views}
          </li>
        ))}
      </ul>
    </details>
  );
}

const HOURS = [24, 72, 168, 720] as const;

function NewLink({
  assetId,
  onMade,
  onFault,
}: {
  assetId: string;
  onMade: (address: string) => void;
  onFault: (fault: unknown) => void;
}) {
  const { t } = useTranslation('review');
  const [label, setLabel] = useState('');
  const [password, setPassword] = useState('');
  const [hours, setHours] = useState<number>(HOURS[2]);
  const [flags, setFlags] = useState({ watermark: true, comment: true, download: false });
  const make = async () => {
    try {
      const { address } = await api.review.createLink({
        body: {
          assetId,
          label,
          hours,
          ...flags,
          ...(password === '' ? {} : { password }),
        },
      });
      onMade(address);
      onFault(null);
      setLabel('');
      setPassword('');
      await forget('review');
    } catch (caught) {
      onFault(caught);
    }
  };
  return (
    <form
      className="note-new"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <label htmlFor="link-label">{t('linkFor')}</label>
      <input
        id="link-label"
        className="input"
        required
        maxLength={200}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <label htmlFor="link-password">{t('linkPassword')}</label>
      <input
        id="link-password"
        className="input"
        type="text"
        autoComplete="off"
        minLength={8}
        maxLength={200}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <label htmlFor="link-hours">{t('linkHours')}</label>
      <select
        id="link-hours"
        className="input"
        value={hours}
        onChange={(event) => setHours(Number(event.target.value))}
      >
        {HOURS.map((each) => (
          <option key={each} value={each}>
            {t('days', { count: each / 24 })}
          </option>
        ))}
      </select>
      {(['watermark', 'comment', 'download'] as const).map((each) => (
        <label key={each} className="tools-check">
          <input
            type="checkbox"
            checked={flags[each]}
            onChange={(event) => setFlags({ ...flags, [each]: event.target.checked })}
          />
          {t(`flags.${each}`)}
        </label>
      ))}
      <button className="button">{t('makeLink')}</button>
    </form>
  );
}
