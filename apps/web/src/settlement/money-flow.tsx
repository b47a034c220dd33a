import { allocate, formatYuan } from '@yinglian/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';

type Party = {
  party: string; role: string; amountFen: string;
  name?: { zh: string; en: string } | undefined;
};

const WIDTH = 960;
const BAND = 300;
const GAP = 14;
const ROW_MIN = 46;
/** 100 yuan in fen: what is shared out among the parties to show their part. */
const HUNDRED_YUAN = 10_000n;
const COLOURS = ['var(--teal)', 'var(--lamp)', 'var(--green)', 'var(--line-strong)'];

/** Where 100 yuan of the box office went: one stream that divides, as wide as the money. */
export function MoneyFlow({ grossFen, parties, of = 'gross' }: {
  grossFen: string; parties: readonly Party[]; of?: 'gross' | 'income';
}) {
  const { t, i18n } = useTranslation('settlement');
  const format = useFormat();
  const nameOf = ({ name, party }: Party) =>
    name?.[i18n.language === 'en' ? 'en' : 'zh'] ?? party;
  const gross = BigInt(grossFen);
  const shown = [...parties].filter((each) => BigInt(each.amountFen) > 0n)
    .sort((a, b) => (BigInt(b.amountFen) > BigInt(a.amountFen) ? 1 : -1));
  const total = shown.reduce((sum, each) => sum + BigInt(each.amountFen), 0n);
  if (gross <= 0n || total <= 0n) return null;
  const hundredths = allocate(HUNDRED_YUAN, shown.map((each) => BigInt(each.amountFen)));
  const streams = placed(shown, total);
  const height = Math.max(streams.at(-1)?.bottom ?? 0, BAND + 40) + 10;
  const top = (height - BAND) / 2;
  return (
    <figure className="flow" tabIndex={0} aria-label={t(`flow.title_${of}`)}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={t(`flow.label_${of}`)}>
        <rect x="0" y={top} width="14" height={BAND} rx="4" fill="var(--ink)" />
        <text x="26" y={top - 12} className="flow-gross">
          {t(`flow.${of}`)} {format.money(gross)}
        </text>
        {streams.map((each, index) => (
          <g key={index}>
            <path className="flow-stream" fill={COLOURS[index % COLOURS.length]}
              d={ribbon(top + each.from, each.thickness, each.top)} />
            <rect x="560" y={each.top} width="8" height={Math.max(2, each.thickness)}
              fill={COLOURS[index % COLOURS.length]} />
            <text x="582" y={each.top + each.thickness / 2 + 1} className="flow-party">
              {nameOf(each.party)}
            </text>
            <text x="582" y={each.top + each.thickness / 2 + 20} className="flow-role">
              {t(`role.${each.party.role}`, { defaultValue: each.party.role })}
              {' · '}{format.money(each.party.amountFen)}
            </text>
            <text x={WIDTH} y={each.top + each.thickness / 2 + 8} textAnchor="end"
              className="flow-part">
              {formatYuan(hundredths[index] ?? 0n)}
            </text>
          </g>
        ))}
      </svg>
      <figcaption>{t(`flow.caption_${of}`)}</figcaption>
      <table className="sr-only">
        <caption>{t(`flow.label_${of}`)}</caption>
        <tbody>
          {shown.map((each, index) => (
            <tr key={index}>
              <th scope="row">{nameOf(each)}</th>
              <td>{format.money(each.amountFen)}</td>
              <td>{formatYuan(hundredths[index] ?? 0n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

type Stream = {
  party: Party; from: number; thickness: number; top: number; bottom: number;
};

/** Streams leave the band in order, and spread so that each has room for its words. */
function placed(parties: readonly Party[], total: bigint): Stream[] {
  let from = 0;
  let top = 20;
  return parties.map((party) => {
    // A drawing is as exact as a pixel; the figures beside it are exact to the fen.
    const thickness = Number(BigInt(party.amountFen) * 1_000_000n / total) / 1_000_000 * BAND;
    const room = Math.max(thickness, ROW_MIN);
    const stream = { party, from, thickness, top: top + (room - thickness) / 2,
      bottom: top + room };
    from += thickness;
    top += room + GAP;
    return stream;
  });
}

function ribbon(y: number, thickness: number, target: number): string {
  const end = 560;
  const bend = 280;
  return `M14 ${y}C${bend} ${y} ${bend} ${target} ${end} ${target}`
    + `V${target + thickness}C${bend} ${target + thickness} ${bend} ${y + thickness} 14 `
    + `${y + thickness}Z`;
}
