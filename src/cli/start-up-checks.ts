import { relative } from 'node:path';
import { WebSocket } from 'ws';
import { DEVELOPMENT_JWT_SECRET } from '../config.js';
import type { Config } from '../config.js';
import type { Gateway } from '../gateway.js';
import type { Check } from '../operations/checks.js';
import { sandboxStateFile } from './reset-data.js';

const PATIENCE_MS = 5_000;
const LIVE_UPDATES = 'live updates';

/** The gateway's own checks, with what only its start knows: the settings, the sandbox, and a socket opened from outside. */
export async function checkStartUp(config: Config, gateway: Gateway, sandboxUrl: string | undefined): Promise<Check[]> {
  const [database, ...others] = (await gateway.checks()).filter(({ name }) => name !== LIVE_UPDATES);
  const sandbox = sandboxUrl ? [checkSandbox(config, sandboxUrl)] : [];
  const live = await checkLiveUpdates(config, gateway.port);
  return [checkSettings(config), ...(database ? [database] : []), ...sandbox, ...others, live];
}

function checkSettings({ production, auth }: Config): Check {
  if (production) return { name: 'settings', detail: 'production' };
  const unsafe = auth.jwtSecret === DEVELOPMENT_JWT_SECRET ? ', with a token secret that is only safe on a laptop' : '';
  return { name: 'settings', detail: `development${unsafe}` };
}

function checkSandbox({ databaseUrl }: Config, url: string): Check {
  return { name: 'sandbox', detail: `${url}, its state in ${relative(process.cwd(), sandboxStateFile(databaseUrl))}` };
}

/** Opens a socket as a client would, on this machine, whatever PUBLIC_URL says. */
function checkLiveUpdates({ host }: Config, port: number): Promise<Check> {
  const local = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const url = `ws://${local.includes(':') ? `[${local}]` : local}:${port}/graphql`;
  return new Promise((resolve) => {
    const fail = (problem: string) => resolve({ name: LIVE_UPDATES, detail: '', problem });
    const socket = new WebSocket(url, 'graphql-transport-ws', { handshakeTimeout: PATIENCE_MS });
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('error', (error) => fail(`the socket at ${url} does not answer: ${error.message}`));
    socket.on('close', (code) => fail(`the socket at ${url} was closed with ${code}`));
    socket.on('message', () => {
      resolve({ name: LIVE_UPDATES, detail: `a socket at ${url} was accepted` });
      socket.close();
    });
  });
}
