import { useQuery } from '@tanstack/react-query';
import { contract, type ResultOf } from '@yinglian/contract';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { fillText, useFindingTexts, wordingOf } from '../kernel/parts/findings.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { ListSheet } from '../kernel/parts/list-sheet.tsx';
import { Empty, Page, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import './release.css';

type Board = ResultOf<typeof contract.shows.board>;
type Show = Board['rows'][number];
type Light = Show['worst'];

const LIGHTS: readonly Light[] = ['red', 'amber', 'green'];
const ICONS = { red: 'cross', amber: 'warning', green: 'check' } as const;
const HOURS = [12, 24, 72, 168] as const;
/** A cinema manager leaves the board open: it looks again by itself. */
const LOOK_AGAIN_MS = 30_000;

/** What will not start, first; made for the telephone of whoever opens the house in an hour. */
export function BoardPage() {
  const { t } = useTranslation('release');
  const kernel = useTranslation('kernel').t;
  const filmId = useFilmId();
  const [worst, setWorst] = useState<Light>();
  const [hours, setHours] = useState<number>(72);
  const board = useQuery({
    ...ask('shows', 'board', {
      query: { hours, limit: 200, ...(worst === undefined ? {} : { worst }),
        ...(filmId === undefined ? {} : { filmId }) },
    }),
    refetchInterval: LOOK_AGAIN_MS,
    placeholderData: (before) => before,
  });
  return (
    <Page wide title={kernel('page.board')} lead={t('boardLead')} actions={<>
      <ListSheet of={contract.shows.board} query={{ hours, worst, filmId }} />
      <Select aria-label={t('hours')} value={hours} onChange={setHours}
        popupMatchSelectWidth={false}
        options={HOURS.map((value) => ({ value, label: t('hoursOf', { count: value }) }))} />
    </>}>
      {board.isPending ? <Waiting /> : null}
      <ProblemNote fault={board.error} again={() => void board.refetch()} />
      {board.data === undefined ? null : (
        <>
          <Counts board={board.data} worst={worst} onWorst={setWorst} />
          {board.data.rows.length === 0
            ? <Empty title={t('boardNone')}>{t('boardNoneText')}</Empty>
            : (
              <ul className="shows">
                {board.data.rows.map((show) => <ShowCard key={show.id} show={show} />)}
              </ul>
            )}
        </>
      )}
    </Page>
  );
}

function Counts({ board, worst, onWorst }: {
  board: Board; worst: Light | undefined; onWorst: (light: Light | undefined) => void;
}) {
  const { t } = useTranslation('release');
  const format = useFormat();
  return (
    <div className="board-counts">
      {LIGHTS.map((light) => (
        <button key={light} type="button" className={`board-count board-count-${light}`}
          aria-pressed={worst === light}
          onClick={() => onWorst(worst === light ? undefined : light)}>
          <strong>{format.number(board[light])}</strong>
          <span>{t(`light.${light}`)}</span>
        </button>
      ))}
    </div>
  );
}

function ShowCard({ show }: { show: Show }) {
  const { t } = useTranslation('release');
  const texts = useFindingTexts();
  const format = useFormat();
  const { can } = useSession();
  const [fault, setFault] = useState<unknown>(null);
  const [note, setNote] = useState('');
  const mayAsk = show.mine && can('exhibition.report');
  const [day, clock] = show.localStart.split('T') as [string, string];
  const help = async () => {
    try {
      await api.shows.help({ params: { id: show.id }, body: note === '' ? {} : { note } });
      setFault(null);
      await forget('shows', 'help');
    } catch (caught) {
      setFault(caught);
    }
  };
  // Another house's film: nothing is known of it here, and no light says so.
  const isJudged = show.findings.every((each) => each.code !== 'unjudged_show');
  return (
    <li className={`show show-${isJudged ? show.worst : 'unjudged'}`}>
      <div className="show-time">{clock}<small>{format.date(day)}</small></div>
      <div className="show-main">
        <h3>{show.filmTitle}</h3>
        <p>{show.cinemaName} · {show.screenName}</p>
        <div className="show-lights">
          {isJudged ? null : (
            <span className="light light-unjudged">
              <Icon name="film" size={14} />{t('light.unjudged')}
            </span>
          )}
          {(isJudged ? (['package', 'key', 'window'] as const) : []).map((part) => (
            <span key={part} className={`light light-${show[part]}`}>
              <Icon name={ICONS[show[part]]} size={14} />{t(part)}
              <span className="sr-only">: {t(`light.${show[part]}`)}</span>
            </span>
          ))}
        </div>
        {show.findings.map((finding) => {
          const [text, remedy] = wordingOf(finding, texts) ?? [finding.code];
          return (
            <p key={finding.code} className="show-why">
              {fillText(text, finding)}
              {remedy === undefined ? '' : ` — ${fillText(remedy, finding)}`}
            </p>
          );
        })}
        {show.helpAnswer === null ? null : (
          <p className="show-why"><strong>{t('helpAnswer')}</strong> {show.helpAnswer}</p>
        )}
        {show.worst === 'green' || show.helpAskedAt !== null || !mayAsk ? null : (
          <details>
            <summary>{t('helpNote')}</summary>
            <input className="input" maxLength={500} value={note} aria-label={t('helpNote')}
              onChange={(event) => setNote(event.target.value)} />
          </details>
        )}
        <ProblemNote fault={fault} />
      </div>
      {show.worst === 'green' || !mayAsk ? null : (
        <button type="button" className="button" disabled={show.helpAskedAt !== null}
          onClick={() => void help()}>
          {show.helpAskedAt === null ? t('help') : t('helpAsked')}
        </button>
      )}
    </li>
  );
}
