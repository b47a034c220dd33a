import { addressOf, type EndpointShape } from '@yinglian/contract';
import { ExportMenu } from './export-menu.tsx';

/** A list of the API to take away: all of its pages, as far as the asker may see them. */
export function ListSheet({
  of,
  params = {},
  query = {},
}: {
  of: EndpointShape;
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
}) {
  return (
    <ExportMenu hrefOf={(sheet) => addressOf(of, { params, query: { ...query, sheet } })} />
  );
}
