import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { StartFault } from '../start-fault.ts';
import { sendSpan, spanOf } from './file-body.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';

/** The port, taken before there is anything to serve; until then every answer is "not yet". */
export type Gate = {
  readonly port: number;
  serve(fetch: (request: Request, environment: object) => Response | Promise<Response>): void;
  close(): void;
};

/** How often sockets are looked at for requests that take too long. */
const LOOK_MS = 1000;

export function listen(
  port: number,
  host: string,
  limits: HttpLimits = HTTP_LIMITS,
): Promise<Gate> {
  let listener: ReturnType<typeof getRequestListener> | undefined;
  const server = createServer(
    {
      headersTimeout: limits.headWithinMs,
      // An upload of hours is no attack; its bytes have to keep coming, which `mount.ts` watches.
      requestTimeout: 0,
      connectionsCheckingInterval: LOOK_MS,
    },
    (request: IncomingMessage, response: ServerResponse) => {
      if (listener !== undefined) {
        void listener(request, response);
        return;
      }
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' });
      response.end('{"ready":false}');
    },
  );
  server.timeout = limits.idleMs;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new StartFault('taken_port', { port }, error) : error);
    });
    server.listen(port, host, () => {
      const bound = server.address();
      resolve({
        port: typeof bound === 'object' && bound !== null ? bound.port : port,
        serve: (fetch) =>
          void (listener = getRequestListener(async (request, environment) => {
            const response = await fetch(request, environment);
            const span = spanOf(response);
            if (span === undefined) return response;
            await sendSpan(response, span, environment.outgoing as ServerResponse);
            return RESPONSE_ALREADY_SENT;
          })),
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}
