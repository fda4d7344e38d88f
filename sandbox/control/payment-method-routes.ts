import { ControlError, json, type ControlRoute } from './control.js';

export const paymentMethodRoutes: ControlRoute[] = [
  {
    // What a card network does when it issues a card anew: the stored method goes on with other numbers.
    method: 'POST',
    path: /^\/_sandbox\/payment_methods\/([^/]+)\/automatically_update$/,
    handle({ controls: { account }, ids, body }) {
      const method = account.store.get('payment_method', ids[0] ?? '');
      if (!method?.card) throw new ControlError(`There is no card '${ids[0]}'.`, 404);
      const {
        exp_month = method.card.exp_month,
        exp_year = method.card.exp_year + 4,
        last4 = method.card.last4,
      } = body;
      if (!Number.isInteger(exp_month) || !Number.isInteger(exp_year) || typeof last4 !== 'string') {
        throw new ControlError('Send {"exp_month": 12, "exp_year": 2040, "last4": "4242"}, any of them.');
      }
      const before = { exp_month: method.card.exp_month, exp_year: method.card.exp_year, last4: method.card.last4 };
      const card = { ...method.card, exp_month: Number(exp_month), exp_year: Number(exp_year), last4 };
      return account.store.transaction(() => {
        const updated = account.update('payment_method', method.id, { card });
        account.emit('payment_method.automatically_updated', updated, { card: before });
        return json(updated);
      });
    },
  },
];
