import { consoleScript, daysAsDuration } from '../pages/console.js';
import { seeOther } from '../pages/layout.js';
import { behaviorOf } from '../delivery/misbehave.js';
import { advanceClock } from './clock-routes.js';
import type { ControlRoute } from './control.js';
import { faultFrom } from './fault-routes.js';

/** What the forms of the page at `/` send; each leads back to it. */
export const consoleRoutes: ControlRoute[] = [
  {
    method: 'GET',
    path: /^\/_sandbox\/console\.js$/,
    handle: () => ({ status: 200, headers: { 'content-type': 'text/javascript' }, body: consoleScript }),
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/console\/advance$/,
    async handle({ controls, body }) {
      await advanceClock(controls, { by: body['by'] ?? daysAsDuration(String(body['days'])) });
      return seeOther('/');
    },
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/console\/faults$/,
    handle({ controls: { account }, body }) {
      account.store.transaction(() =>
        account.store.put(
          'fault',
          faultFrom({ ...body, times: Number(body['times'] ?? 1) }, account.newId('fault', 8)),
        ),
      );
      return seeOther('/');
    },
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/console\/faults\/clear$/,
    handle({ controls: { account } }) {
      account.store.transaction(() => {
        for (const { id } of account.store.all('fault')) account.store.remove('fault', id);
      });
      return seeOther('/');
    },
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/console\/delivery$/,
    handle({ controls: { account, deliverer }, body }) {
      const share = (key: string): number => Math.min(1, Math.max(0, Number(body[key]) || 0));
      const behavior = {
        ...behaviorOf(account.store),
        duplicate: share('duplicate'),
        drop: share('drop'),
        delay: share('delay'),
        reorder: share('reorder'),
        hold: body['hold'] === 'true',
        dead: Object.keys(body).flatMap((key) => /^dead (.+)$/.exec(key)?.[1] ?? []),
      };
      account.store.transaction(() => account.store.put('delivery_behavior', behavior));
      deliverer.resume();
      return seeOther('/');
    },
  },
];
