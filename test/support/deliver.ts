import { createHmac } from 'node:crypto';
import { Agent, type ClientRequest, request } from 'node:http';
import { systemWall } from '../../src/clock/system-clock.js';

export const DELIVERY_SECRET = 'whsec_deliveries';

/**
 * Why a request broke: `NOT_TAKEN` when the port was closed to it. That includes a new connection that was reset without
 * an answer, which is what the system does to those that wait in the queue of a port while it is closed.
 */
export const failureOf = (call: ClientRequest, { code, message }: NodeJS.ErrnoException): string =>
  code === 'ECONNREFUSED' || (code === 'ECONNRESET' && !call.reusedSocket) ? 'NOT_TAKEN' : (code ?? message);

/** Delivers signed events over kept connections. */
export interface Deliverer {
  /**
   * An event of a customer whom nobody knows, but for what differs, signed with its secret or with these. Answers the
   * status. Rejects when the connection breaks.
   */
  deliver(port: number, id: string, differs?: object, secrets?: readonly string[]): Promise<number>;
  close(): void;
}

export function createDeliverer(connections: number, secret = DELIVERY_SECRET): Deliverer {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    deliver(port, id, differs, secrets = [secret]) {
      const body = JSON.stringify({
        ...{ id, object: 'event', type: 'customer.updated', created: 1_800_000_000, livemode: false },
        data: { object: { id: 'cus_nobody', object: 'customer' } },
        ...differs,
      });
      const t = Math.floor(systemWall.now() / 1000);
      const signatures = secrets.map((one) => createHmac('sha256', one).update(`${t}.${body}`).digest('hex'));
      const signature = [`t=${t}`, ...signatures.map((v1) => `v1=${v1}`)].join();
      const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
      return new Promise((resolve, reject) => {
        const call = request(
          { host: '127.0.0.1', port, path: '/webhooks/stripe', method: 'POST', headers, agent },
          (answer) => {
            answer.resume();
            answer.once('end', () => resolve(answer.statusCode ?? 0));
          },
        );
        call.once('error', (error) => reject(new Error(failureOf(call, error), { cause: error })));
        call.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}
