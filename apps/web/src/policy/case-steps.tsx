import { useFormat } from '../kernel/format.ts';
import './policy.css';

/** What happened on a day: what it was, and who did it. */
export type Happened = { readonly on: string; readonly what: string; readonly who: string };

/** Things that happened, one under the other; they are only ever added. */
export function CaseSteps({ rows }: { rows: readonly Happened[] }) {
  const format = useFormat();
  return (
    <ol className="case-steps">
      {rows.map((each, place) => (
        // What is only ever added is known by its place.
        <li key={`${place} ${each.what}`}>
          <span>{format.date(each.on)}</span>
          <strong>{each.what}</strong>
          <span>{each.who}</span>
        </li>
      ))}
    </ol>
  );
}

/** Names and words with a dot between them; what is empty is left out. */
export function joined(...parts: readonly string[]): string {
  return parts.filter((each) => each !== '').join(' · ');
}
