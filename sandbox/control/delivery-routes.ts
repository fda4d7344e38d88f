import { targets, wants } from '../delivery/targets.js';
import { behaviorOf, planDeliveries } from '../delivery/misbehave.js';
import type { DeliveryBehavior } from '../store/tables.js';
import { ControlError, json, type ControlRoute } from './control.js';

const LIKELIHOODS = ['duplicate', 'drop', 'delay', 'reorder'];

function behaviorFrom(before: DeliveryBehavior, body: Record<string, unknown>): DeliveryBehavior {
  const after: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(body)) {
    if (!(key in before) || key === 'id')
      throw new ControlError(
        `Delivery has no switch '${key}'. It has ${Object.keys(before)
          .filter((one) => one !== 'id')
          .join(', ')}.`,
      );
    const held = after[key];
    const fits = Array.isArray(held)
      ? Array.isArray(value) && value.every((one) => typeof one === 'string')
      : typeof value === typeof held;
    if (fits && LIKELIHOODS.includes(key) && Number(value) > 1)
      throw new ControlError(`'${key}' is a likelihood from 0 to 1, so it cannot be ${JSON.stringify(value)}.`);
    if (!fits || (typeof value === 'number' && value < 0))
      throw new ControlError(`'${key}' cannot be ${JSON.stringify(value)}; it is ${JSON.stringify(held)} now.`);
    after[key] = value;
  }
  return after as unknown as DeliveryBehavior;
}

export const deliveryRoutes: ControlRoute[] = [
  {
    method: 'GET',
    path: /^\/_sandbox\/delivery$/,
    handle: ({ controls: { account } }) => json(behaviorOf(account.store)),
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/delivery$/,
    handle({ controls: { account, deliverer }, body }) {
      const behavior = behaviorFrom(behaviorOf(account.store), body);
      account.store.transaction(() => account.store.put('delivery_behavior', behavior));
      deliverer.resume();
      return json(behavior);
    },
  },
  {
    method: 'DELETE',
    path: /^\/_sandbox\/delivery$/,
    handle({ controls: { account, deliverer } }) {
      account.store.transaction(() => account.store.remove('delivery_behavior', 'delivery'));
      deliverer.resume();
      return json(behaviorOf(account.store));
    },
  },
  {
    // As the dashboard does: a new secret at once, the old one signing beside it for a while.
    method: 'POST',
    path: /^\/_sandbox\/webhook_endpoints\/([^/]+)\/roll_secret$/,
    handle({ controls: { account }, ids, body }) {
      const id = ids[0] ?? '';
      const held = account.store.get('endpoint_secret', id);
      if (!held) throw new ControlError(`There is no webhook endpoint '${id}'.`, 404);
      const hours = Number(body['old_secret_hours'] ?? 24);
      if (!(hours >= 0 && hours <= 24))
        throw new ControlError(
          `'old_secret_hours' is at least 0 and at most 24 (found ${JSON.stringify(body['old_secret_hours'])}).`,
        );
      const now = account.clock.wall.now();
      return account.store.transaction(() => {
        const secret = `whsec_${account.newWord(32)}`;
        const live = held.secrets.filter(({ expires_at }) => expires_at === null || expires_at > now);
        const old =
          hours === 0
            ? []
            : live.map((one) => ({
                ...one,
                expires_at: Math.min(one.expires_at ?? Infinity, now + hours * 3_600_000),
              }));
        account.store.put('endpoint_secret', { ...held, secrets: [{ secret, expires_at: null }, ...old] });
        return json({ id, secret, signing_secrets: old.length + 1 });
      });
    },
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/events\/([^/]+)\/resend$/,
    handle({ controls: { account, deliverer }, ids }) {
      const event = account.store.get('event', ids[0] ?? '');
      if (!event) throw new ControlError(`There is no event '${ids[0]}'.`, 404);
      account.store.transaction(() => {
        for (const target of targets(account.store).filter((one) => wants(one, event.type))) {
          const [row] = planDeliveries(account, event.id, target.id, null);
          if (row) account.store.put('delivery', { ...row, id: `${row.id} ${account.newWord(6)}` });
        }
      });
      deliverer.wake();
      return json({ resent: event.id });
    },
  },
];
