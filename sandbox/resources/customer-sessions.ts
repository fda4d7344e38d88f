import type Stripe from 'stripe';
import { byKey, list, record, text, yesNo, either } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Wire } from '../wire.js';
import { findNamed } from './find.js';

const LIFETIME = 30 * 60;

const plain = record({ enabled: yesNo().required() });
const withFeatures = record({
  enabled: yesNo().required(),
  features: byKey(either(text(), list(text()), (raw) => typeof raw === 'string')),
});

const components = record({
  active_entitlements: plain,
  buy_button: plain,
  customer_portal: plain,
  customer_sheet: withFeatures,
  mobile_payment_element: withFeatures,
  payment_element: withFeatures,
  pricing_table: plain,
});

const off = { enabled: false };
const offWithFeatures = { enabled: false, features: null };

/** A secret with which a browser shows a customer's own parts of the page for half an hour. */
export const customerSessionRoutes = [
  route(
    'POST',
    '/v1/customer_sessions',
    { components: components.required(), customer: text().required() },
    ({ account, params }) => {
      const customer = findNamed(account, 'customer', params.customer, 'customer');
      const created = account.now(customer.id);
      const given = params.components as Partial<Wire<Stripe.CustomerSession.Components>>;
      return {
        object: 'customer_session',
        client_secret: `${account.newId('cuss_secret', 40)}`,
        components: {
          active_entitlements: off,
          buy_button: off,
          customer_portal: off,
          customer_sheet: offWithFeatures,
          mobile_payment_element: offWithFeatures,
          payment_element: offWithFeatures,
          pricing_table: off,
          ...given,
        },
        created,
        customer: customer.id,
        customer_account: null,
        expires_at: created + LIFETIME,
        livemode: false,
      } satisfies Wire<Stripe.CustomerSession>;
    },
  ),
];
