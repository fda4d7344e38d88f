import type { Account } from '../account.js';
import { parameterMissing } from '../http/errors.js';
import { choice, integer, list, record, text, url, type Values } from '../http/parameters.js';
import { route } from '../http/route.js';
import type { Tables } from '../store/tables.js';
import { findNamed } from './find.js';
import { defaultConfiguration } from './portal-configurations.js';

const ofSubscription = record({ subscription: text().required() });

const creating = {
  configuration: text(),
  customer: text().required(),
  flow_data: record({
    after_completion: record({
      hosted_confirmation: record({ custom_message: text() }),
      redirect: record({ return_url: url().required() }),
      type: choice('hosted_confirmation', 'portal_homepage', 'redirect').required(),
    }),
    subscription_cancel: ofSubscription,
    subscription_pause: ofSubscription,
    subscription_update: ofSubscription,
    subscription_update_confirm: record({
      discounts: list(record({ coupon: text(), promotion_code: text() }), 1),
      items: list(record({ id: text().required(), price: text(), quantity: integer(0) }), 1).required(),
      subscription: text().required(),
    }),
    type: choice(
      'customer_update',
      'payment_method_update',
      'subscription_cancel',
      'subscription_pause',
      'subscription_update',
      'subscription_update_confirm',
    ).required(),
  }),
  locale: text(10),
  return_url: url(),
};
type NewSession = Values<typeof creating>;

function flowOf(
  account: Account,
  flow: NonNullable<NewSession['flow_data']>,
): Tables['billing_portal.session']['flow'] {
  const data = flow.type === 'customer_update' || flow.type === 'payment_method_update' ? null : flow[flow.type];
  if (data === undefined) throw parameterMissing(`flow_data[${flow.type}]`);
  if (data) findNamed(account, 'subscription', data.subscription, `flow_data[${flow.type}][subscription]`);
  const after = flow.after_completion;
  return {
    after_completion: {
      hosted_confirmation: after?.hosted_confirmation
        ? { custom_message: after.hosted_confirmation.custom_message ?? null }
        : null,
      redirect: after?.redirect ?? null,
      type: after?.type ?? 'portal_homepage',
    },
    customer_update: flow.type === 'customer_update' ? {} : null,
    subscription_cancel: flow.subscription_cancel ? { retention: null, ...flow.subscription_cancel } : null,
    subscription_pause: flow.subscription_pause ?? null,
    subscription_update: flow.subscription_update ?? null,
    subscription_update_confirm: flow.subscription_update_confirm
      ? {
          discounts: (flow.subscription_update_confirm.discounts ?? []).map(
            ({ coupon = null, promotion_code = null }) => ({ coupon, promotion_code }),
          ),
          items: flow.subscription_update_confirm.items.map(({ id, price = null, quantity }) => ({
            id,
            price,
            ...(quantity === undefined ? {} : { quantity }),
          })),
          subscription: flow.subscription_update_confirm.subscription,
        }
      : null,
    type: flow.type,
  };
}

export const portalSessionRoutes = [
  route('POST', '/v1/billing_portal/sessions', creating, ({ account, params }) => {
    const customer = findNamed(account, 'customer', params.customer, 'customer');
    const configuration = params.configuration
      ? findNamed(account, 'billing_portal.configuration', params.configuration, 'configuration')
      : defaultConfiguration(account);
    const id = account.newId('bps');
    return account.create(
      'billing_portal.session',
      {
        id,
        object: 'billing_portal.session',
        after_expiration: null,
        configuration: configuration.id,
        created: account.now(customer.id),
        customer: customer.id,
        customer_account: null,
        flow: params.flow_data ? flowOf(account, params.flow_data) : null,
        livemode: false,
        locale: (params.locale ?? null) as null,
        on_behalf_of: null,
        return_url: params.return_url ?? configuration.default_return_url,
        url: `${account.url}/p/session/${id}`,
      },
      'billing_portal.session.created',
    );
  }),
];
