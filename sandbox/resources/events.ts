import type { Account } from '../account.js';
import { parameterInvalid } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { inRange, list, range, text, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { EventRow } from '../store/tables.js';
import { find } from './find.js';

const KEPT = 30 * 86_400;

function delivered(account: Account, event: EventRow): boolean {
  return account.store
    .where('delivery', 'event', event.id)
    .every(({ status }) => status === 'delivered' || status === 'stopped');
}

function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

export const eventRoutes = [
  route(
    'GET',
    '/v1/events',
    { ...paging, created: range(), delivery_success: yesNo(), type: text(), types: list(text(), 20) },
    ({ account, params }) => {
      if (params.type !== undefined && params.types !== undefined)
        throw parameterInvalid('types', 'You may only specify one of these parameters: type, types.');
      const horizon = account.now() - KEPT;
      return page(
        '/v1/events',
        account.store.all('event'),
        params,
        (event) =>
          event.created >= horizon &&
          (params.type === undefined || matches(params.type, event.type)) &&
          (params.types === undefined || params.types.includes(event.type)) &&
          (params.delivery_success === undefined || delivered(account, event) === params.delivery_success) &&
          inRange(event.created, params.created),
      );
    },
  ),
  route('GET', '/v1/events/:id', {}, ({ account, id }) => find(account, 'event', id)),
];
