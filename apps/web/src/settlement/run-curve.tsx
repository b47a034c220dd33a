import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';

type Day = { date: string; grossFen: string; admissions: number; totalFen: string };

const WIDTH = 960;
const HEIGHT = 280;
const LEFT = 8;
const BOTTOM = 28;
const TOP = 24;
const BAR_MOST = 40;
const DAY_MS = 86_400_000;
/** A drawing is as exact as a pixel; the table beside it is exact to the fen. */
const PARTS = 1_000_000n;

/** Bars for each day, and a line for the total so far, each to its own height. */
export function RunCurve({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation('settlement');
  const format = useFormat();
  const first = Date.parse(days[0]?.date ?? '');
  const span = Math.round((Date.parse(days.at(-1)?.date ?? '') - first) / DAY_MS) + 1;
  const step = (WIDTH - 2 * LEFT) / span;
  const peak = days.reduce((best, each) =>
    (BigInt(each.grossFen) > BigInt(best.grossFen) ? each : best));
  const most = positive(peak.grossFen);
  const whole = days.reduce((best, each) => {
    const total = positive(each.totalFen);
    return total > best ? total : best;
  }, 1n);
  const room = HEIGHT - BOTTOM - TOP;
  const placed = days.map((each) => {
    const x = LEFT + (Math.round((Date.parse(each.date) - first) / DAY_MS) + 0.5) * step;
    return { each, x, bar: part(each.grossFen, most) * room,
      y: HEIGHT - BOTTOM - part(each.totalFen, whole) * room };
  });
  const width = Math.max(1, Math.min(BAR_MOST, step * 0.7));
  const last = days.at(-1)!;
  return (
    <figure className="flow" tabIndex={0} aria-label={t('money.curve')}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t('money.curve')}>
        <line x1={LEFT} x2={WIDTH - LEFT} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM}
          stroke="var(--line-strong)" />
        {placed.map(({ each, x, bar }) => (
          <rect key={each.date} x={x - width / 2} y={HEIGHT - BOTTOM - bar} width={width}
            height={bar} fill="var(--teal)" opacity="0.55" />
        ))}
        <polyline points={placed.map(({ x, y }) => `${x},${y}`).join(' ')} fill="none"
          stroke="var(--lamp)" strokeWidth="2.5" />
        <text x={LEFT} y={HEIGHT - 8} className="flow-role">{format.date(days[0]!.date)}</text>
        <text x={WIDTH - LEFT} y={HEIGHT - 8} textAnchor="end" className="flow-role">
          {format.date(last.date)}
        </text>
      </svg>
      <figcaption>
        <span className="curve-key curve-daily">{t('money.daily')}</span>
        {' '}{t('money.peak', { day: format.date(peak.date),
          amount: format.money(peak.grossFen) })}{' · '}
        <span className="curve-key curve-total">{t('money.total')}</span>
        {' '}<strong>{format.money(last.totalFen)}</strong>
      </figcaption>
      <table className="sr-only">
        <caption>{t('money.curve')}</caption>
        <tbody>
          {days.map((each) => (
            <tr key={each.date}>
              <th scope="row">{format.date(each.date)}</th>
              <td>{format.money(each.grossFen)}</td>
              <td>{format.money(each.totalFen)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

function positive(fen: string): bigint {
  const value = BigInt(fen);
  return value > 0n ? value : 1n;
}

function part(fen: string, most: bigint): number {
  const value = BigInt(fen);
  return value <= 0n ? 0 : Number((value * PARTS) / most) / Number(PARTS);
}
