import type { IncomingMessage, ServerResponse } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import type { Config } from '../config.js';
import type { MetricsRegistry } from '../operations/metrics.js';
import { send, sendText } from './answer.js';

const neighbours = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  neighbours.addSubnet(network, bits, 'ipv4');
neighbours.addAddress('::1', 'ipv6');
neighbours.addSubnet('fc00::', 7, 'ipv6');
neighbours.addSubnet('fe80::', 10, 'ipv6');

/** `GET /metrics`; undefined where the settings have it off. */
export function createMetricsRoute(metrics: MetricsRegistry, readers: Config['metrics']) {
  if (readers === 'off') return undefined;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (readers === 'private' && !isNeighbour(request))
      return sendText(
        response,
        403,
        'METRICS=private: only private networks may read this, and not through a proxy.\n',
      );
    send(response, { status: 200, contentType: metrics.contentType, body: await metrics.render() });
  };
}

/** Whoever a proxy speaks for may be anybody. */
function isNeighbour({ headers, socket: { remoteAddress = '' } }: IncomingMessage): boolean {
  if (headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined) return false;
  const address = remoteAddress.replace(/^::ffff:/, '');
  return neighbours.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
