import { createEvent, tenant } from '../backlog.js';
import { sign } from '../deliveries.js';
import { fire, percentiles } from '../load.js';
import { gather } from '../sockets.js';
import type { Row } from '../stage.js';

const STRIPE_TAKES_MS = 20;
const CHANGES = 60;
const WATCH =
  'subscription { accountUpdated { kind revision account { subscription { status cancellation { effectiveAt } } } } }';

export const live: Row = {
  name: 'live',
  meaning: 'from the webhook to the message at a socket, while Stripe takes 20 ms to answer',
  async measure({ gateway, port, stripe, ids, authorization, tell }) {
    await gateway.ask('accounts', 1);
    const socket = await gather(`ws://127.0.0.1:${port}/graphql`, 1, WATCH, () => authorization(tenant(0)));
    await socket.started();
    const change = async () => {
      const heard = socket.next();
      await fire({ port, connections: 1, shots: 1, shot: () => sign(createEvent(0, ids, Date.now())) });
      return (await heard).last;
    };
    await change();
    await stripe.ask('delay', STRIPE_TAKES_MS);
    const took: number[] = [];
    for (let n = 0; n < CHANGES; n++) {
      if (n % 20 === 0) tell(`webhook to push, ${n} of ${CHANGES}`);
      took.push(await change());
    }
    await stripe.ask('delay', 0);
    socket.leave();
    const { p50, p99 } = percentiles(took);
    return [
      {
        what: 'webhook to message at the socket',
        load: `${CHANGES} changes`,
        ours: { figure: '', p50, p99 },
        baseline: "Stripe's 20 ms",
        goal: 'p50 <= 60, p99 <= 200',
      },
      {
        what: 'the same without the fetch',
        load: `${CHANGES} changes`,
        ours: { figure: '', p50: p50 - STRIPE_TAKES_MS, p99: p99 - STRIPE_TAKES_MS },
        baseline: '',
        goal: 'p50 <= 10',
      },
    ];
  },
};
