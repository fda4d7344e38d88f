import { faultKinds, type FaultRow } from '../store/tables.js';
import { ControlError, json, type ControlRoute } from './control.js';

export function faultFrom(body: Record<string, unknown>, id: string): FaultRow {
  const kind = faultKinds.find((one) => one === body['kind']);
  if (!kind)
    throw new ControlError(
      `A fault needs a kind: one of ${faultKinds.join(', ')} (found ${JSON.stringify(body['kind'])}).`,
    );
  const number = (key: string, otherwise: number): number => {
    const given = body[key] ?? otherwise;
    if (typeof given !== 'number' || given < 0)
      throw new ControlError(`'${key}' must be a number of at least 0 (found ${JSON.stringify(given)}).`);
    return given;
  };
  const probability = number('probability', 1);
  const endless = body['times'] === null || (body['times'] === undefined && probability < 1);
  return {
    id,
    kind,
    path: typeof body['path'] === 'string' ? body['path'] : '/v1/*',
    method: typeof body['method'] === 'string' ? body['method'].toUpperCase() : null,
    times: endless ? null : Math.max(1, number('times', 1)),
    probability,
    delay_ms: number('delay_ms', 2000),
  };
}

/** `{kind, path, method, times, probability, delay_ms}`, or `{faults: [...]}` for several. */
export const faultRoutes: ControlRoute[] = [
  {
    method: 'GET',
    path: /^\/_sandbox\/faults$/,
    handle: ({ controls: { account } }) => json({ faults: account.store.all('fault') }),
  },
  {
    method: 'POST',
    path: /^\/_sandbox\/faults$/,
    handle({ controls: { account }, body }) {
      const given = Array.isArray(body['faults']) ? (body['faults'] as Record<string, unknown>[]) : [body];
      return account.store.transaction(() => {
        for (const one of given) account.store.put('fault', faultFrom(one, account.newId('fault', 8)));
        return json({ faults: account.store.all('fault') });
      });
    },
  },
  {
    method: 'DELETE',
    path: /^\/_sandbox\/faults$/,
    handle({ controls: { account } }) {
      account.store.transaction(() => {
        for (const { id } of account.store.all('fault')) account.store.remove('fault', id);
      });
      return json({ faults: [] });
    },
  },
];
