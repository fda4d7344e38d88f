import type Stripe from 'stripe';
import { APP, METADATA } from '../plans/metadata.js';
import { findOurs, type PortalConfiguration } from './portal-configuration.js';

/** The active configuration that pushes have made; null for none. Products are only told where they are asked for. */
export async function readPortal(
  stripe: Stripe,
  configured: readonly string[],
): Promise<Stripe.BillingPortal.Configuration | null> {
  const every: Stripe.BillingPortal.Configuration[] = [];
  for await (const one of stripe.billingPortal.configurations.list({ active: true, limit: 100 })) every.push(one);
  const ours = findOurs(every, configured);
  const expand = ['features.subscription_update.products'];
  return ours && stripe.billingPortal.configurations.retrieve(ours.id, { expand });
}

/** Makes the configuration, or brings the one that is there to what is wanted. Answers its id. */
export async function pushPortal(stripe: Stripe, wanted: PortalConfiguration, held: string | null): Promise<string> {
  const params = paramsOf(wanted);
  if (held !== null) return (await stripe.billingPortal.configurations.update(held, params)).id;
  const metadata = { [METADATA.app]: APP };
  return (await stripe.billingPortal.configurations.create({ ...params, metadata })).id;
}

function paramsOf({
  default_return_url,
  features,
}: PortalConfiguration): Stripe.BillingPortal.ConfigurationCreateParams {
  const { subscription_update: update } = features;
  return {
    ...(default_return_url !== null && { default_return_url }),
    features: {
      ...features,
      subscription_cancel: {
        ...features.subscription_cancel,
        cancellation_reason: {
          enabled: true,
          options: features.subscription_cancel.cancellation_reason
            .options as Stripe.BillingPortal.ConfigurationCreateParams.Features.SubscriptionCancel.CancellationReason.Option[],
        },
      },
      subscription_update: update.enabled
        ? {
            ...update,
            products: update.products.map(({ adjustable_quantity: quantity, ...product }) => ({
              ...product,
              adjustable_quantity: quantity.enabled
                ? {
                    enabled: true,
                    minimum: quantity.minimum,
                    ...(quantity.maximum !== null && { maximum: quantity.maximum }),
                  }
                : { enabled: false },
            })),
          }
        : update,
    },
  };
}
